"""Start the product as a person does, and see what is left of it (on Linux, from /proc)."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

MARK = "CLINIC_TEST_MARK"
# What a developer's shell, or the tests themselves, may have set and a newcomer's has not.
OURS = (
    *("CLINIC_", "DATABASE_URL", "DEMO", "ENV", "FLASK_", "LOG_", "PORT", "REDIS_URL"),
    *("SECRET_KEY", "SERVER_", "COV_", "MAKE", "MFLAGS", "PROMETHEUS_", "PYTEST_", "PYTHON"),
    *("S3_", "UPLOAD_DIR", "VIRTUAL_ENV"),
)


class Product:
    """A command in a session of its own; every descendant carries a mark in its environment."""

    def __init__(self, command: Sequence[str], folder: Path, log: Path, **settings: str) -> None:
        self.log = log
        self.port = int(settings["PORT"])
        self.mark = uuid.uuid4().hex
        self.temporary = Path(tempfile.mkdtemp(prefix="up-"))  # short: sockets lie in it
        plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**plain, "TMPDIR": str(self.temporary), **settings, MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_until_ready(self, seconds: float = 120, host: str = "127.0.0.1") -> None:
        """All of it: web, database, Redis and the scheduler's heartbeat."""
        deadline = time.monotonic() + seconds
        answer: object = "nothing"
        question = Request(f"{self.address}/ready", headers={"Host": host})  # noqa: S310 - as below
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(URLError, OSError):
                answer = json.load(urlopen(question, timeout=5))  # noqa: S310 - our own address
                return
            time.sleep(0.2)
        raise AssertionError(f"not ready, /ready said {answer}:\n{self.said[-4000:]}")

    def press_ctrl_c(self) -> None:
        """As a terminal does: the interrupt goes to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self, seconds: float = 30) -> int:
        return self.process.wait(seconds)

    def left(self) -> list[str]:
        """The command lines of everything that descends from this command and still runs."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                # Redis writes its title over its environment, but its socket's path is in it.
                signs = (process / "environ").read_bytes() + words
                if self.mark.encode() in signs or bytes(self.temporary) in signs:
                    found.append(f"{process.name}: {words.decode()}")
        return found

    def nothing_is_left(self, seconds: float = 15) -> bool:
        deadline = time.monotonic() + seconds
        while self.left() and time.monotonic() < deadline:
            time.sleep(0.1)
        return not self.left()

    def clean_up(self) -> None:
        """For the end of a test, passed or not."""
        for line in self.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.partition(":")[0]), signal.SIGKILL)
        self.process.wait(10)
        shutil.rmtree(self.temporary)


@contextlib.contextmanager
def started(command: Sequence[str], folder: Path, log: Path, **settings: str) -> Iterator[Product]:
    product = Product(command, folder, log, **settings)
    try:
        yield product
    finally:
        product.clean_up()


def free_port() -> int:
    """Below the ports that clients are given, and given to nobody else by this test run.

    A port is often taken up minutes later: each test process has a range of its own, and hands
    out each port in it once.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20000 + 3000 * (worker % 4) + os.getppid() * 7 % 1500  # two runs at once differ
    for number in _handed_out:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", first + number))
            return first + number
    raise AssertionError("no free port")


_handed_out = iter(range(1400))
