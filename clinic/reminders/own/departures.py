"""Patients whom an organisation no longer cares for, and those of whom it had two records: what
waits for them goes out no more, or to the record that stays."""

import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages as messaging
from clinic.patients.facts import PatientFact, PatientJoined
from clinic.patients.models import PatientOrganisation
from clinic.reminders.models import OwnReminder, Reminder
from clinic.reminders.own import wording

# As words of the statement, not as values of it: so the small index of what waits is found.
_WAITS = sa.or_(
    Message.status == sa.literal_column("'queued'"),
    Message.status == sa.literal_column("'sending'"),
)


def on_patient_silenced(fact: PatientFact) -> None:
    """NOW, with the change itself. What is due later looks again by itself who is spoken to."""
    link = db.session.get(PatientOrganisation, (fact.patient_id, fact.organisation_id))
    if link is None or (link.is_active and link.died_on is None):
        return
    theirs = f"reminder:%:{fact.patient_id}%"
    waiting = sa.select(Message.about_id).where(
        Message.template == wording.TEMPLATE,
        Message.organisation_id == fact.organisation_id,
        _WAITS,
        Message.dedupe_key.like(theirs),
    )
    for reminder_id in set(db.session.scalars(waiting)):
        if reminder_id:
            messaging.void_keyed(reminder_id, theirs)


def on_patient_joined(fact: PatientJoined) -> None:
    """NOW, with the act: both people are held."""
    db.session.execute(
        sa.update(Reminder)
        .where(Reminder.patient_id == fact.joined_id, Reminder.appointment_id.is_(None))
        .values(patient_id=fact.patient_id)
    )
    goes, stays = str(fact.joined_id), str(fact.patient_id)
    naming = sa.select(OwnReminder).where(sa.cast(OwnReminder.choice, sa.Text).contains(goes))
    for own in db.session.scalars(naming):  # few: those whose people were named one by one
        named = (own.choice or {}).get("patient_ids", ())
        kept = {stays if one == goes else one for one in named}
        own.choice = {"patient_ids": sorted(kept)}
    db.session.flush()
