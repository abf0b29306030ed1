"""A window as programs send and read it."""

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import Field

from clinic.api.frame import In, Out, PageOf, PageQuery, actor, example, page
from clinic.api.schedules.time_off import VISIT, AffectedVisitOut
from clinic.api.visits import MEANING, Visits
from clinic.api.when import Day, WallEnd, WallTime, wall, wall_end
from clinic.core.data.paging import Page
from clinic.core.fields import LONGEST_NAME, Text
from clinic.schedules import lists, service, slots
from clinic.schedules.lists import ListedWindow
from clinic.schedules.service import WindowChanges

SCHEDULE = {
    "id": "c3d2a8f1-1b2c-4d5e-8f90-a1b2c3d4e5f6",
    "doctor_id": "0d4f6a1e-6a7e-4f43-9a52-3f3a5a1f7c10",
    "weekday": 0,
    "date": None,
    "start_time": "09:00",
    "end_time": "12:00",
    "slot_minutes": 30,
    "capacity": 1,
    "max_patients": None,
    "location": "Quay Street",
    "location_id": "2f0b8a34-77c1-4f2b-9a0d-5c3e1d7b9a21",
    "timezone": "Europe/London",
    "valid_from": None,
    "valid_until": None,
    "withdrawn_at": None,
}
WEEKDAY = "0 to 6, Monday is 0; or else send a date"
PLACE = "The id or name of a location; a new name is a new one. Without it: where you mostly work"


class ScheduleIn(In):
    weekday: int | None = Field(None, ge=0, le=6, strict=True, description=WEEKDAY)
    date: Day | None = Field(None, description="For one day alone")
    start_time: WallTime = Field(description="On the organisation's wall clock")
    end_time: WallEnd = Field(description="24:00, or 00:00, is the end of the day")
    slot_minutes: int = Field(30, ge=5, le=480, strict=True)
    capacity: int = Field(1, ge=1, le=100, strict=True, description="Places in each slot")
    max_patients: int | None = Field(
        None, ge=1, le=10_000, strict=True, description="In the whole window"
    )
    location: Annotated[str, Text(LONGEST_NAME)] | None = Field(None, description=PLACE)
    valid_from: Day | None = None
    valid_until: Day | None = None

    model_config = example(
        {"weekday": 0, "start_time": "09:00", "end_time": "12:00", "location": "Quay Street"}
    )


class ScheduleChanges(In):
    weekday: int | None = Field(None, ge=0, le=6, strict=True, description=WEEKDAY)
    date: Day | None = None
    start_time: WallTime = Field(default_factory=str)
    end_time: WallEnd = Field(default_factory=str)
    slot_minutes: int = Field(default_factory=int, ge=5, le=480, strict=True)
    capacity: int = Field(default_factory=int, ge=1, le=100, strict=True)
    max_patients: int | None = Field(None, ge=1, le=10_000, strict=True)
    location: Annotated[str, Text(LONGEST_NAME)] | None = Field(None, description=PLACE)
    valid_from: Day | None = None
    valid_until: Day | None = None
    visits: Visits | None = Field(None, description=f"Of those it no longer holds. {MEANING}")

    model_config = example({"end_time": "13:00", "capacity": 2})


class ScheduleOut(Out):
    id: UUID
    doctor_id: UUID
    weekday: int | None
    date: Day | None
    start_time: str
    end_time: str
    slot_minutes: int
    capacity: int
    max_patients: int | None
    location: str
    location_id: UUID
    timezone: str
    valid_from: Day | None
    valid_until: Day | None
    withdrawn_at: datetime | None

    model_config = example(SCHEDULE)


class SchedulePage(PageOf[ScheduleOut]):
    model_config = example({"items": [SCHEDULE], "next_cursor": None})


class ChangedScheduleOut(ScheduleOut):
    affected_visits: list[AffectedVisitOut] = Field(
        description="Visits still booked that the window no longer holds, or has no place for"
    )

    model_config = example({**SCHEDULE, "affected_visits": [VISIT]})


class ScheduleQuery(PageQuery):
    withdrawn: bool = Field(False, description="The withdrawn ones instead")


def changed(schedule_id: UUID, json_data: ScheduleChanges, visits: str | None) -> dict[str, Any]:
    given = renamed(json_data, exclude_unset=True)
    given.pop("visits", None)
    found = service.update_window(schedule_id, cast(WindowChanges, given), actor(), visits)
    return {**shown(lists.window(schedule_id, actor())), "affected_visits": found.affected}


_NAMES = {"date": "on", "start_time": "start", "end_time": "end"}


def renamed(body: In, exclude_unset: bool = False) -> dict[str, Any]:
    """In the room's words."""
    given = body.model_dump(exclude_unset=exclude_unset)
    readers = {"start_time": wall, "end_time": wall_end}
    given |= {key: read(given[key]) for key, read in readers.items() if key in given}
    return {_NAMES.get(key, key): value for key, value in given.items()}


def in_pages(found: Page[ListedWindow]) -> dict[str, Any]:
    return page(found.of(lambda rows: [shown(one) for one in rows]))


def shown(listed: ListedWindow) -> dict[str, Any]:
    row = listed.row
    return {
        "id": row.id,
        "doctor_id": row.doctor_id,
        "weekday": row.weekday,
        "date": row.on_date,
        "start_time": slots.shown(row.start_time),
        "end_time": slots.shown(row.end_time),
        "slot_minutes": row.slot_minutes,
        "capacity": row.capacity,
        "max_patients": row.max_patients,
        "location": listed.location,
        "location_id": row.location_id,
        "timezone": listed.timezone,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "withdrawn_at": row.withdrawn_at,
    }
