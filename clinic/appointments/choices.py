"""What is still free when the picked slot is not."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import url_for

from clinic.appointments import queries
from clinic.core import clock
from clinic.core.errors import NotFound
from clinic.doctors import cards
from clinic.doctors import queries as doctor_queries
from clinic.doctors.cards import Day


@dataclass(frozen=True, slots=True)
class Left:
    doctor: str
    doctor_url: str
    days: tuple[Day, ...]
    zone_label: str
    is_empty: bool


def left(doctor: str | None, start: str | None) -> Left | None:
    """The seven days from the wanted one; None for a doctor that cannot be booked."""
    try:
        profile = doctor_queries.find(UUID(doctor or ""))
    except (ValueError, NotFound):
        return None
    found = queries.practices_of([profile])
    practice = found[profile.id]
    today = clock.today(practice.zone)
    wanted = queries.parse_start(start)
    first = max(today, wanted.astimezone(practice.zone).date()) if wanted else today
    first = min(first, practice.latest.astimezone(practice.zone).date())
    slots = queries.diaries(found, first, first + timedelta(days=6))[profile.id].free(
        first, first + timedelta(days=6)
    )
    confirm_url = f"{url_for('appointments.new')}?doctor={profile.id}&start="
    return Left(
        doctor=profile.name,
        doctor_url=url_for("doctors.show", doctor_id=profile.id),
        days=cards.days(first, profile, slots, practice.zone, confirm_url),
        zone_label=clock.zone_label(clock.day_bounds(first, practice.zone)[1], practice.zone),
        is_empty=not slots,
    )
