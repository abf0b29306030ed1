"""To whom a reminder goes, and where each of them is reached: a statement for many."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.messaging.channels import CHANNELS, USUAL
from clinic.messaging.queueing.reach import Reach
from clinic.organisations import queries as organisations
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders.addresses import EMAIL, PHONE, is_known, order_of, stop_of
from clinic.reminders.models import OwnReminder, Reminder

TO = "to"  # the key of an address that somebody wrote
_Link = PatientOrganisation
_ENDED = ("cancelled", "no_show")


@dataclass(frozen=True, slots=True)
class Recipient:
    key: str  # of a message: the id of a patient or of an account, or TO
    reach: Reach
    channel: str  # how they are written to where the reminder does not say
    language: str
    phone_is_known: bool
    email_is_known: bool

    def is_known_by(self, channel: str) -> bool:
        is_phone = CHANNELS[channel].address == "phone"
        return self.phone_is_known if is_phone else self.email_is_known


def some(
    reminder: Reminder, own: OwnReminder, after: str | None, most: int, key: str | None = None
) -> list[Recipient]:
    """At most so many, in the order of their keys, after a key; or the one of that `key` alone.

    Nobody who died, left, or is inactive: whoever is not spoken to any more is not among them.
    """
    place = reminder.organisation_id
    if reminder.patient_id or own.choice:
        rows = _patients(reminder, own).order_by(Patient.id).limit(most)
        if after:
            rows = rows.where(Patient.id > UUID(after))
        if key:
            rows = rows.where(Patient.id == UUID(key))
        return [_recipient(row, own.to_address, place) for row in db.session.execute(rows)]
    if after:
        return []
    if own.to_address:
        return [_written(own.to_address, place)]
    rows = _accounts(own.author_id)
    return [_recipient(row, None, place) for row in db.session.execute(rows)]


def _recipient(row: sa.Row[Any], to_address: str | None, place: UUID | None) -> Recipient:
    """`to_address` is where somebody wants it, instead of where the person is reached."""
    if to_address:
        reach, usual = _reach_of(to_address, place)
        known = {row.phone: row.phone_is_known, row.email: row.email_is_known}.get(to_address, True)
        return Recipient(str(row.id), reach, usual, row.language or "en", known, known)
    reach = Reach(row.phone, row.email, row.stop, row.channel_order)
    channel, language = row.channel or USUAL["phone"], row.language or "en"
    known_by = row.phone_is_known, row.email_is_known
    return Recipient(str(row.id), reach, channel, language, *known_by)


def _written(address: str, place: UUID | None) -> Recipient:
    """Of nobody that is known here: the organisation's own people wrote it."""
    reach, usual = _reach_of(address, place)
    return Recipient(TO, reach, usual, "en", True, True)


def _reach_of(address: str, place: UUID | None) -> tuple[Reach, str]:
    """And the channel that is usual for such an address."""
    if "@" in address:
        return Reach(None, address), USUAL["email"]
    stop = db.session.scalar(sa.select(stop_of(sa.literal(address), place)))
    return Reach(address, None, stop), USUAL["phone"]


def _accounts(user_id: UUID) -> sa.Select[*tuple[Any, ...]]:
    """Somebody who works here, and is reminded of something themselves: their organisation's own
    people gave the account."""
    return sa.select(
        User.id,
        User.phone,
        User.email,
        stop_of(User.phone, User.organisation_id).label("stop"),
        order_of(User.organisation_id).label("channel_order"),
        sa.literal(None, sa.String()).label("channel"),
        User.language,
        sa.true().label("phone_is_known"),
        sa.true().label("email_is_known"),
    ).where(User.id == user_id, User.is_active)


def _patients(reminder: Reminder, own: OwnReminder) -> sa.Select[*tuple[Any, ...]]:
    here = sa.and_(
        _Link.patient_id == Patient.id, _Link.organisation_id == reminder.organisation_id
    )
    query = (
        sa.select(
            Patient.id,
            PHONE.label("phone"),
            EMAIL.label("email"),
            stop_of(PHONE, reminder.organisation_id).label("stop"),
            order_of(reminder.organisation_id).label("channel_order"),
            _Link.channel,
            sa.func.coalesce(sa.func.nullif(User.language, "en"), _Link.language).label("language"),
            is_known("phone", Patient.id, reminder.organisation_id).label("phone_is_known"),
            is_known("email", Patient.id, reminder.organisation_id).label("email_is_known"),
        )
        .select_from(Patient)
        .outerjoin(User, User.id == Patient.user_id)
        .where(_Link.died_on.is_(None), sa.func.coalesce(User.is_active, sa.true()))
    )
    if reminder.patient_id:
        stays = sa.func.coalesce(_Link.is_active, sa.true())
        return query.outerjoin(_Link, here).where(Patient.id == reminder.patient_id, stays)
    query = query.join(_Link, here).where(_Link.is_active)
    return query.where(*chosen(own.choice or {}, reminder.organisation_id))


def chosen(choice: Mapping[str, Any], organisation_id: UUID | None) -> list[sa.ColumnElement[bool]]:
    """Conditions on Patient: `{"patient_ids": [...]}`, `{"everyone": true}`, or whoever has a visit
    `{"doctor_id": ..., "visits_from": ..., "visits_to": ...}` (days, included)."""
    if "patient_ids" in choice:
        return [among(Patient.id, [UUID(one) for one in choice["patient_ids"]])]
    if choice.get("everyone"):
        return []
    visit = [
        Appointment.patient_id == Patient.id,
        Appointment.organisation_id == organisation_id,
        Appointment.status.not_in(_ENDED),
    ]
    if doctor_id := choice.get("doctor_id"):
        visit.append(Appointment.doctor_id == UUID(doctor_id))
    first, last = choice.get("visits_from"), choice.get("visits_to")
    if first and last and organisation_id:
        zone = clock.zone(organisations.timezone_of(organisation_id))
        visit.append(Appointment.starts_at >= clock.day_bounds(date.fromisoformat(first), zone)[0])
        visit.append(Appointment.starts_at < clock.day_bounds(date.fromisoformat(last), zone)[1])
    return [sa.exists().where(*visit)]


def count(choice: Mapping[str, Any], organisation_id: UUID) -> int:
    """How many a choice reaches now."""
    query = (
        sa.select(sa.func.count())
        .select_from(Patient)
        .join(
            _Link,
            sa.and_(_Link.patient_id == Patient.id, _Link.organisation_id == organisation_id),
        )
        .outerjoin(User, User.id == Patient.user_id)
        .where(
            _Link.is_active,
            _Link.died_on.is_(None),
            sa.func.coalesce(User.is_active, sa.true()),
            *chosen(choice, organisation_id),
        )
    )
    return db.session.scalar(query) or 0
