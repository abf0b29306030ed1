"""When a doctor is away although a window says otherwise."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasChoices, Field

from clinic.access.roles import Role
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    page,
)
from clinic.api.when import Instant
from clinic.core.fields import Text
from clinic.core.web.security import access
from clinic.doctors.errors import ProfileMissing
from clinic.schedules import lists, service
from clinic.schedules.models import LONGEST_REASON, TimeOff

bp = Resource("time_off", tag="Schedules")

VISIT = {
    "id": "6a1f0c9d-2b3e-4c5d-8e7f-0a1b2c3d4e5f",
    "start": "2026-12-24T10:00:00Z",
    "end": "2026-12-24T10:30:00Z",
}
TIMES = {"start": "2026-12-24T09:00:00Z", "end": "2026-12-27T09:00:00Z", "reason": "Holiday"}
TIME_OFF = {"id": "e7c1b2a3-4d5f-4a6b-8c9d-0e1f2a3b4c5d", **TIMES, "withdrawn_at": None}


class TimeOffIn(In):
    start: Instant = Field(validation_alias=AliasChoices("start", "starts_at"))
    end: Instant = Field(validation_alias=AliasChoices("end", "ends_at"))
    reason: Annotated[str, Text()] = Field("", max_length=LONGEST_REASON)

    model_config = example(TIMES)


class TimeOffOut(Out):
    id: UUID
    start: datetime
    end: datetime
    reason: str
    withdrawn_at: datetime | None

    model_config = example(TIME_OFF)


class TimeOffPage(PageOf[TimeOffOut]):
    model_config = example({"items": [TIME_OFF], "next_cursor": None})


class AffectedVisitOut(Out):
    id: UUID
    start: datetime
    end: datetime

    model_config = example(VISIT)


class NewTimeOffOut(TimeOffOut):
    affected_visits: list[AffectedVisitOut] = Field(
        description="Booked visits that fall into it: they stay booked"
    )

    model_config = example({**TIME_OFF, "affected_visits": [VISIT]})


def my_doctor_id() -> UUID:
    """Raises ProfileMissing while a doctor has no profile."""
    found = actor().doctor_id
    if found is None:
        raise ProfileMissing
    return found


@bp.get("/doctors/me/time-off")
@access(Role.DOCTOR)
@bp.input(PageQuery, location="query")
@bp.output(TimeOffPage)
def index(query_data: PageQuery) -> dict[str, Any]:
    """When you are or will be away, soonest first."""
    found = lists.time_off(my_doctor_id(), query_data.paging)
    return page(found.of(lambda rows: [_shown(one) for one in rows]))


@bp.post("/doctors/me/time-off")
@access(Role.DOCTOR)
@honours_key
@bp.input(TimeOffIn)
@bp.output(NewTimeOffOut, 201)
def take(json_data: TimeOffIn) -> dict[str, Any]:
    """Offer no slots between two times."""
    doctor_id = my_doctor_id()
    key = once(
        lambda: (
            service.take_time_off(
                doctor_id, json_data.start, json_data.end, json_data.reason, actor()
            ).id
        ),
        json_data,
    )
    row = lists.one_time_off(UUID(key), actor())
    affected = lists.affected_visits(doctor_id, row.starts_at, row.ends_at)
    return {**_shown(row), "affected_visits": affected}


@bp.get("/doctors/me/time-off/<uuid:time_off_id>")
@access(Role.DOCTOR)
@bp.output(TimeOffOut)
def show(time_off_id: UUID) -> dict[str, Any]:
    """One of your absences, withdrawn or not."""
    my_doctor_id()
    return _shown(lists.one_time_off(time_off_id, actor()))


@bp.delete("/doctors/me/time-off/<uuid:time_off_id>")
@access(Role.DOCTOR)
@bp.doc(responses={204: "The slots are offered again"})
def withdraw(time_off_id: UUID) -> tuple[str, int]:
    """Take time off back."""
    my_doctor_id()
    service.withdraw_time_off(time_off_id, actor())
    return "", 204


def _shown(row: TimeOff) -> dict[str, Any]:
    return {
        "id": row.id,
        "start": row.starts_at,
        "end": row.ends_at,
        "reason": row.reason,
        "withdrawn_at": row.withdrawn_at,
    }
