"""A number was wrong: what was texted there is said where the patient is now; its links end."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.facts import UserContactChanged
from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.appointments.vocabulary import UPCOMING
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.messaging.channels import TEXTS
from clinic.messaging.errors import CannotResend
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages as messaging
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.senders import chosen
from clinic.messaging.statuses import Status
from clinic.patients.facts import PatientNumberCorrected
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders.telling import again
from clinic.reminders.visits import planning

REQUESTED, BOOKED = planning.TEMPLATES[planning.REQUESTED], planning.TEMPLATES[planning.BOOKED]
OF_THE_END = (planning.TEMPLATES[planning.CANCELLED], planning.TEMPLATES[planning.NOT_ACCEPTED])


def on_number_corrected(fact: PatientNumberCorrected) -> None:
    """NOW, with the correction: once of each visit, though several texts of it went there."""
    number = _number(fact.patient_id, fact.organisation_id) or ""
    _tell(_told_elsewhere(fact.patient_id, fact.organisation_id, number), number)


def on_contact_changed(facts: Sequence[UserContactChanged]) -> None:
    """LATER, when people gave numbers of their own: the same at each of their organisations.
    Harmless twice. Later, because visits are held before the accounts of their people.
    """
    users = {fact.user_id for fact in facts if fact.kind == "phone"}
    for patient_id, organisation_id in db.session.execute(_to_come(users)).all() if users else ():
        number = _number(patient_id, organisation_id) or ""
        told = _told_elsewhere(patient_id, organisation_id, number)
        _tell([row for row in told if not _was_said_since(row, number)], number)


def _to_come(user_ids: Collection[UUID]) -> sa.Select[UUID, UUID | None]:
    """Whose visits there are, and where."""
    theirs = sa.select(Appointment.patient_id, Appointment.organisation_id).distinct()
    return (
        theirs.join(Patient, Patient.id == Appointment.patient_id)
        .where(among(Patient.user_id, user_ids), Appointment.starts_at > clock.now())
        .order_by(Appointment.patient_id, Appointment.organisation_id)
    )


def _was_said_since(row: sa.Row, number: str) -> bool:
    """Since that text, where they are now."""
    said = sa.exists().where(
        Message.about_id == row.about_id,
        Message.dedupe_key.startswith(_beginning(row.about_id), autoescape=True),
        Message.created_at >= row.created_at,
        sa.or_(Message.address == number, Message.channel.not_in(TEXTS)),
    )
    return bool(db.session.scalar(sa.select(said)))


def _tell(told: Sequence[sa.Row], number: str) -> None:
    if not told:
        return
    links.renew([row.about_id for row in told])
    for row in told:
        messaging.void(row.about_id, audience="patient", but_to=number)
    messaging.queue_messages([one for row in told for one in _again(row)])


def _number(patient_id: UUID, organisation_id: UUID | None) -> str | None:
    """Where texts go now."""
    here = sa.and_(
        PatientOrganisation.patient_id == Patient.id,
        PatientOrganisation.organisation_id == organisation_id,
    )
    query = sa.select(sa.func.coalesce(User.phone, PatientOrganisation.phone)).select_from(Patient)
    query = query.outerjoin(User, User.id == Patient.user_id).outerjoin(PatientOrganisation, here)
    return db.session.scalar(query.where(Patient.id == patient_id))


def _told_elsewhere(
    patient_id: UUID, organisation_id: UUID | None, number: str
) -> Sequence[sa.Row]:
    """Of each visit to come the last text that went, or may go, to another number."""
    query = (
        sa.select(
            *(Message.about_id, Message.template, Message.channel, Message.created_at),
            *(Appointment.status, Appointment.organisation_id),
        )
        .join(Appointment, Appointment.id == Message.about_id)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.organisation_id == organisation_id,
            Appointment.starts_at > clock.now(),
            Message.direction == "out",
            Message.audience == "patient",
            Message.channel.in_(TEXTS),
            Message.address != number,
            Message.status.not_in((Status.SKIPPED, Status.CANCELLED)),
        )
        .order_by(Message.created_at, Message.id)
    )
    last = {row.about_id: row for row in db.session.execute(query)}
    return list(last.values())


def _again(row: sa.Row) -> Iterator[NewMessage]:
    """By the way it went, else by the next one that has an address now."""
    template = _template(row)
    if template is None:
        return
    for channel in dict.fromkeys((row.channel, *chosen.ways(row.organisation_id))):
        with suppress(CannotResend):  # no such address, or it is true no more
            if message := again.message_again(template, row.about_id, channel):
                yield replace(message, dedupe_key=_key(row, template))
                return


def _template(row: sa.Row) -> str | None:
    if row.status in UPCOMING:
        is_waiting = row.template == REQUESTED and row.status == "pending"
        return REQUESTED if is_waiting else BOOKED
    # Else it was moved, or its end was not told yet: that goes to the new number by itself.
    return row.template if row.template in OF_THE_END else None


def _key(row: sa.Row, template: str) -> str:
    number = sa.select(Appointment.link_number).where(Appointment.id == row.about_id)
    return f"{_beginning(row.about_id)}{template}:{db.session.scalar(number)}"


def _beginning(visit_id: UUID) -> str:
    return f"corrected:{visit_id}:"
