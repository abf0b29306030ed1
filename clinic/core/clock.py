"""The one clock, and how instants are written for people."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

NO_PLACES = ("localtime", "Factory", "posixrules")  # files beside the zones, of this machine
CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip

_travelled_to: ContextVar[datetime | None] = ContextVar("travelled_to", default=None)


_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])(?::00)?")


def now() -> datetime:
    return _travelled_to.get() or datetime.now(UTC)


@contextmanager
def travelled(moment: datetime) -> Iterator[None]:
    """Let `now()` be `moment` inside the block: the demo clinic gets its past this way."""
    token = _travelled_to.set(moment)
    try:
        yield
    finally:
        _travelled_to.reset(token)


def read_time(text: str) -> time | None:
    """A time of day as somebody types it; 24:00 is midnight, as 00:00 is. None for no time."""
    if text in ("24:00", "24.00", "2400"):
        return time(0)
    found = _TIME.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


@lru_cache(maxsize=600)
def zone(name: str) -> ZoneInfo:
    """Raises ValueError for a name that is no IANA zone."""
    if name not in _zones():
        raise ValueError(f"unknown time zone {name!r}")
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones().difference(NO_PLACES))


@lru_cache(maxsize=1)
def usual_zones() -> tuple[str, ...]:
    """The time zones that a person may choose: those of places, and UTC."""
    places = (name for name in _zones() if name.partition("/")[0] in CONTINENTS)
    return ("UTC", *sorted(places))


@lru_cache(maxsize=1)
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """The zones of each country by its two letters, the most usual first."""
    found: dict[str, list[str]] = {}
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            found.setdefault(country, []).append(name)
    return {country: tuple(names) for country, names in found.items()}


def today(in_zone: ZoneInfo) -> date:
    return now().astimezone(in_zone).date()


def day_bounds(day: date, in_zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The UTC instants between which it is `day` in the zone (23 to 25 hours apart)."""
    start = datetime.combine(day, time(), in_zone).astimezone(UTC)
    return start, datetime.combine(day + timedelta(days=1), time(), in_zone).astimezone(UTC)
