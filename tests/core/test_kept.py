"""What was rendered is kept by all that made it so, for a minute, and within bounds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale

from clinic.core.kept import Shelf
from clinic.core.kept.store import Store
from tests.crowd import at_once, faults

MINUTE = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def counted(text: str = "made") -> tuple[list[str], Callable[[], tuple[str]]]:
    made: list[str] = []

    def make() -> tuple[str]:
        made.append(text)
        return (f"{text} {len(made)}",)

    return made, make


def shown(app: Flask, key: object, make: Callable[[], tuple[str]], path: str = "/") -> str:
    with app.test_request_context(path):
        return Shelf().take(key, make)[0] or ""


@pytest.fixture
def at(monday_morning: time_machine.Traveller) -> Callable[[datetime], None]:
    return lambda moment: monday_morning.move_to(moment, tick=False)


def test_what_is_asked_again_within_the_minute_is_not_made_again(app: Flask, at) -> None:
    made, make = counted()
    at(MINUTE + SECOND)
    first = shown(app, ("week", 1), make)
    at(MINUTE + 59 * SECOND)
    assert shown(app, ("week", 1), make) == first == "made 1"
    assert shown(app, ("week", 2), make) == "made 2"
    assert len(made) == 2


def test_a_minute_later_it_is_made_again_and_the_old_one_is_gone(app: Flask, at) -> None:
    _, make = counted()
    at(MINUTE + SECOND)
    shown(app, "one", make)
    shown(app, "other", make)
    assert len(app.extensions["kept"]) == 2
    at(MINUTE + 60 * SECOND + SECOND)
    assert shown(app, "one", make) == "made 3"
    assert len(app.extensions["kept"]) == 1


def test_the_very_minute_is_an_instant_of_its_own(app: Flask, at) -> None:
    _, make = counted()
    at(MINUTE)
    assert shown(app, "key", make) == "made 1"
    at(MINUTE + timedelta(microseconds=1))
    assert shown(app, "key", make) == "made 2"


def test_what_is_made_over_the_turn_of_a_minute_is_not_kept_for_the_next(app: Flask, at) -> None:
    _, make = counted()

    def slowly() -> tuple[str]:
        at(MINUTE + 61 * SECOND)
        shown(app, "another", make)
        return make()

    at(MINUTE + 59 * SECOND)
    assert shown(app, "key", slowly) == "made 2"
    assert shown(app, "key", make) == "made 3"


def test_each_language_and_each_place_below_an_address_has_its_own(app: Flask) -> None:
    _, make = counted()
    assert shown(app, "key", make) == "made 1"
    with app.test_request_context("/"), force_locale("fr"):
        assert Shelf().take("key", make) == ("made 2",)
    with app.test_request_context("/", base_url="http://localhost/below"):
        assert Shelf().take("key", make) == ("made 3",)
    assert shown(app, "key", make) == "made 1"


def test_the_store_forgets_what_was_used_least_when_it_is_full() -> None:
    store = Store(most_bytes=3000)
    for name in "abc":
        store.put(MINUTE, name, ("x" * 700,))
    assert store.get(MINUTE, "a") is None  # the first call of a minute empties it
    for name in "abc":
        store.put(MINUTE, name, ("x" * 700,))
    store.get(MINUTE, "a")
    store.put(MINUTE, "d", ("x" * 700,))
    assert [name for name in "abcd" if store.get(MINUTE, name)] == ["a", "c", "d"]
    store.put(MINUTE, "large", ("x" * 4000,))
    assert len(store) == 0


def test_long_keys_count_as_what_they_weigh() -> None:
    store = Store(most_bytes=10_000)
    store.get(MINUTE, "the first call of a minute empties it")
    for number in range(100):
        store.put(MINUTE, (("directory", b"q=" + b"x" * 4000, number), ("en_GB", "")), ("none",))
    assert len(store) == 2


def test_a_failure_keeps_nothing(app: Flask) -> None:
    _, make = counted()
    with pytest.raises(ZeroDivisionError):
        shown(app, "key", lambda: 1 // 0)  # type: ignore[arg-type,return-value]
    assert shown(app, "key", make) == "made 1"


def test_many_at_once_see_whole_texts_and_the_bounds_hold(app: Flask, monkeypatch) -> None:
    store = Store(most_bytes=20_000)
    monkeypatch.setitem(app.extensions, "kept", store)

    def work(number: int) -> None:
        with app.test_request_context("/"):
            for turn in range(300):
                key = (turn * number) % 40
                assert Shelf().take(key, lambda key=key: (f"{key}" * 300,)) == (f"{key}" * 300,)

    assert not faults(at_once(app, [lambda n=n: work(n) for n in range(6)]))
    assert 0 < sum(size for _, size in store._parts.values()) == store._bytes <= 20_000
