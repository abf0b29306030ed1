"""When a reminder comes again: rules of RFC 5545, by the clock on the wall, each step bounded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from clinic.core.errors import N_, Wrong

SHORTEST = timedelta(minutes=15)  # between two occurrences
LOOKED_AHEAD = timedelta(days=3653)  # for the next one: February 29 is found, February 30 given up
CYCLE = 400  # years of the calendar
BAD = N_("Write a rule such as FREQ=WEEKLY;BYDAY=MO.")
TOO_OFTEN = N_("At most one reminder goes out every 15 minutes.")
NEVER = N_("By this rule no reminder would ever go out.")

_DAY = "MO|TU|WE|TH|FR|SA|SU"
_PARTS = {
    "FREQ": "MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,3}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "BYDAY": rf"([+-]?[1-9]\d?)?({_DAY})",
    "BYMONTHDAY": r"-?([1-9]|[12]\d|3[01])",
    "BYMONTH": r"[1-9]|1[0-2]",
    "BYHOUR": r"[01]?\d|2[0-3]",
    "BYMINUTE": r"[0-5]?\d",
    "BYSETPOS": r"-?[1-9]\d{0,2}",
    "WKST": _DAY,
}
_ALONE = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})  # all others are lists
# Of the frequent ones nothing that would have thousands of steps looked through for the next.
_OFTEN = {
    "MINUTELY": frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYHOUR"}),
    "HOURLY": frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMINUTE"}),
}


@dataclass(frozen=True, slots=True)
class Rule:
    text: str  # as it is kept
    steps: str  # without its end, for dateutil
    count: int | None
    until: datetime | None  # on the wall, included


@dataclass(frozen=True, slots=True)
class Turn:
    """One occurrence; `number` counts from 0. What the clock on the wall says then, and when that
    is: in the hour that a clock skips, `at` is as long after the hour's start as was said."""

    number: int
    wall: datetime  # naive
    at: datetime  # UTC


def read(text: str, zone: ZoneInfo) -> Rule:
    """Raises Wrong."""
    written = text.strip().upper().removeprefix("RRULE:")
    parts = _parts(written)
    _refuse_often(parts)
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    if count and until:
        raise Wrong("bad_recurrence", BAD)
    rule = Rule(
        text=written,
        steps=";".join(f"{name}={value}" for name, value in parts.items()),
        count=int(count) if count else None,
        until=_end(until, zone) if until else None,
    )
    try:
        rrulestr(rule.steps, dtstart=datetime(2026, 1, 1))  # noqa: DTZ001 - of the wall
    except (ValueError, TypeError, KeyError, IndexError):
        raise Wrong("bad_recurrence", BAD) from None
    return rule


def _parts(written: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for one in written.split(";"):
        name, _, value = one.partition("=")
        values = [value] if name in _ALONE else value.split(",")
        is_known = name in _PARTS and name not in parts
        if not is_known or not all(re.fullmatch(_PARTS[name], each) for each in values):
            raise Wrong("bad_recurrence", BAD)
        parts[name] = value
    if "FREQ" not in parts:
        raise Wrong("bad_recurrence", BAD)
    return parts


def _refuse_often(parts: dict[str, str]) -> None:
    allowed = _OFTEN.get(parts["FREQ"])
    if allowed and not parts.keys() <= allowed:
        raise Wrong("bad_recurrence", BAD)
    if parts["FREQ"] == "MINUTELY" and int(parts.get("INTERVAL", 1)) * 60 < SHORTEST.seconds:
        raise Wrong("too_often", TOO_OFTEN)
    minutes = sorted({int(one) for one in parts.get("BYMINUTE", "0").split(",")})
    around = zip(minutes, [*minutes[1:], minutes[0] + 60], strict=True)
    if any((later - first) * 60 < SHORTEST.seconds for first, later in around):
        raise Wrong("too_often", TOO_OFTEN)


def _end(text: str, zone: ZoneInfo) -> datetime:
    try:
        if "T" not in text:
            return datetime.strptime(f"{text}T235959", "%Y%m%dT%H%M%S")  # noqa: DTZ007 - of the wall
        end = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - of the wall
        if text.endswith("Z"):
            end = end.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Wrong("bad_recurrence", BAD) from None
    return end


def first(rule: Rule | None, zone: ZoneInfo, start: datetime) -> Turn:
    """The occurrence at `start`, or the first one after it. Raises Wrong where there is none."""
    wall = start.astimezone(zone).replace(tzinfo=None, microsecond=0)
    if rule is None:
        return Turn(0, wall, start)
    found = next(_walls(rule, wall), None)
    if found is None:
        raise Wrong("never", NEVER)
    return Turn(0, found, start if found == wall else instant(found, zone))


def following(rule: Rule | None, zone: ZoneInfo, turn: Turn) -> Turn | None:
    """None after the last one."""
    return next(turns(rule, zone, turn), None)


def turns(rule: Rule | None, zone: ZoneInfo, turn: Turn) -> Iterator[Turn]:
    """Those after this one. What clocks that go forward move onto another is left out."""
    if rule is None:
        return
    number, last = turn.number, turn.at
    for wall in _walls(rule, turn.wall):
        if wall <= turn.wall:
            continue
        number += 1
        if rule.count and number >= rule.count:
            return
        at = instant(wall, zone)
        if at - last >= SHORTEST:
            yield Turn(number, wall, at)
            last = at


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the wall says so: the first time where it says so twice."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _walls(rule: Rule, start: datetime) -> Iterator[datetime]:
    """From an occurrence on, or from where it all begins: to go on from there is the same as to
    count from the beginning, and costs a step instead of years of them.

    dateutil looks for a day that never comes until the year 9999: for seconds. Days and weekdays
    are the same every 400 years, so it is asked about the last of them.
    """
    shift = (MAXYEAR - start.year) // CYCLE * CYCLE
    until = _years_on(min(filter(None, (rule.until, start + LOOKED_AHEAD))), shift)
    text = f"{rule.steps};UNTIL={until:%Y%m%dT%H%M%S}"
    try:
        for wall in rrulestr(text, dtstart=_years_on(start, shift)):
            yield _years_on(wall, -shift)
    except ValueError:  # hours and minutes that the interval never meets
        return


def _years_on(wall: datetime, years: int) -> datetime:
    return wall.replace(year=wall.year + years)
