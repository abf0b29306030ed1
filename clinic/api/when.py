"""Days, wall-clock times and instants as programs write them: as text, never as numbers."""

import datetime
import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, ValidationError, ValidatorFunctionWrapHandler
from pydantic.functional_validators import AfterValidator, BeforeValidator, WrapValidator

from clinic.core import clock
from clinic.core.errors import N_, Wrong

UNREADABLE = "unreadable"
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")


def _day(value: object) -> object:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise Wrong(UNREADABLE, N_("Write a day as 2026-11-16"))
    return _text(value)


def _instant(value: object) -> object:
    if isinstance(value, str):
        # A plus sign that arrives as a space is the commonest way to break an offset.
        value = _LOST_PLUS.sub(r"+\1", value)
        if not _INSTANT.fullmatch(value):
            raise Wrong(UNREADABLE, N_("Write a time as 2026-11-16T09:00:00+00:00"))
    return _text(value)


def _text(value: object) -> object:
    if isinstance(value, int | float):  # pydantic would count seconds from 1970
        raise Wrong(UNREADABLE, N_("Write it as text"))
    return value


def _near(value: datetime.date) -> datetime.date:
    if not FIRST <= value <= LAST:
        raise Wrong(UNREADABLE, N_("Days are 1900-01-01 to 2100-12-31"))
    return value


def _either(value: object, read: ValidatorFunctionWrapHandler) -> datetime.date:
    """One complaint instead of one for each way to write it."""
    try:
        return read(value)
    except ValidationError:
        raise Wrong(
            UNREADABLE, N_("Write a day or a time, such as 2026-11-16T09:00:00+00:00")
        ) from None


def _bounded(value: datetime.datetime) -> datetime.datetime:
    if not FIRST.year < value.year < LAST.year:  # a year of room: zones must not overflow
        raise Wrong(UNREADABLE, N_("Years are 1901 to 2099"))
    return value


Day = Annotated[datetime.date, BeforeValidator(_day), AfterValidator(_near)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_bounded)]
DayOrInstant = Annotated[Day | Instant, WrapValidator(_either)]
_WALL = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:00)?")
MIDNIGHT = ("24:00", "24:00:00", "00:00", "00:00:00")


def _wall(value: str) -> str:
    if not _WALL.fullmatch(value):
        raise Wrong(UNREADABLE, N_("Write a time of day as 09:00"))
    return value


def _wall_end(value: str) -> str:
    if value not in MIDNIGHT and not _WALL.fullmatch(value):
        raise Wrong(UNREADABLE, N_("Write a time of day as 12:00, or 24:00 for midnight"))
    return value


_SHAPE = r"^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"
_END_SHAPE = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(:00)?$"
WallTime = Annotated[
    str, AfterValidator(_wall), Field(json_schema_extra={"pattern": _SHAPE})
]  # the pattern is for the document alone: people are told in words
WallEnd = Annotated[
    str, AfterValidator(_wall_end), Field(json_schema_extra={"pattern": _END_SHAPE})
]


def wall(text: str) -> datetime.time:
    return datetime.time.fromisoformat(text)


def wall_end(text: str) -> datetime.time:
    """Midnight, written either way, is the end of the day."""
    return datetime.time.max if text in MIDNIGHT else wall(text)


def instants(
    first: datetime.date | datetime.datetime | None,
    last: datetime.date | datetime.datetime | None,
    zone: ZoneInfo,
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """From where `first` begins until where `last` is over; an instant is itself."""
    return _bound(first, zone, 0), _bound(last, zone, 1)


def _bound(
    asked: datetime.date | datetime.datetime | None, zone: ZoneInfo, end: int
) -> datetime.datetime | None:
    if asked is None or isinstance(asked, datetime.datetime):
        return asked
    return clock.day_bounds(asked, zone)[end]
