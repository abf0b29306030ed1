"""The figures below a test run."""

from collections import Counter

from tests import timing


def test_the_slowest_come_first_then_their_folders_and_the_share_of_set_up_last():
    by_phase = Counter(setup=3.0, call=6.0, teardown=1.0)
    by_test = Counter({f"tests/room/test_a.py::test_{one}": one / 10 for one in range(40)})
    by_test["tests/hall/test_b.py::test_b"] = 79.0
    told = timing.lines(by_phase, by_test)
    assert told[:2] == [
        "   79.0 s  tests/hall/test_b.py::test_b", "    3.9 s  tests/room/test_a.py::test_39",
    ]  # fmt: skip
    assert told[timing.SLOWEST :][:3] == ["Folders:", "   79.0 s  hall", "   78.0 s  room"]
    assert told[-1] == "41 tests, 10 s: setup 3 s (30%), call 6 s (60%), teardown 1 s (10%)"


def test_a_run_of_nothing_has_no_shares():
    assert timing.lines(Counter(), Counter()) == ["Folders:", "0 tests, 0 s: "]
