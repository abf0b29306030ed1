"""P26 behind each sample of docs/proxy, with the real programs: slow clients, streams, uploads."""

import contextlib
import itertools
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.cast import PASSWORD as KNOWN_PASSWORD
from tests.trust.attack.proxies import Caddy, Nginx
from tests.trust.attack.site import Site, Stranger
from tests.trust.workshop import Clinic, tell, until

pytestmark = pytest.mark.trust

MANY = 400
HALF = {
    "heads": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "bodies": b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=",
}
STREAM_S = 40  # longer than any deadline


@pytest.fixture(params=[Caddy, Nginx], ids=["Caddy", "nginx"])
def front(request: pytest.FixtureRequest, clinic: Clinic) -> Iterator[Site]:
    """The site as visitors reach it."""
    web = clinic.start_web(TRUSTED_PROXIES="127.0.0.1")
    until("the web answers", lambda: _is_there(web.port), 60)
    with request.param(web.port) as proxy:
        yield Site(clinic, proxy)


def _is_there(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


@pytest.mark.parametrize("kind", HALF)
def test_slow_clients_stop_nobody_behind_the_sample(front: Site, kind: str) -> None:
    waits: list[float] = []
    with contextlib.ExitStack() as stack:
        held = [
            stack.enter_context(socket.create_connection(("127.0.0.1", front.port)))
            for _ in range(MANY)
        ]
        for sock in held:
            sock.sendall(HALF[kind])
        began = time.monotonic()
        while time.monotonic() - began < 28:
            for sock in held:
                with contextlib.suppress(OSError):  # cut off by now
                    sock.send(b"a")
            if time.monotonic() - began > 15:
                waits.append(_seconds(front))
            time.sleep(1)
    tell(f"P26 {MANY} half {kind} behind {front.web.name}", slowest_after_15_s=f"{max(waits):.2f}")
    assert max(waits) < 2


def _seconds(front: Site) -> float:
    """Until another visitor has an answer: the sample limits what one address may hold."""
    began = time.monotonic()
    with socket.create_connection(
        ("127.0.0.1", front.port), timeout=10, source_address=("127.0.0.9", 0)
    ) as visitor:
        visitor.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert visitor.recv(100).startswith(b"HTTP/1.1 200")
    return time.monotonic() - began


def test_streams_pass_unbuffered_and_outlive_deadlines(front: Site) -> None:
    cast = front.clinic.stage.cast
    with Stranger(front) as desk:
        assert desk.log_in(cast.esha.email, KNOWN_PASSWORD).status_code == 303
        came = []
        with desk.http.stream("GET", f"/live/organisation/{cast.harbour}") as answer:
            assert answer.status_code == 200
            began = time.monotonic()
            for _ in answer.iter_raw():
                came.append(time.monotonic() - began)
                if came[-1] > STREAM_S:
                    break
    gaps = [later - earlier for earlier, later in itertools.pairwise(came)]
    tell(f"P26 a stream behind {front.web.name}", pings=len(came), longest_gap_s=f"{max(gaps):.1f}")
    assert came[-1] > STREAM_S
    assert max(gaps) < 6


def test_addresses_and_bodies_arrive_as_they_were(front: Site) -> None:
    """What a visitor says of their address is dropped; a long body is weighed by the product."""
    said = {"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    with Stranger(front) as visitor:
        answers = []
        for number in range(30):
            visitor.http.headers["X-Forwarded-For"] = f"198.51.100.{number}"
            wrong = {"email": "nobody@invented.example", "password": "not this one"}
            answers.append(visitor.http.post("/api/v1/auth/login", json=wrong).status_code)
        assert set(answers[10:]) == {429}, answers
        for size, status in ((200_000, 422), (900_000, 413), (20_000_000, 413)):
            body = b'{"email": "' + b"x" * size + b'"}'
            try:
                answer = visitor.http.post(
                    "/api/v1/auth/login",
                    content=body,
                    headers={**said, "Content-Type": "application/json"},
                )
            except httpx.WriteError:  # it hung up while we sent
                assert size > 10_000_000
                continue
            assert (size, answer.status_code) in ((size, status), (size, 400), (size, 429))
