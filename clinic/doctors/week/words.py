"""A doctor's week in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core import saying
from clinic.doctors.queries import Profile
from clinic.doctors.words import LAST_YEAR, Day, Slot

_IN = {
    "morning": _l("in the morning"),
    "afternoon": _l("in the afternoon"),
    "evening": _l("in the evening"),
}


@dataclass(frozen=True, slots=True)
class Week:
    label: str  # "23 to 29 Nov"
    days: tuple[Day, ...]
    previous_url: str | None
    next_url: str | None
    zone_label: str
    minutes: str  # "30 minute appointments", or "" where lengths differ
    is_empty: bool
    narrowed: str = ""  # "Only times at Quay Street, in the morning.", or ""
    whole_url: str = ""  # the same week with all times
    may_book: bool = True  # the reader; else times are to be read alone


def week_label(first: date) -> str:
    last = first + timedelta(days=6)
    begins = str(first.day) if first.month == last.month else saying.day_and_month(first)
    return _("%(first)s to %(last)s", first=begins, last=saying.day_and_month(last))


def parse_week(text: str | None) -> date | None:
    """The Monday of `2026-W48`; None for anything else."""
    try:
        year, _, number = (text or "").partition("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None
    return monday if monday.year <= LAST_YEAR else None


def shown_monday(asked: date | None, today: date) -> date:
    """Of the week that was asked for, or of this one instead of none and of one that is over."""
    this_monday = today - timedelta(days=today.weekday())
    return max(asked, this_monday) if asked else this_monday


def narrowed_to(profile: Profile, location: UUID | None, part: str) -> str:
    """Which times of a week are shown, where that is not all."""
    if location is None:
        return _("Only times %(part)s.", part=_IN[part]) if part else ""
    named = (one.name for one in profile.places if one.id == location)
    place = next(named, None) or _("the place you chose")
    if part:
        return _("Only times at %(place)s, %(part)s.", place=place, part=_IN[part])
    return _("Only times at %(place)s.", place=place)


def length_label(slots: Sequence[Slot]) -> str:
    lengths = {int((slot.end - slot.start).total_seconds() // 60) for slot in slots}
    if len(lengths) != 1:
        return ""
    return _("%(minutes)s minute appointments", minutes=lengths.pop())
