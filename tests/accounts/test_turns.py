"""Slow work takes turns, and nobody waits for long."""

import threading

import pytest

from clinic.accounts.turns import Turns
from clinic.core.errors import Unavailable


def test_no_more_than_most_are_at_it_at_once():
    turns, busy, seen = Turns(most=2, wait_s=60, waiting=20), [], []

    def work():
        with turns.one():
            busy.append(1)
            seen.append(len(busy))
            threading.Event().wait(0.01)
            busy.pop()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 20
    assert max(seen) <= 2


def test_who_waits_too_long_is_told_so():
    turns = Turns(most=1, wait_s=0.01, waiting=1)
    with turns.one(), pytest.raises(Unavailable) as busy, turns.one():
        pass
    assert busy.value.retry_after_s
    with turns.one():
        pass


def test_when_enough_wait_nobody_else_does():
    """Else those who wait would hold all threads of the server."""
    turns, waits = Turns(most=1, wait_s=60, waiting=1), threading.Event()

    def wait():
        waits.set()
        with turns.one():
            pass

    with turns.one():
        second = threading.Thread(target=wait)
        second.start()
        waits.wait(60)
        while turns._places._value:  # until the second stands there
            threading.Event().wait(0.001)
        with pytest.raises(Unavailable), turns.one():
            pass
    second.join()


def test_a_fault_gives_the_turn_back():
    turns = Turns(most=1, wait_s=0.01, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.one():
            raise ZeroDivisionError
