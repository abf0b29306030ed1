"""The figures below a test run."""

from collections import Counter

from tests import timing


def test_the_slowest_come_first_and_the_share_of_set_up_last():
    by_phase = Counter(setup=3.0, call=6.0, teardown=1.0)
    by_test = Counter({f"test_{number}": number / 10 for number in range(40)})
    told = timing.lines(by_phase, by_test)
    assert told[0] == "    3.9 s  test_39"
    assert len(told) == timing.SLOWEST + 1
    assert told[-1] == "40 tests, 10 s: setup 3 s (30%), call 6 s (60%), teardown 1 s (10%)"


def test_a_run_of_nothing_has_no_shares():
    assert timing.lines(Counter(), Counter()) == ["0 tests, 0 s: "]
