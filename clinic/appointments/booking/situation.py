"""All that the rules of a booking ask about, fetched together: the facts, no judgement.

On PostgreSQL the locks and the facts are one trip. The facts are statements of their own after the
locks: only those see what was committed while a lock was waited for.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.visible import asked_by
from clinic.accounts.models import User
from clinic.accounts.proof.standing import has_proven
from clinic.appointments.life import scope
from clinic.appointments.life.conflicts import takes_time
from clinic.appointments.models import Appointment
from clinic.appointments.offer.diary import (
    Diary,
    between,
    time_off_of,
    visits_of,
    windows_of,
)
from clinic.appointments.offer.practice import Practice, Rules, rules_of
from clinic.appointments.reading.visit import NAMED
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data import idempotency
from clinic.core.data.db import UtcDateTime, must_be_writing
from clinic.core.data.idempotency import IdempotencyKey, Key
from clinic.core.data.trips.asking import Asked, Question, ask
from clinic.core.data.trips.together import Row, Together
from clinic.doctors import service as doctors
from clinic.doctors.models import Doctor
from clinic.organisations.models import Location, Organisation, OrganisationSettings
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import service as patients
from clinic.schedules.models import Schedule
from clinic.schedules.slots import Busy, Slot, Window


@dataclass(frozen=True, slots=True)
class Wish:
    """`start` is the instant of the slot; at the desk notice and horizon do not bind."""

    doctor_id: UUID
    patient_id: UUID
    start: datetime
    at_desk: bool


@dataclass(frozen=True, slots=True)
class Patienthood:
    """The patient, as whoever asks and the doctor's organisation know them."""

    is_known: bool  # may whoever asks book for them, with that doctor?
    is_inactive: bool
    is_linked: bool  # known to the organisation
    is_proven: bool  # a code or a link came back from an address of theirs, or they came there
    phone: str | None
    email: str | None
    channel: str | None  # how the organisation writes to them


@dataclass(frozen=True, slots=True)
class Situation:
    """What is offered at the wanted instant, and what stands against it."""

    practice: Practice | None
    slot: Slot | None  # free or full; None if nothing is offered then
    patient: Patienthood
    lately: int  # visits booked in the last hour
    coming: int
    busy_from: datetime | None  # where the patient's first visit begins that ends after the start
    answer: str | None  # to the same key before
    named: dict[str, Any]  # what `visit.NAMED` asks for of a visit then

    @property
    def is_busy(self) -> bool:
        """Has the patient another visit meanwhile?"""
        return bool(self.slot and self.busy_from and self.busy_from < self.slot.end)


_WHERE = (
    sa.select(Doctor.organisation_id)
    .where(Doctor.id == sa.bindparam("doctor_id"))
    .scalar_subquery()
)
_START: sa.BindParameter[datetime] = sa.bindparam("start", type_=UtcDateTime)
_OF_PATIENT = (
    sa.select(
        sa.func.count()
        .filter(
            Appointment.created_at > sa.bindparam("an_hour_ago"),
            Appointment.rescheduled_from_id.is_(None),  # to move a visit is not to book one
        )
        .label("lately"),
        sa.func.count()
        .filter(
            Appointment.starts_at > sa.bindparam("now"), Appointment.status.in_(sorted(UPCOMING))
        )
        .label("coming"),
        sa.func.min(Appointment.starts_at)
        .filter(Appointment.ends_at > _START, takes_time())
        .label("busy_from"),
        sa.func.count()
        .filter(Appointment.checked_in_at.is_not(None), Appointment.organisation_id == _WHERE)
        .label("arrivals"),
    )
    .where(Appointment.patient_id == sa.bindparam("patient_id"))
    .subquery("of_patient")
)


_PLACE = ("place", "address")  # of the window, the rest of what is named of patient and doctor
_NAMED = [column.label(name) for name, column in NAMED.items() if name not in _PLACE]


class _Facts(NamedTuple):
    """The first columns of `_facts`; those of `_NAMED` follow."""

    is_known: bool | None
    died_on: date | None
    is_active: bool | None
    is_proven: bool | None
    phone: str | None
    email: str | None
    channel: str | None
    lately: int
    coming: int
    busy_from: datetime | None
    arrivals: int
    body_hash: str | None
    answer: str | None


def _facts(role: str) -> sa.Select[*tuple[Any, ...]]:
    """One row if there is the doctor; without the patient's part if there is no such patient."""
    link = sa.and_(
        PatientOrganisation.patient_id == Patient.id,
        PatientOrganisation.organisation_id == Doctor.organisation_id,
    )
    may_book = sa.and_(
        Patient.id.is_not(None), scope.BOOKED_FOR.of(role), scope.BOOKED_WITH.of(role)
    )
    return (
        sa.select(
            may_book.label("is_known"),
            PatientOrganisation.died_on,
            PatientOrganisation.is_active,
            has_proven().label("is_proven"),
            User.phone,
            User.email,
            PatientOrganisation.channel,
            _OF_PATIENT,
            IdempotencyKey.body_hash,
            IdempotencyKey.answer,
            *_NAMED,
        )
        .select_from(Doctor)
        .join(Organisation, Organisation.id == Doctor.organisation_id)
        .join(OrganisationSettings, OrganisationSettings.organisation_id == Organisation.id)
        .outerjoin(Patient, Patient.id == sa.bindparam("patient_id"))
        .outerjoin(User, User.id == Patient.user_id)
        .outerjoin(PatientOrganisation, link)
        .outerjoin(IdempotencyKey, idempotency.STORED)
        .join(_OF_PATIENT, sa.true())
        .where(Doctor.id == sa.bindparam("doctor_id"))
    )


def _theirs(doctor: Any) -> sa.ColumnElement[bool]:
    return doctor == sa.bindparam("doctor_id")


_DIARY: dict[str, sa.Select[*tuple[Any, ...]]] = {
    "rules": rules_of(_theirs),
    "visits": visits_of(_theirs),
    "windows": windows_of(_theirs)
    .add_columns(NAMED["place"], NAMED["address"])
    .join(Location, Location.id == Schedule.location_id),
    "off": time_off_of(_theirs),
}


@functools.cache
def _all(role: str) -> tuple[Together, Question]:
    """Facts and diary as one statement, and the way to take its rows apart."""
    together = Together(facts=_facts(role), **_DIARY)
    return together, Question(together.statement)


def locked(wish: Wish, actor: Actor, key: Key | None = None) -> Situation:
    """Hold the doctor, then the patient, as `lock_for_booking` does, and look.

    Raises KeyReused.
    """
    must_be_writing()
    held: list[Asked] = [
        (doctors.LOCK_ONE, {"doctor_id": wish.doctor_id}),
        (patients.LOCK_ONE, {"patient_id": wish.patient_id}),
    ]
    return _situation(held, wish, actor, key)


def seen(wish: Wish, actor: Actor) -> Situation:
    """Look once more under locks that are held."""
    return _situation([], wish, actor, None)


def _situation(held: list[Asked], wish: Wish, actor: Actor, key: Key | None) -> Situation:
    now = clock.now()
    asked = {
        "doctor_id": wish.doctor_id,
        "patient_id": wish.patient_id,
        "start": wish.start,
        "now": now,
        "an_hour_ago": now - timedelta(hours=1),
        **asked_by(actor),
        **idempotency.asked_with(key),
    }
    # The doctor's own day is this one, the one before or the one after.
    day = wish.start.astimezone(clock.zone("UTC")).date()
    days = between(day - timedelta(days=1), day + timedelta(days=1))
    together, question = _all(actor.role)
    *_, rows = ask(*held, (question, {**asked, **days}))
    found = together.apart(rows)
    return _of(found["facts"][0], _Day(found, wish), key) if found["facts"] else NOTHING


class _Day:
    """What is offered at the wanted instant."""

    def __init__(self, rows: Mapping[str, list[Any]], wish: Wish) -> None:
        self.practice: Practice | None = None
        self.slot: Slot | None = None
        self.place: dict[str, Any] = {}
        if not rows["rules"]:
            return
        self.practice = Rules(*rows["rules"][0]).practice(wish.at_desk)
        windows = [Window(*row[:-2]) for row in rows["windows"]]
        busy = [Busy(*row) for row in rows["visits"]]
        off = [(start, end) for start, end in rows["off"]]
        self.slot = Diary(self.practice, windows, busy, off).slot_at(wish.start)
        if self.slot:
            at = [window.id for window in windows].index(self.slot.schedule_id)
            self.place = dict(zip(_PLACE, rows["windows"][at][-2:], strict=True))


_NOBODY = Patienthood(False, False, False, False, None, None, None)
NOTHING = Situation(None, None, _NOBODY, 0, 0, None, None, {})


def _of(columns: Row, day: _Day, key: Key | None) -> Situation:
    row, named = _Facts(*columns[: -len(_NAMED)]), columns[-len(_NAMED) :]
    person = Patienthood(
        is_known=bool(row.is_known),
        is_inactive=patients.is_inactive(row.died_on, row.is_active),
        is_linked=row.is_active is not None,
        is_proven=bool(row.is_proven or row.arrivals),
        phone=row.phone,
        email=row.email,
        channel=row.channel,
    )
    return Situation(
        practice=day.practice,
        slot=day.slot,
        patient=person,
        lately=row.lately,
        coming=row.coming,
        busy_from=row.busy_from,
        answer=idempotency.answer_to(key, row.body_hash, row.answer),
        named={one.name: value for one, value in zip(_NAMED, named, strict=True)} | day.place,
    )
