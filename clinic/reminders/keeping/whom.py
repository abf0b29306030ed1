"""To whom somebody may have a reminder sent, and for which organisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import REMIND_MANY, WRITE_ANYWHERE
from clinic.accounts.models import User
from clinic.core.data.bulk import among
from clinic.core.data.db import db, is_there
from clinic.core.errors import N_, Forbidden, NotFound, Wrong
from clinic.core.fields import EMAIL, PhoneNumber
from clinic.doctors.models import Doctor
from clinic.messaging.channels import CHANNELS
from clinic.organisations import queries as organisations
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import queries as patients
from clinic.reminders.errors import InvalidReminder, NotSpokenTo

MOST_NAMED = 1_000  # patients, one by one; more by a choice
LONGEST_RANGE = 366  # days
TO = "reminder_metadata.to"
ONE_WAY = N_("Name one patient, or choose many: not both.")
NOT_YOURS = N_("You can have reminders sent to your own number or address.")
NO_ADDRESS = N_("There is no number or address to send it to. Add one first.")
OTHER_KIND = N_("This is no address for that way to send it.")
NOBODY = N_("Choose who gets it.")
UNKNOWN_PEOPLE = N_("%(count)s of these patients are not known here.")
UNKNOWN_DOCTOR = N_("No doctor here has this id.")
BAD_RANGE = N_("Give a first and a last day, in order, at most a year apart.")

_Link = PatientOrganisation


@dataclass(frozen=True, slots=True)
class Whom:
    organisation_id: UUID | None
    patient_id: UUID | None = None
    address: str | None = None
    choice: dict[str, Any] | None = None


def judge(
    patient_id: UUID | None,
    choice: Mapping[str, Any] | None,
    details: Mapping[str, Any],
    method: str | None,
    actor: Actor,
    author_id: UUID | None = None,
) -> Whom:
    """`author_id` is who made it, where somebody else changes it.

    Raises InvalidReminder, Forbidden, NotSpokenTo; NotFound for a patient who is none of the
    actor's.
    """
    if choice is not None:
        if patient_id or details.get("to"):
            raise InvalidReminder.of("recipients", ONE_WAY)
        return _many(choice, actor)
    to = _one(patient_id, actor)
    theirs = _addresses(to, author_id or actor.user_id)
    written = details.get("to")
    if written:
        address = _address(str(written), method, to.organisation_id)
        if address not in theirs and not actor.may(WRITE_ANYWHERE):
            raise InvalidReminder.of(TO, NOT_YOURS, "not_your_own")
        return Whom(to.organisation_id, to.patient_id, address)
    if not any(theirs):
        raise InvalidReminder.of("patient_id" if patient_id else TO, NO_ADDRESS, "no_address")
    return to


def _one(patient_id: UUID | None, actor: Actor) -> Whom:
    """A patient; or whoever asks, of whom patients have a record."""
    if actor.is_patient:
        if patient_id not in (None, actor.patient_id):
            raise NotFound
        return Whom(home_of(actor.patient_id), actor.patient_id)
    if patient_id is None:
        return Whom(actor.organisation_id)
    record = patients.one(actor, patient_id)
    if record.died_on or record.is_active is False:
        raise NotSpokenTo
    return Whom(actor.organisation_id or record.organisation_id, patient_id)


def home_of(patient_id: UUID | None) -> UUID | None:
    """The organisation that a patient's own reminders go out for: where they were known last."""
    return db.session.scalar(
        sa.select(_Link.organisation_id)
        .where(_Link.patient_id == patient_id, _Link.is_active, _Link.died_on.is_(None))
        .order_by(_Link.created_at.desc(), _Link.organisation_id)
        .limit(1)
    )


def _addresses(to: Whom, account_id: UUID | None) -> tuple[str | None, str | None]:
    """Of the patient, else of the account."""
    if to.patient_id is None:
        row = db.session.execute(
            sa.select(User.phone, User.email).where(User.id == account_id)
        ).one_or_none()
        return (row.phone, row.email) if row else (None, None)
    here = sa.and_(_Link.patient_id == Patient.id, _Link.organisation_id == to.organisation_id)
    row = db.session.execute(
        sa.select(
            sa.func.coalesce(User.phone, _Link.phone), sa.func.coalesce(User.email, _Link.email)
        )
        .select_from(Patient)
        .outerjoin(User, User.id == Patient.user_id)
        .outerjoin(_Link, here)
        .where(Patient.id == to.patient_id)
    ).one_or_none()
    return (row[0], row[1]) if row else (None, None)


def _address(written: str, method: str | None, organisation_id: UUID | None) -> str:
    """As it is kept."""
    is_email = "@" in written
    if method and (CHANNELS[method].address == "email") is not is_email:
        raise InvalidReminder.of(TO, OTHER_KIND, "other_kind")
    kind = EMAIL if is_email else PhoneNumber(country=organisations.country_for(organisation_id))
    try:
        return kind.read(written)
    except Wrong as wrong:
        raise InvalidReminder.of(TO, wrong.words, wrong.code, **wrong.values) from None


def _many(choice: Mapping[str, Any], actor: Actor) -> Whom:
    place = actor.organisation_id
    if not actor.may(REMIND_MANY) or place is None:
        raise Forbidden
    named = [str(one) for one in choice.get("patient_ids") or ()]
    if named:
        return Whom(place, choice={"patient_ids": _known(named, place)})
    if choice.get("everyone"):
        return Whom(place, choice={"everyone": True})
    kept: dict[str, Any] = {}
    if doctor_id := choice.get("doctor_id"):
        is_here = Doctor.organisation_id == place
        if not is_there(Doctor.id == UUID(str(doctor_id)), is_here):
            raise InvalidReminder.of("recipients.doctor_id", UNKNOWN_DOCTOR)
        kept["doctor_id"] = str(doctor_id)
    if choice.get("visits_from") or choice.get("visits_to"):
        kept |= _range(choice)
    if not kept:
        raise InvalidReminder.of("recipients", NOBODY)
    return Whom(place, choice=kept)


def _known(named: list[str], place: UUID) -> list[str]:
    ids = sorted({UUID(one) for one in named})
    if len(ids) > MOST_NAMED:
        raise InvalidReminder.of("recipients.patient_ids", NOBODY, "too_many")
    query = sa.select(_Link.patient_id).where(
        _Link.organisation_id == place, among(_Link.patient_id, ids)
    )
    missing = len(ids) - len(db.session.scalars(query).all())
    if missing:
        raise InvalidReminder.of(
            "recipients.patient_ids", UNKNOWN_PEOPLE, "not_known", count=missing
        )
    return [str(one) for one in ids]


def _range(choice: Mapping[str, Any]) -> dict[str, str]:
    try:
        first, last = (
            date.fromisoformat(str(choice.get(name))) for name in ("visits_from", "visits_to")
        )
    except ValueError:
        raise InvalidReminder.of("recipients.visits_from", BAD_RANGE) from None
    if not 0 <= (last - first).days <= LONGEST_RANGE:
        raise InvalidReminder.of("recipients.visits_to", BAD_RANGE)
    return {"visits_from": first.isoformat(), "visits_to": last.isoformat()}
