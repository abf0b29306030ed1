"""What programs ask of the directory: who is free between two instants, and the slots of days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from clinic.access.actor import Actor
from clinic.access.roles import BOOK_FOR_PATIENTS
from clinic.appointments.offer.at_once import MOST_DAYS, Found, find
from clinic.appointments.offer.next_free import next_free
from clinic.appointments.offer.practice import Practice, Rules, practices_of
from clinic.core import clock
from clinic.core.data.paging import Page, Paging
from clinic.core.errors import BadRange, NotFound
from clinic.doctors import queries as doctors
from clinic.doctors.queries import Profile
from clinic.doctors.search.narrowing import Search
from clinic.schedules.slots import Slot, slots_between

MOST_BATCHES = 20  # of doctors looked through for one answer; the cursor goes on from there


@dataclass(frozen=True, slots=True)
class Between:
    """Instants between which the next free slot must begin; None means any."""

    earliest: datetime | None = None
    latest: datetime | None = None

    def __bool__(self) -> bool:
        return self.earliest is not None or self.latest is not None


@dataclass(frozen=True, slots=True)
class FoundDoctor:
    profile: Profile
    next_available: datetime | None


def directory(asked: Search, between: Between, paging: Paging) -> Page[FoundDoctor]:
    """Doctors by name, each with the start of the next free slot, at the place that is asked for.

    With `between`, only those who have one then: a page may be short although more follow.
    """
    for _ in range(MOST_BATCHES):
        page = doctors.search(asked, paging).of(
            lambda found: _found(found, between, asked.location)
        )
        if page.items or not page.next_cursor:
            break
        paging = replace(paging, cursor=page.next_cursor)
    return page


def next_available(profile: Profile) -> FoundDoctor:
    return _found([profile], Between())[0]


def _found(
    profiles: Sequence[Profile], between: Between, location: UUID | None = None
) -> list[FoundDoctor]:
    narrowed = {key: _narrowed(one, between) for key, one in practices_of(profiles).items()}
    # A day earlier: it may be yesterday still where a doctor works.
    since = (
        between.earliest.astimezone(UTC).date() - timedelta(days=1) if between.earliest else None
    )
    free = next_free(narrowed, many=1, since=since, location=location)
    found = [FoundDoctor(one, free[one.id][0].start if free[one.id] else None) for one in profiles]
    return [one for one in found if one.next_available] if between else found


def _narrowed(practice: Practice, between: Between) -> Practice:
    return replace(
        practice,
        earliest=max(practice.earliest, between.earliest or practice.earliest),
        latest=min(practice.latest, between.latest or practice.latest),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """Slots as the caller could book them."""

    doctor_id: UUID
    timezone: str
    slots: list[Slot]


def offer(
    doctor_id: UUID,
    first: date | None,
    last: date | None,
    actor: Actor | None,
    found: Found | None = None,
) -> Offer:
    """The slots of the doctor's local days `first` (today) to `last`, free and booked.

    `available` is 0 wherever the caller's booking would be refused: too soon, too far ahead,
    full. Of the past there are the booked slots alone. `found` is what is known already of these
    days. Raises NotFound or BadRange.
    """
    found = found or find(doctor_id, first, last)
    if found.rules is None:
        raise NotFound
    diary = found.diary(found.rules, _is_at_desk(actor, found.rules))
    practice = diary.practice
    first = first or clock.today(practice.zone)
    last = last or first
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise BadRange(MOST_DAYS)
    slots = slots_between(diary.windows, practice.zone, first, last, off=diary.off, busy=diary.busy)
    now = clock.now()
    seen = [_as_bookable(slot, practice) for slot in slots if slot.booked or slot.start >= now]
    return Offer(doctor_id, practice.zone.key, seen)


def _as_bookable(slot: Slot, practice: Practice) -> Slot:
    if practice.earliest <= slot.start <= practice.latest:
        return slot
    return replace(slot, available=0, free_seat=None)


def _is_at_desk(actor: Actor | None, rules: Rules) -> bool:
    if actor is None or not actor.may(BOOK_FOR_PATIENTS):
        return False
    return actor.organisation_id in (None, rules.organisation_id)
