"""When a visit or a free time is, and the time somebody picked, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.appointments.offer import choice as choices
from clinic.appointments.offer.choice import Choice
from clinic.core import saying
from clinic.core.text import said_once
from clinic.organisations.site.queries import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The words of a time, for a calendar leaf, for reading on and for screen readers."""

    weekday: str  # "Mon"
    day: str  # "23"
    month: str  # "Nov"
    day_label: str  # "Mon 23 Nov"
    time: str  # "09:30"
    time_range: str  # "09:30 to 10:00"
    zone_label: str  # "London time (GMT)"


def when(start: datetime, end: datetime, zone: ZoneInfo) -> dict[str, str]:
    """The fields of `When`."""
    day = start.astimezone(zone).date()
    return {
        "weekday": saying.weekday(day),
        "day": str(day.day),
        "month": saying.month(day),
        "day_label": saying.day_of(start, zone),
        "time": saying.time(start, zone),
        "time_range": saying.times(start, end, zone),
        "zone_label": saying.zone(start, zone),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked(When):
    """A picked slot, as the confirm step, the login and the sign-up page show it."""

    doctor_id: UUID
    doctor: str
    start: datetime
    where: str
    organisation_id: UUID
    approval_required: bool
    site: Site


def picked(choice: Choice) -> Picked:
    return Picked(
        **when(choice.start, choice.end, choice.zone),
        doctor_id=choice.doctor_id,
        doctor=choice.doctor,
        start=choice.start,
        where=where(choice.place, choice.address),
        organisation_id=choice.organisation_id,
        approval_required=choice.approval_required,
        site=choice.site,
    )


def picked_in(following: str) -> Picked | None:
    """The slot somebody picked before signing in, read out of where they go next."""
    choice = choices.choice_in(following)
    return picked(choice) if choice else None


def where(place: str | None, address: str | None) -> str:
    """`Quay Street, 2 Quay Street`; not every place has an address."""
    return said_once(place, address)


def where_at(organisation: str, place: str | None, address: str | None) -> str:
    """`Harbour Clinic, Quay Street, 2 Quay Street`; a place named like its clinic is said once."""
    return said_once(organisation, place, address)
