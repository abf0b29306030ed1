"""Book in one of a doctor's windows, at a time in it or at its first free one."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.access.actor import Actor
from clinic.access.roles import BOOK_FOR_PATIENTS
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.errors import SlotNotOffered, SlotTaken
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.models import Appointment
from clinic.appointments.offer.diary import Diary, diaries
from clinic.appointments.offer.practice import practices
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, NotFound
from clinic.schedules.models import Schedule


@transactional
def book_in_window(
    schedule_id: UUID, start: datetime | None, patient_id: UUID, reason: str, actor: Actor
) -> Appointment:
    """Raises what `booking.book` raises; NotFound for an absent or withdrawn window."""
    window = db.session.get(Schedule, schedule_id)
    if window is None or window.withdrawn_at is not None:
        raise NotFound
    # Under the lock, or many who ask at once would all be sent to the same first free time.
    lock_for_booking([window.doctor_id], [patient_id])
    at_desk = actor.may(BOOK_FOR_PATIENTS)
    moment = start or _first_free(window.doctor_id, schedule_id, at_desk)
    request = BookingRequest(window.doctor_id, patient_id, moment, reason)
    visit = booking.book(replace(request, source="api"), actor)
    if visit.schedule_id != schedule_id:
        raise SlotNotOffered(N_("That time is not one of this window's times."))
    return visit


def _first_free(doctor_id: UUID, schedule_id: UUID, at_desk: bool) -> datetime:
    found = practices([doctor_id], at_desk)
    if doctor_id not in found:
        raise NotFound
    practice = found[doctor_id]
    first, last = clock.today(practice.zone), practice.latest.astimezone(practice.zone).date()
    diary = diaries(found, first, last)[doctor_id]
    for day in _days_of(diary, schedule_id, first, last):
        for slot in diary.free(day, day):
            if slot.schedule_id == schedule_id:
                return slot.start
    raise SlotTaken(N_("This window has no free time left."))


def _days_of(diary: Diary, schedule_id: UUID, first: date, last: date) -> list[date]:
    windows = [window for window in diary.windows if window.id == schedule_id]
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if any(window.happens_on(day) for window in windows)]
