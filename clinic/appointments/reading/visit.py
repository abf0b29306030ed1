"""A visit is read once: one query and one record, of which every page and list is a view."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import BOUND_BY_NOTICE, READ_REASONS, may
from clinic.appointments.life import lifecycle
from clinic.appointments.life.lifecycle import By
from clinic.appointments.life.scope import VISIBLE, still_meant
from clinic.appointments.models import MOVED, Appointment
from clinic.appointments.vocabulary import FINISHED, UPCOMING, Status
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.core.phones import as_dialled
from clinic.doctors.models import Doctor
from clinic.organisations.models import Location, Organisation, OrganisationSettings
from clinic.patients.models import Patient

MOST_LISTED = 50
JUST_NOW = timedelta(minutes=10)
REMINDED_BEFORE = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of a visit, and what the one who reads it may do. No words: doors find them."""

    by: By  # who reads it
    zone: ZoneInfo
    status: Status
    reason: str | None  # None for those who only organise the visit
    # From here on the columns of `VISITS`, by name and in its order.
    id: UUID
    organisation_id: UUID
    doctor_id: UUID
    patient_id: UUID
    schedule_id: UUID
    starts_at: datetime
    ends_at: datetime
    code: str
    source: str
    channel: str
    cancel_reason: str | None
    rescheduled_from_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    held_until: datetime | None
    link_number: int | None
    checked_in_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    doctor: str
    patient: str
    birth_date: date | None
    place: str
    address: str | None
    organisation: str
    organisation_phone: str | None
    country: str  # the organisation's
    emergency_number: str  # likewise
    approval_required: bool
    notice_minutes: int
    doctor_works: bool  # there, still: else the desk has to decide what becomes of the visit

    @property
    def link_key(self) -> str:
        """What its manage link is made of; another one since the patient's number was corrected."""
        return f"{self.id}-{self.link_number}" if self.link_number else str(self.id)

    @property
    def clinic_phone(self) -> str:
        """As patients of the clinic dial it, or ""."""
        return as_dialled(self.organisation_phone or "", self.country)

    @property
    def starts_on(self) -> date:
        """The day where the visit takes place."""
        return self.starts_at.astimezone(self.zone).date()

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))

    @property
    def shown_status(self) -> Status:
        """Nobody need know of our queue: pending reads as booked unless people must approve."""
        is_queued = self.status is Status.PENDING and not self.approval_required
        return Status.SCHEDULED if is_queued else self.status

    @property
    def has_moved(self) -> bool:
        """Another visit took its place."""
        return self.cancel_reason == MOVED

    @property
    def has_just_moved(self) -> bool:
        """Did it take another one's place within ten minutes? Said where no cookie can say it."""
        is_new = self.created_at > clock.now() - JUST_NOW
        return is_new and self.rescheduled_from_id is not None and self.status in UPCOMING

    @property
    def is_held(self) -> bool:
        """Nobody answers for who booked it: kept until `held_until`, or until the desk decides."""
        return self.held_until is not None and self.status in UPCOMING

    @property
    def is_upcoming(self) -> bool:
        return self.ends_at > clock.now() and self.status not in FINISHED

    @property
    def is_cancelled_ahead(self) -> bool:
        """Its time is still to come, and it will not be."""
        return self.status is Status.CANCELLED and self.ends_at > clock.now()

    @property
    def is_left(self) -> bool:
        """Its doctor sees nobody there any more, and nobody has said yet what becomes of it."""
        return self.status in UPCOMING and not self.doctor_works

    @property
    def is_reminded(self) -> bool:
        """Was it booked early enough for the reminder three hours before?"""
        return self.created_at <= self.starts_at - REMINDED_BEFORE

    @property
    def waits_for_word(self) -> bool:
        """Is the patient still to say that they come? Not of a request that nobody accepted."""
        return self.shown_status is Status.SCHEDULED and self.doctor_works

    @property
    def can_confirm(self) -> bool:
        return self._may("confirm") and self.doctor_works and self.starts_at > clock.now()

    @property
    def can_cancel(self) -> bool:
        return self._may("cancel") and self._is_in_time

    @property
    def can_move(self) -> bool:
        return self._may("reschedule") and self._is_in_time

    @property
    def is_too_late(self) -> bool:
        """The clinic's notice limit has passed: for patients, only a call helps now."""
        return self._may("cancel") and not self.has_notice

    @property
    def _is_in_time(self) -> bool:
        return self.has_notice or not may(self.by, BOUND_BY_NOTICE)

    @property
    def has_notice(self) -> bool:
        """Of which patients need some to cancel or move."""
        return lifecycle.can_cancel(self.starts_at, clock.now(), self.notice_minutes)

    def _may(self, step: str) -> bool:
        return lifecycle.may(self.status, step, self.by)


NAMED: dict[str, Any] = {
    "doctor": Doctor.name,
    "patient": Patient.full_name,
    "birth_date": Patient.birth_date,
    "place": Location.name,
    "address": Location.address,
    "organisation": Organisation.name,
    "organisation_phone": Organisation.phone,
    "country": Organisation.country,
    "emergency_number": Organisation.emergency_number,
    "approval_required": OrganisationSettings.approval_required,
    "notice_minutes": OrganisationSettings.cancel_notice_minutes,
    "doctor_works": Doctor.is_active,
}
_MADE = ("by", "zone", "status", "reason")
_COLUMNS = tuple(one.name for one in fields(Visit) if one.name not in _MADE)


def _column(name: str) -> sa.SQLColumnExpression[Any]:
    return NAMED[name].label(name) if name in NAMED else getattr(Appointment, name)


# Built once: to put a query together costs more than to send it.
VISITS: sa.Select[Any] = (
    sa.select(
        *(_column(name) for name in _COLUMNS),
        Appointment.status,
        Appointment.reason,
        Appointment.booked_by,
        Organisation.timezone,
    )
    .join(Doctor, Doctor.id == Appointment.doctor_id)
    .join(Patient, Patient.id == Appointment.patient_id)
    .join(Location, Location.id == Appointment.location_id)
    .join(Organisation, Organisation.id == Appointment.organisation_id)
    .join(OrganisationSettings, OrganisationSettings.organisation_id == Organisation.id)
)


def of_rows(rows: Iterable[sa.Row[Any]], reader: Actor) -> list[Visit]:
    """The visits in rows of `VISITS`, which may have more columns, as `reader` may know them."""
    return [of_row(row, reader) for row in rows]


def of_row(row: sa.Row[Any], reader: Actor) -> Visit:
    return _visit(row, row[: len(_COLUMNS)], clock.zone(row.timezone), reader)


def of_new(visit: Appointment, zone: ZoneInfo, named: Mapping[str, Any], reader: Actor) -> Visit:
    """What would be read of a visit that was booked just now; `named` is what `NAMED` asks for."""
    columns = [named[one] if one in NAMED else getattr(visit, one) for one in _COLUMNS]
    return _visit(visit, columns, zone, reader)


def _visit(row: Any, columns: Sequence[Any], zone: ZoneInfo, reader: Actor) -> Visit:
    return Visit(
        By(reader.role),
        zone,
        Status(row.status),
        row.reason if _may_read_reason(row, reader) else None,
        *columns,
    )


def _may_read_reason(row: Any, reader: Actor) -> bool:
    """The patient, the doctor, and whoever typed it; the front desk sees logistics only."""
    if reader.may(READ_REASONS):
        return True
    typed_it = row.rescheduled_from_id is None  # who only moves a visit never saw why
    return typed_it and reader.user_id is not None and row.booked_by == reader.user_id


def read(query: sa.Select[Any], reader: Actor) -> list[Visit]:
    """`query` is `VISITS`, narrowed and ordered."""
    return of_rows(db.session.execute(query), reader)


def visit(appointment_id: UUID, reader: Actor) -> Visit:
    """Raises NotFound unless the reader may see it."""
    found = read(VISITS.where(VISIBLE.to(reader), Appointment.id == appointment_id), reader)
    if not found:
        raise NotFound
    return found[0]


def upcoming(reader: Actor) -> list[Visit]:
    """What is still to come or going on, soonest first."""
    query = VISITS.where(
        VISIBLE.to(reader),
        Appointment.ends_at > clock.now(),
        Appointment.status.not_in(sorted(FINISHED)),
    )
    return read(query.order_by(Appointment.starts_at).limit(MOST_LISTED), reader)


def past(reader: Actor) -> list[Visit]:
    """What is over or was cancelled, newest first."""
    query = VISITS.where(
        VISIBLE.to(reader),
        still_meant(),
        sa.or_(Appointment.ends_at <= clock.now(), Appointment.status.in_(sorted(FINISHED))),
    )
    return read(query.order_by(Appointment.starts_at.desc()).limit(MOST_LISTED), reader)
