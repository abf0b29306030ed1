"""When a request has come far enough to be worth a thread."""

import pytest

from clinic.core.serving.arrivals import BODY_WITHIN_S, HEAD_WITHIN_S, WHOLE_UP_TO, Arrival, State

GET = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"


def post(*headers: str) -> bytes:
    return "\r\n".join(("POST /login HTTP/1.1", "Host: a", *headers, "\r\n")).encode()


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (b"", State.WAITS),
        (b"G", State.WAITS),
        (GET[:-1], State.WAITS),
        (b"GET / HTTP/1.1\n\n", State.WAITS),  # no line of HTTP ends like this
        (GET, State.WHOLE),
        (GET + GET[:5], State.WHOLE),  # and the next one's beginning
        (b"GET / HTTP/1.0\r\n\r\n", State.WHOLE),
        (b"\r\n\r\n", State.WHOLE),  # nonsense is for the parser to refuse
        (b"x" * 64 * 1024, State.WAITS),
        (b"x" * 64 * 1024 + b"x", State.TOO_LARGE),
        (post("Content-Length: 5"), State.WAITS),
        (post("Content-Length: 5") + b"1234", State.WAITS),
        (post("Content-Length: 5") + b"12345", State.WHOLE),
        (post("cOnTeNt-LeNgTh:5") + b"1234", State.WAITS),
        (post("Content-Length: 0"), State.WHOLE),
        (post("Content-Length: five"), State.WHOLE),
        (post(f"Content-Length: {9**30}"), State.WAITS),
        (post("X-Content-Length: 5"), State.WHOLE),
        (post("Transfer-Encoding: chunked"), State.WHOLE),
        (post("Content-Length: 5", "expect: 100-continue"), State.WHOLE),
        (post(f"Content-Length: {10 * WHOLE_UP_TO}") + b"x" * WHOLE_UP_TO, State.WHOLE),
        (post(f"Content-Length: {10 * WHOLE_UP_TO}") + b"x" * (WHOLE_UP_TO - 1), State.WAITS),
    ],
)
def test_the_whole_is_known_however_it_comes(data, state):
    assert Arrival(data).state is state
    by_halves = Arrival(data[: len(data) // 2])
    assert by_halves.take(data[len(data) // 2 :]) is state
    if len(data) < 100:
        by_bytes = Arrival()
        assert [by_bytes.take(data[at : at + 1]) for at in range(len(data))][-1:] in ([state], [])
        assert bytes(by_bytes.data) == data


def test_no_byte_moves_a_deadline_but_the_heads_last(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    arrival = Arrival()
    for byte in post("Content-Length: 500")[:-1]:
        now[0] += 0.1
        arrival.take(bytes([byte]))
        assert (arrival.awaited, arrival.deadline) == ("head", 100 + HEAD_WITHIN_S)
    arrival.take(b"\n")
    began = now[0]
    for _ in range(499):
        now[0] += 1
        arrival.take(b"x")
        assert (arrival.awaited, arrival.deadline) == ("body", began + BODY_WITHIN_S)
    assert arrival.take(b"x") is State.WHOLE
