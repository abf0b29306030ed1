"""The bare FastAPI service of `bench/peers/`, with libraries of its own.

They lie in `.venv/peers`, which only a bench fills, and which the product never sees; nor does the
service see the product's: it runs without site-packages.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from bench.process import Process, free_port
from bench.rows import plain
from bench.stage import JWT_KEY, PEERS, WEB_WORKERS, Stage
from clinic.config import ROOT

LIBRARIES = ROOT / ".venv" / "peers"
REQUIREMENTS = PEERS / "requirements.txt"
READY = LIBRARIES / "installed.txt"
INSTALL_SECONDS = 300


class NoPeer(RuntimeError):
    """The service cannot be had here; the message says why."""


def install() -> None:
    """Have what the service needs, once for each set of pins. Raises NoPeer."""
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    if READY.exists() and READY.read_text() == wanted:
        return
    shutil.rmtree(LIBRARIES, ignore_errors=True)
    words = ["install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", *words, "--target", str(LIBRARIES)]
    done = _pip([*command, "--requirement", str(REQUIREMENTS)])
    if done.returncode:
        raise NoPeer(f"pip cannot install {REQUIREMENTS.relative_to(ROOT)}:\n{done.stderr[-1500:]}")
    READY.write_text(wanted)


def _pip(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise NoPeer(f"pip took longer than {INSTALL_SECONDS} s") from None


@contextlib.contextmanager
def service(on: Stage, database: str = "") -> Iterator[Process]:
    """It serves the tables of this stage, or those at `database`, as uvicorn does in production."""
    port = free_port()
    command = (
        *(sys.executable, "-S", "-m", "uvicorn", "fastapi_service:app"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(WEB_WORKERS)),
        *("--no-access-log", "--log-level", "warning"),
    )
    settings = {
        "PYTHONPATH": os.pathsep.join([str(LIBRARIES), str(PEERS)]),
        "BENCH_DATABASE": plain(database or on.database),
        "BENCH_JWT_KEY": JWT_KEY,
    }
    with Process(command, port, on.log, folder=PEERS, **settings) as peer:
        peer.wait_for_page("/")
        yield peer
