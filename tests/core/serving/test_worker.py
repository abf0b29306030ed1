"""The worker on real sockets, around a small site with short deadlines and eight threads."""

import contextlib
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from clinic.config import ROOT
from tests.ops.processes import Product, free_port, started

THREADS, MANY = 8, 40
HEAD = b"POST /body HTTP/1.1\r\nHost: a\r\n"
SLOW = {
    "half a head": (b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"408"),
    "half a body": (HEAD + b"Content-Length: 500\r\n\r\nabc", b"408"),
    "a body without a length": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n500\r\n", None),
    "asks before the body": (HEAD + b"Content-Length: 500\r\nExpect: 100-continue\r\n\r\n", None),
    "nothing at all": (b"", b""),
    "never ends": (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"200"),
    "does not read": (b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", None),
    "leaves a body lying": (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n", b"408"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    port = str(free_port())
    words = ("-k", "clinic.core.serving.worker.Worker", "-b", f"127.0.0.1:{port}")
    sizes = ("--workers", "1", "--threads", str(THREADS), "--worker-connections", "400")
    rest = ("--no-control-socket", "-c", "/dev/null", "tests.core.serving.small:app")
    command = [sys.executable, "-m", "gunicorn", *words, *sizes, *rest]
    with started(command, ROOT, tmp_path_factory.mktemp("site") / "log", PORT=port) as site:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                connect(site).close()
                break
            time.sleep(0.1)
        yield site
        site.process.terminate()
        assert site.wait(15) == 0
        assert "Traceback" not in site.said, site.said


def connect(site: Product, receives: int = 0) -> socket.socket:
    sock = socket.socket()
    if receives:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    sock.settimeout(10)
    try:
        sock.connect(("127.0.0.1", site.port))
    except OSError:
        sock.close()
        raise
    return sock


def ask(site: Product, request: bytes = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
    with connect(site) as sock:
        sock.sendall(request)
        return read_all(sock)


def read_all(sock: socket.socket) -> bytes:
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while data := sock.recv(65536):
            got += data
    return got


@contextlib.contextmanager
def many(site: Product, begun: bytes) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(site, receives=4096)) for _ in range(MANY)]
        for sock in held:
            sock.sendall(begun)
        yield held


@pytest.mark.parametrize("kind", SLOW)
def test_slow_clients_hold_nobody_up_and_are_cut_off(site, kind):
    begun, answer = SLOW[kind]
    with many(site, begun) as held:
        for _ in range(8):
            began = time.monotonic()
            assert ask(site).startswith(b"HTTP/1.1 200")
            assert time.monotonic() - began < 2
            time.sleep(0.2)
        if kind == "does not read":
            return
        for sock in held:  # it has ended; what it says depends on who had a thread
            said = read_all(sock)
            assert answer is None or said[9:12] == answer


def test_a_byte_now_and_then_buys_no_time(site):
    for kind in ("half a head", "half a body"):
        with connect(site) as sock:
            sock.sendall(SLOW[kind][0])
            began = time.monotonic()
            sock.settimeout(0.1)
            said = b""
            while not said:
                with contextlib.suppress(TimeoutError):
                    said = sock.recv(100)
                    continue
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    sock.send(b"a")
                assert time.monotonic() - began < 4
            assert said.startswith(b"HTTP/1.1 408")


def test_a_stream_outlives_the_deadlines(site):
    with connect(site) as sock, many(site, SLOW["half a body"][0]):
        sock.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        began, said = time.monotonic(), read_some(sock, b"0\r\n\r\n")
    assert said.count(b": ping") == 40
    assert time.monotonic() - began > 3.5


def read_some(sock: socket.socket, until: bytes) -> bytes:
    got = b""
    while not got.endswith(until):
        data = sock.recv(65536)
        assert data, got
        got += data
    return got


@pytest.mark.parametrize("size", [0, 1, 70_000, 256 * 1024, 256 * 1024 + 1, 2_000_000])
def test_bodies_of_any_length_arrive(site, size):
    head = HEAD + f"Content-Length: {size}\r\nConnection: close\r\n\r\n".encode()
    assert ask(site, head + b"x" * size).endswith(f"\r\n\r\n{size}".encode())
    head = HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    chunks = f"{size:x}\r\n".encode() + b"x" * size + b"\r\n" if size else b""
    assert ask(site, head + chunks + b"0\r\n\r\n").endswith(f"\r\n\r\n{size}".encode())


def test_requests_that_come_together_are_answered_one_after_another(site):
    """Also where the next one's beginning came with the one before."""
    whole = HEAD + b"Content-Length: 3\r\n\r\nabc"
    with connect(site) as sock:
        sock.sendall(whole * 3 + whole[:20])
        said = b""
        while said.count(b"\r\n\r\n3") < 3:
            said += read_some(sock, b"3")
        assert said.count(b"HTTP/1.1 200") == 3
        time.sleep(0.2)
        sock.sendall(whole[20:])
        assert read_some(sock, b"3").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(("size", "stays"), [(70_000, True), (256 * 1024, True), (300_000, False)])
def test_a_connection_that_ends_over_an_unread_body_says_so(site, size, stays):
    """Else a proxy sends the next visitor's request there, who hears 502."""
    with connect(site) as sock:
        for _ in range(2):
            head = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
            sock.sendall(head.encode() + b"x" * size)
            said = read_some(sock, b"\r\n\r\n0")
            assert said.startswith(b"HTTP/1.1 200")
            assert (b"Connection: close" in said) is not stays
            if not stays:
                assert read_all(sock) == b""
                break


def test_a_kept_connection_may_idle_longer_than_a_request_may_take(site):
    with connect(site) as sock:
        for pause in (0, 1.6):
            time.sleep(pause)
            sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert read_some(sock, b"0").startswith(b"HTTP/1.1 200")


def test_a_head_without_end_is_refused(site):
    with connect(site) as sock:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(200):
                sock.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 1000)
        assert read_all(sock)[9:12] in (b"431", b"")


def test_the_oldest_half_request_makes_room(site):
    """More of them than the site has room for: it takes new visitors on all the same."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(site)) for _ in range(150)]
        for sock in held:
            sock.sendall(b"GET ")
        assert ask(site).startswith(b"HTTP/1.1 200")
        assert read_all(held[0]).startswith(b"HTTP/1.1 408")
