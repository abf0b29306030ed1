"""A visit as programs read it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator

from clinic.api.frame import Out, PageOf, example
from clinic.appointments.reading.lists import Listed
from clinic.appointments.vocabulary import Status

VISIT = {
    "id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa",
    "code": "K7P4Q",
    "status": "scheduled",
    "start": "2026-11-16T11:00:00Z",
    "end": "2026-11-16T11:30:00Z",
    "timezone": "Europe/London",
    "doctor_id": "0d4f6a1e-6a7e-4f43-9a52-3f3a5a1f7c10",
    "doctor_name": "Dr Chandra Iyer",
    "patient_id": "9c1e0d3b-2f4a-4c1d-8e6f-7a8b9c0d1e2f",
    "patient_name": "Asha Rao",
    "organisation_id": "1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b",
    "schedule_id": "c3d2a8f1-1b2c-4d5e-8f90-a1b2c3d4e5f6",
    "location": "Quay Street",
    "reason": "Blood pressure",
    "source": "api",
    "channel": "sms",
    "version": 2,
    "cancel_reason": None,
    "held_until": None,
    "rescheduled_from_id": None,
    "rescheduled_to_id": None,
    "checked_in_at": None,
    "started_at": None,
    "finished_at": None,
    "created_at": "2026-11-10T08:00:00Z",
    "updated_at": "2026-11-10T08:00:02Z",
}


class AppointmentOut(Out):
    id: UUID
    code: str = Field(description="The reference for people")
    status: Status
    start: datetime
    end: datetime
    timezone: str
    doctor_id: UUID
    doctor_name: str
    patient_id: UUID
    patient_name: str
    organisation_id: UUID
    schedule_id: UUID
    location: str
    reason: str | None = Field(description="For the patient, the doctor, and whoever entered it")
    source: str
    channel: str
    version: int
    cancel_reason: str | None
    held_until: datetime | None = Field(
        description="Until then the visit waits for a code: POST /users/me/verify"
    )
    rescheduled_from_id: UUID | None
    rescheduled_to_id: UUID | None
    checked_in_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime

    model_config = example(VISIT)

    @model_validator(mode="before")
    @classmethod
    def _of_listed(cls, given: object) -> object:
        return _words(given) if isinstance(given, Listed) else given


_SAME = (
    *("id", "code", "status", "doctor_id", "patient_id", "organisation_id", "schedule_id"),
    *(
        "source",
        "channel",
        "version",
        "cancel_reason",
        "held_until",
        "rescheduled_from_id",
        "checked_in_at",
    ),
    *("started_at", "finished_at", "created_at", "updated_at"),
)


def _words(listed: Listed) -> dict[str, Any]:
    same = {name: getattr(listed.visit, name) for name in _SAME}
    return same | {
        "start": listed.visit.starts_at,
        "end": listed.visit.ends_at,
        "timezone": listed.visit.zone.key,
        "doctor_name": listed.visit.doctor,
        "patient_name": listed.visit.patient,
        "location": listed.visit.place,
        "reason": listed.visit.reason,
        "rescheduled_to_id": listed.rescheduled_to_id,
    }


class AppointmentPage(PageOf[AppointmentOut]):
    model_config = example({"items": [VISIT], "next_cursor": None})
