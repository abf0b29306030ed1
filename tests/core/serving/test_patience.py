"""A socket in a thread: patient with one client for so long, and with a few at once."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from clinic.core.errors import TooSlow, Unavailable
from clinic.core.serving import patience
from clinic.core.serving.patience import PatientSocket

SMALL = 4096


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[PatientSocket, socket.socket]]:
    monkeypatch.setattr(patience, "PATIENCE_S", 0.3)
    monkeypatch.setattr(patience, "FOR_A_PLACE_S", 0.05)
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    patient = PatientSocket.of(ours)
    with patient, theirs:
        yield patient, theirs


def in_background(work) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def cut(awaited: str) -> float:
    return patience.CLIENTS_CUT.labels(awaited)._value.get()


def test_what_is_there_is_read_and_sent_at_once(pair):
    ours, theirs = pair
    theirs.sendall(b"a body")
    assert ours.recv(100) == b"a body"
    ours.sendall(b"an answer")
    assert theirs.recv(100) == b"an answer"
    assert (ours.waited_s, ours.moved) == (0, 15)
    theirs.close()
    assert ours.recv(100) == b""


def test_bytes_now_and_then_do_not_renew_our_patience(pair):
    ours, theirs = pair
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.02):
            theirs.send(b"x")

    dripping = in_background(drip)
    before, began = cut("body"), time.monotonic()
    with pytest.raises(TooSlow):
        while True:
            ours.recv(100)
    assert time.monotonic() - began < 3
    assert cut("body") == before + 1
    stop.set()
    dripping.join()


def test_who_moves_much_may_take_long(pair, monkeypatch):
    monkeypatch.setattr(patience, "SLOWEST_BYTES_A_S", 100)
    ours, theirs = pair

    def send_steadily() -> None:
        for _ in range(20):
            time.sleep(0.05)
            theirs.send(b"x" * 50)

    sending = in_background(send_steadily)
    got = 0
    while got < 1000:
        got += len(ours.recv(100))
    assert ours.waited_s > 0.3
    sending.join()


def test_who_does_not_read_the_answer_is_cut_off(pair):
    ours, _ = pair
    before = cut("answer")
    with pytest.raises(BrokenPipeError):
        ours.sendall(b"x" * 1024 * 1024)
    assert 0.2 < ours.waited_s < 2
    assert cut("answer") == before + 1


def test_an_answer_that_is_read_arrives_whole(pair):
    ours, theirs = pair
    body = bytes(range(256)) * 1024
    got = bytearray()

    def read() -> None:
        while len(got) < len(body):
            got.extend(theirs.recv(SMALL))

    reading = in_background(read)
    ours.sendall(body)
    reading.join(10)
    assert got == body


def test_the_silence_between_is_not_counted(pair):
    """A stream says something every three seconds, for hours."""
    ours, theirs = pair
    for _ in range(5):
        time.sleep(0.1)
        ours.sendall(b": ping\n\n")
        theirs.recv(100)
    assert ours.waited_s == 0


def test_a_new_request_is_met_with_new_patience(pair):
    ours, theirs = pair
    with pytest.raises(TooSlow):
        ours.recv(100)
    ours.expect_request()
    theirs.send(b"again")
    assert ours.recv(100) == b"again"


def test_only_so_many_threads_wait_at_once(pair, monkeypatch):
    monkeypatch.setattr(patience, "_places", threading.BoundedSemaphore(1))
    ours, theirs = pair
    with patience._places:
        with pytest.raises(Unavailable):
            ours.recv(100)
        with pytest.raises(BrokenPipeError):
            ours.sendall(b"x" * 1024 * 1024)
        theirs.send(b"here already")  # nobody needs to wait for it
        assert ours.recv(100) == b"here already"


def test_leftovers_are_waited_for_as_long_as_was_asked(pair):
    ours, theirs = pair
    ours.settimeout(0.1)
    with pytest.raises(TimeoutError):
        ours.recv(100)
    theirs.send(b"rest")
    assert ours.recv(100) == b"rest"
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours.recv(100)
