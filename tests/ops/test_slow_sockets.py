"""The product's own web server while strangers hold half requests (promise P26)."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.config import ROOT
from tests.ops.processes import Product, free_port, started

pytestmark = pytest.mark.whole_product

TOOLS = Path(sys.executable).parent
MANY = 60  # of each kind; the server has 33 threads
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_A_BODY = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail="
)
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
FIGURES = HEALTH.replace(b"/health", b"/metrics")


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Product]:
    settings = {
        "ENVIRONMENT": "development",
        "CLINIC_DATA_DIR": str(tmp_path),
        "LOG_DIR": str(tmp_path),
        "PORT": str(free_port()),
        "SERVER_WORKERS": "1",
        "SERVER_THREADS": "33",
        "LIVE_STREAMS_PER_WORKER": "1",
    }
    migrate = [str(TOOLS / "flask"), "--app", "wsgi", "init-db"]
    subprocess.run(migrate, cwd=ROOT, env=settings, check=True, capture_output=True)
    command = [str(TOOLS / "gunicorn"), "-c", "gunicorn.conf.py", "wsgi:app"]
    with started(command, ROOT, tmp_path / "web.txt", **settings) as web:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                ask(web, HEALTH)
                break
            time.sleep(0.2)
        yield web
        web.process.terminate()
        assert web.wait(20) == 0
        assert "Traceback" not in web.said, web.said


@contextlib.contextmanager
def connected(web: Product) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", web.port), timeout=8) as sock:
        yield sock


def ask(web: Product, request: bytes) -> bytes:
    with connected(web) as sock:
        sock.sendall(request)
        return read_all(sock)


def read_all(sock: socket.socket) -> bytes:
    got = b""
    while data := sock.recv(65536):
        got += data
    return got


def test_half_requests_stop_nobody_and_streams_live_on(web: Product) -> None:
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(connected(web))
        stream.sendall(b"GET /dev/inbox/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        held = [stack.enter_context(connected(web)) for _ in range(2 * MANY)]
        for number, sock in enumerate(held):
            sock.sendall(HALF_A_BODY if number % 2 else HALF_A_HEAD)
        began = time.monotonic()
        while time.monotonic() - began < 12:
            asked = time.monotonic()
            assert ask(web, HEALTH).startswith(b"HTTP/1.1 200")
            assert time.monotonic() - asked < 2
            time.sleep(1)
            for sock in held[1::2]:
                sock.send(b"a")
        for sock in held[::2]:
            assert read_all(sock).startswith(b"HTTP/1.1 408")
        figures = ask(web, FIGURES)
        assert b'clients_cut_total{awaited="head"} %d.0' % MANY in figures
        assert b"live_streams_open 1.0" in figures
        stream.settimeout(0)
        assert stream.recv(65536).count(b": ping") >= 3
