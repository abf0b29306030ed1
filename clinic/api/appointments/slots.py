"""The slots of a doctor's days, free and booked."""

from datetime import datetime
from uuid import UUID

from flask import g, request
from flask_login import current_user
from pydantic import Field

from clinic.access.bearer import Bearer
from clinic.api import limits
from clinic.api.frame import In, Out, Resource, actor, example
from clinic.api.reading import InvalidInput, read_query
from clinic.api.when import Day
from clinic.appointments.offer import openings
from clinic.appointments.offer.at_once import Found, find
from clinic.appointments.offer.openings import Offer
from clinic.core.errors import N_, FieldError
from clinic.core.web.security import public, reads_along

bp = Resource("slots", tag="Doctors")

SLOT = {
    "start": "2026-11-16T09:00:00Z",
    "end": "2026-11-16T09:30:00Z",
    "schedule_id": "c3d2a8f1-1b2c-4d5e-8f90-a1b2c3d4e5f6",
    "capacity": 1,
    "booked": 0,
    "available": 1,
}


class SlotQuery(In):
    date: Day | None = Field(None, description="One day where the doctor works; else today")
    first: Day | None = Field(None, validation_alias="from", description="With `to`: 1 to 31 days")
    last: Day | None = Field(None, validation_alias="to", description="The last day, included")


class SlotOut(Out):
    start: datetime
    end: datetime
    schedule_id: UUID
    capacity: int
    booked: int
    available: int = Field(description="0 also where it is too soon or too far ahead for you")

    model_config = example(SLOT)


class SlotsOut(Out):
    doctor_id: UUID
    timezone: str
    slots: list[SlotOut]

    model_config = example(
        {
            "doctor_id": "0d4f6a1e-6a7e-4f43-9a52-3f3a5a1f7c10",
            "timezone": "Europe/London",
            "slots": [SLOT],
        }
    )


def _read_along(bearer: Bearer) -> Found | None:
    """By one statement the slots and who asks. Nothing where the view will refuse the question."""
    try:
        first, last = _days(read_query(SlotQuery))
    except InvalidInput:
        return None
    return find((request.view_args or {})["doctor_id"], first, last, bearer)


@bp.get("/doctors/<uuid:doctor_id>/slots")
@limits.slots
@public
@reads_along(_read_along)
@bp.input(SlotQuery, location="query")
@bp.output(SlotsOut)
def index(doctor_id: UUID, query_data: SlotQuery) -> Offer:
    """The slots of a day or of up to 31 days. Of the past the booked ones alone."""
    first, last = _days(query_data)
    who = actor() if current_user.is_authenticated else None
    return openings.offer(doctor_id, first, last, who, g.get("found"))


def _days(asked: SlotQuery) -> tuple[Day | None, Day | None]:
    if (asked.first is None) != (asked.last is None) or (asked.date and asked.first):
        raise InvalidInput(
            N_("Ask for a date, or for the days from ... to."),
            [FieldError("date", "one_way", N_("Send date, or from and to."))],
        )
    return asked.date or asked.first, asked.last
