"""A doctor's week and what changes it, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core import clock, saying
from clinic.schedules.queries import Away, HeldWindow, Overview
from clinic.schedules.slots import shown

PUBLISHED = _l("The hours are published: patients can book them now.")
WITHDRAWN = _l("Those hours are withdrawn: patients cannot book them any more.")
A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class WindowLine:
    id: UUID
    times: str  # "09:00-12:00"
    note: str  # "30 min, 1 place, Quay Street"
    validity: str  # "from Mon 4 Jan", or ""


@dataclass(frozen=True, slots=True)
class WeekdayColumn:
    name: str  # "Mon"
    windows: list[WindowLine]


@dataclass(frozen=True, slots=True)
class DatedLine:
    when: str
    what: str
    kind: str  # "time_off" or "window"


@dataclass(frozen=True, slots=True)
class Week:
    weekdays: list[WeekdayColumn]
    hours: str  # "20.5 hours, about 41 places a week"
    dated: list[DatedLine]


def week(found: Overview, zone: ZoneInfo) -> Week:
    today = clock.today(zone)
    columns = [
        WeekdayColumn(
            saying.weekday(A_MONDAY + timedelta(days=number)),
            [_line(one, today) for one in found.weekly if one.weekday == number],
        )
        for number in range(7)
    ]
    return Week(columns, _weekly_hours(found.weekly), _dated(found, zone, today))


def _line(window: HeldWindow, today: date) -> WindowLine:
    times = f"{shown(window.start)}–{shown(window.end)}"  # noqa: RUF001 - a range of times takes an en dash
    note = _(
        "%(minutes)s min, %(places)s, %(where)s",
        minutes=window.slot_minutes, places=_places(window), where=window.place,
    )  # fmt: skip
    return WindowLine(window.id, times, note, _validity(window, today))


def _places(window: HeldWindow) -> str:
    return ngettext("%(num)s place", "%(num)s places", window.capacity)


def _validity(window: HeldWindow, today: date) -> str:
    first = window.valid_from if window.valid_from and window.valid_from > today else None
    words = {
        "first": first and saying.day(first, today.year),
        "last": window.valid_until and saying.day(window.valid_until, today.year),
    }
    if first and window.valid_until:
        return _("from %(first)s until %(last)s", **words)
    if first:
        return _("from %(first)s", **words)
    return _("until %(last)s", **words) if window.valid_until else ""


def _weekly_hours(windows: Iterable[HeldWindow]) -> str:
    hours = sum(one.minutes for one in windows) / 60
    return _(
        "%(hours)s hours, about %(places)s places a week",
        hours=format_decimal(hours, "0.####"), places=sum(one.places for one in windows),
    )  # fmt: skip


def _dated(found: Overview, zone: ZoneInfo, today: date) -> list[DatedLine]:
    """Windows and time off by their first day."""
    lines = [(one.on, _dated_window(one, one.on, today)) for one in found.dated if one.on]
    lines += [(one.start.astimezone(zone).date(), _away(one, zone)) for one in found.away]
    return [line for _day, line in sorted(lines, key=lambda pair: pair[0])]


def _dated_window(window: HeldWindow, day: date, today: date) -> DatedLine:
    times = _("%(start)s to %(end)s", start=shown(window.start), end=shown(window.end))
    what = _("Extra clinic, %(places)s, %(where)s", places=_places(window), where=window.place)
    return DatedLine(f"{saying.day(day, today.year)}, {times}", what, "window")


def _away(off: Away, zone: ZoneInfo) -> DatedLine:
    if off.start.astimezone(zone).date() == off.end.astimezone(zone).date():
        when = f"{saying.day_of(off.start, zone)}, {saying.times(off.start, off.end, zone)}"
    else:
        first, last = saying.moment(off.start, zone), saying.moment(off.end, zone)
        when = _("%(start)s to %(end)s", start=first, end=last)
    return DatedLine(when, off.reason or _("Away"), "time_off")
