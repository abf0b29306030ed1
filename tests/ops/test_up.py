"""`python -m clinic up`: one terminal, five processes, one end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.config import ROOT
from tests.ops.processes import Product, free_port, started

pytestmark = pytest.mark.whole_product

UP = (sys.executable, "-m", "clinic", "up")


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """Running on an empty database, without the demo clinic."""
    settings = {"DEMO": "0", "CLINIC_DATA_DIR": str(tmp_path), "LOG_DIR": str(tmp_path)}
    port = str(free_port())
    with started(
        UP, ROOT, tmp_path / "up.txt", PORT=port, PASSWORD_ROUNDS="4", **settings
    ) as running:
        running.wait_until_ready()
        yield running


def pid_of(product: Product, words: str) -> int:
    """The first started process with these words in its command line."""
    return min(int(line.partition(":")[0]) for line in product.left() if words in line)


def test_it_runs_every_part_says_where_and_ctrl_c_ends_it_in_order(product: Product) -> None:
    lines = "\n".join(product.left())
    for part in ("gunicorn", "clinic worker", "clinic scheduler", "redis-server"):
        assert part in lines
    assert f"http://127.0.0.1:{product.port}/" in product.said
    product.press_ctrl_c()
    assert product.wait() == 0
    assert product.nothing_is_left(), product.left()
    assert list(product.temporary.iterdir()) == []
    assert "Traceback" not in product.said


def test_what_it_writes_only_its_owner_reads(product: Product, tmp_path: Path) -> None:
    written = [tmp_path, *tmp_path.rglob("*")]
    assert {"clinic.db", "app.log"} <= {path.name for path in written}
    said = {"up.txt"}  # the test's own file
    open_to_others = [path for path in written if path.stat().st_mode & 0o077]
    assert [path.name for path in open_to_others if path.name not in said] == []


def test_sigterm_ends_everything(product: Product) -> None:
    product.process.terminate()
    assert product.wait() == 0
    assert product.nothing_is_left(), product.left()


@pytest.mark.parametrize("part", ["gunicorn", "clinic worker", "redis-server"])
def test_the_death_of_one_ends_all_and_is_told(product: Product, part: str) -> None:
    os.kill(pid_of(product, part), signal.SIGKILL)
    assert product.wait() == 1
    assert product.nothing_is_left(), product.left()
    assert "ended by itself" in product.said


def test_nothing_outlives_a_killed_launcher(product: Product) -> None:
    product.process.kill()
    assert product.nothing_is_left(), product.left()


def test_a_taken_port_is_named_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            UP,
            cwd=ROOT,
            env={**os.environ, "PORT": port, "CLINIC_DATA_DIR": str(tmp_path), "DEMO": "0"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if line] == [
        f"Error: Port {port} on 127.0.0.1 cannot be used (Address already in use). "
        f"Stop what uses it, or choose another: PORT={int(port) + 1} make run"
    ]
    assert not (tmp_path / "clinic.db").exists()
