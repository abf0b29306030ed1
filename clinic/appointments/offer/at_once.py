"""One doctor's rules and diary by one statement; with who asks in it, if somebody does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.bearer import Bearer
from clinic.accounts.sessions import programs
from clinic.accounts.sessions.person import SignedIn
from clinic.appointments.offer.diary import Diary, between, time_off_of, visits_of, windows_of
from clinic.appointments.offer.practice import Practice, Rules, rules_of
from clinic.core import clock
from clinic.core.data.trips.together import Row, Together
from clinic.schedules.slots import Busy, Window

MOST_DAYS = 31
DAY = timedelta(days=1)


def _of_one(doctor: Any) -> sa.ColumnElement[bool]:
    return doctor == sa.bindparam("doctor", type_=sa.Uuid)


_DIARY = {
    "rules": rules_of(_of_one),
    "visits": visits_of(_of_one),
    "windows": windows_of(_of_one),
    "off": time_off_of(_of_one),
}
_BY_NOBODY = Together(**_DIARY)
_WITHOUT_RULES = Together(**{name: read for name, read in _DIARY.items() if name != "rules"})
_BY_BEARER = Together(who=programs.WHO, **_DIARY)


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a doctor's days before anybody has judged it."""

    who: SignedIn | None  # whose token it is, unless it was ended
    rules: Rules | None  # of a doctor who takes bookings
    windows: list[Window]
    busy: list[Busy]
    off: list[tuple[datetime, datetime]]

    def diary(self, rules: Rules, at_desk: bool) -> Diary:
        return Diary(rules.practice(at_desk), self.windows, self.busy, self.off)


def find(
    doctor_id: UUID, first: date | None, last: date | None, bearer: Bearer | None = None
) -> Found:
    """All that an offer of the days `first` (today, where the doctor is) to `last` is made of."""
    values = {"doctor": doctor_id, **between(*_days_to_read(first, last))}
    if bearer:
        rows = _BY_BEARER.ask({**values, **programs.asked(bearer)})
    else:
        rows = _BY_NOBODY.ask(values)
    return Found(
        programs.signed_in(rows["who"]),
        Rules(*rows["rules"][0]) if rows["rules"] else None,
        *_made_of(rows),
    )


def diary_of(practice: Practice, first: date, last: date) -> Diary:
    """Of one whose rules are known, good for the local days `first` to `last`."""
    rows = _WITHOUT_RULES.ask({"doctor": practice.doctor_id, **between(first, last)})
    return Diary(practice, *_made_of(rows))


def _made_of(
    rows: Mapping[str, Sequence[Row]],
) -> tuple[list[Window], list[Busy], list[tuple[datetime, datetime]]]:
    return (
        [Window(*row) for row in rows["windows"]],
        [Busy(*row) for row in rows["visits"]],
        [(start, end) for start, end in rows["off"]],
    )


def _days_to_read(first: date | None, last: date | None) -> tuple[date, date]:
    """Nobody knows the doctor's zone yet, so `today` is any of three days.

    Of more days than are answered only so many are read: that will be refused.
    """
    today = clock.today(clock.zone("UTC"))
    start = first or today - DAY
    end = last or first or today + DAY
    return start, max(start, min(end, start + timedelta(days=MOST_DAYS + 1)))
