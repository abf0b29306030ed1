"""Make a reminder, and change one that was not sent yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Wrong
from clinic.core.fields import ZONE, Choice, Line, read
from clinic.events.service import record
from clinic.messaging.channels import CHANNELS, USUAL
from clinic.organisations.models import Organisation
from clinic.reminders.errors import InvalidReminder, TooManyReminders
from clinic.reminders.facts import ReminderCreated, ReminderUpdated
from clinic.reminders.keeping import steps, whom
from clinic.reminders.keeping.fields import MESSAGE, TITLE
from clinic.reminders.keeping.whom import Whom
from clinic.reminders.models import (
    LONGEST_RECURRENCE,
    OWN,
    OwnReminder,
    Reminder,
)
from clinic.reminders.own import occurrence, recurrence
from clinic.reminders.own.recurrence import Rule, Turn

TYPES = ("appointment", "medication", "follow_up", "deadline", "notification")
MOST_OF_PATIENT = 50  # open ones that a patient keeps
PAST = N_("Choose a time that has not passed.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for. `method` None: each is written to as usual. Neither a patient nor a
    choice nor `details["to"]`: the author."""

    title: str
    message: str
    delivery_time: datetime
    type: str = "notification"
    method: str | None = None
    timezone: str | None = None
    recurrence: str | None = None
    patient_id: UUID | None = None
    choice: Mapping[str, Any] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@transactional
def make(wanted: Wanted, actor: Actor) -> UUID:
    """Raises InvalidReminder, NotFound, Forbidden, NotSpokenTo, TooManyReminders."""
    to = whom.judge(wanted.patient_id, wanted.choice, wanted.details, wanted.method, actor)
    _refuse_too_many(to, actor)
    said, zone_name = _said(wanted), _zone(wanted.timezone, to, actor)
    rule, turn = _first(wanted, zone_name)
    reminder = Reminder(
        organisation_id=to.organisation_id,
        patient_id=to.patient_id,
        rule=OWN,
        type=said["type"],
        channel=wanted.method or USUAL["phone"],
        due_at=turn.at,
        status="planned",
        created_at=clock.now(),
    )
    db.session.add(reminder)
    db.session.flush()
    own = OwnReminder(reminder_id=reminder.id, author_id=actor.user_id)
    _write(own, wanted, said, zone_name, to)
    _plan(own, rule, turn)
    db.session.add(own)
    db.session.flush()
    record(ReminderCreated(organisation_id=to.organisation_id, reminder_id=reminder.id), actor)
    return reminder.id


@transactional
def change(reminder_id: UUID, changes: Mapping[str, Any], actor: Actor) -> None:
    """What is named in `changes` of Wanted's fields; another time or rule begins the series anew.

    Raises what `make` and `steps.pause` raise.
    """
    reminder, own = steps.held(reminder_id, actor)
    before = _as_wanted(reminder, own)
    wanted = replace(before, **changes)
    if changes.get("choice"):
        wanted = replace(wanted, patient_id=None)
    elif changes.get("patient_id"):
        wanted = replace(wanted, choice=None)
    is_moved = any(
        getattr(wanted, name) != getattr(before, name)
        for name in ("delivery_time", "timezone", "recurrence")
    )
    to = whom.judge(
        wanted.patient_id, wanted.choice, wanted.details, wanted.method, actor, own.author_id
    )
    said, zone_name = _said(wanted), _zone(wanted.timezone, to, actor)
    reminder.type, reminder.patient_id = said["type"], to.patient_id
    reminder.channel = wanted.method or USUAL["phone"]
    _write(own, wanted, said, zone_name, to)
    if is_moved:
        rule, turn = _first(wanted, zone_name)
        reminder.due_at, own.sent_ahead = turn.at, None
        _plan(own, rule, turn)
    db.session.flush()
    fact = ReminderUpdated(organisation_id=reminder.organisation_id, reminder_id=reminder_id)
    record(fact, actor)


def _as_wanted(reminder: Reminder, own: OwnReminder) -> Wanted:
    return Wanted(
        title=own.title,
        message=own.message,
        delivery_time=reminder.due_at,
        type=reminder.type,
        method=own.method,
        timezone=own.timezone,
        recurrence=own.recurrence,
        patient_id=reminder.patient_id,
        choice=own.choice,
        details=own.details,
    )


def _said(wanted: Wanted) -> dict[str, str]:
    if wanted.method is not None:
        read("method", Choice(tuple(CHANNELS)), wanted.method, InvalidReminder)
    return {
        "title": read("title", TITLE, wanted.title, InvalidReminder),
        "message": read("message", MESSAGE, wanted.message, InvalidReminder),
        "type": read("type", Choice(TYPES), wanted.type, InvalidReminder),
    }


def _zone(wanted: str | None, to: Whom, actor: Actor) -> str:
    """The named one; else the author's own, else the organisation's."""
    if wanted:
        return read("timezone", ZONE, wanted, InvalidReminder)
    return usual_zone(actor, to.organisation_id)


def sender_of(actor: Actor) -> UUID | None:
    """The organisation that what they write goes out for."""
    return actor.organisation_id or whom.home_of(actor.patient_id)


def usual_zone(actor: Actor, organisation_id: UUID | None = None) -> str:
    """The author's own zone, else that of the organisation, for a patient of the one they know."""
    own = db.session.scalar(sa.select(User.timezone).where(User.id == actor.user_id))
    if own:
        return own
    place = organisation_id or sender_of(actor)
    of_place = sa.select(Organisation.timezone).where(Organisation.id == place)
    return db.session.scalar(of_place) or "UTC"


def _first(wanted: Wanted, zone_name: str) -> tuple[Rule | None, Turn]:
    zone = clock.zone(zone_name)
    if wanted.delivery_time <= clock.now():
        raise InvalidReminder.of("delivery_time", PAST, "in_the_past")
    try:
        rule = recurrence.read(_short(wanted.recurrence), zone) if wanted.recurrence else None
        return rule, recurrence.first(rule, zone, wanted.delivery_time)
    except Wrong as wrong:
        raise InvalidReminder.of("recurrence", wrong.words, wrong.code) from None


def _short(text: str) -> str:
    return read("recurrence", Line(LONGEST_RECURRENCE), text, InvalidReminder)


def _write(
    own: OwnReminder, wanted: Wanted, said: Mapping[str, str], zone_name: str, to: Whom
) -> None:
    own.title, own.message = said["title"], said["message"]
    own.method, own.timezone = wanted.method, zone_name
    own.to_address, own.choice = to.address, to.choice
    own.details, own.updated_at = dict(wanted.details), clock.now()


def _plan(own: OwnReminder, rule: Rule | None, turn: Turn) -> None:
    own.recurrence = rule.text if rule else None
    occurrence.keep(own, turn)


def _refuse_too_many(to: Whom, actor: Actor) -> None:
    if not actor.is_patient:
        return
    many = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Reminder)
        .join(OwnReminder, OwnReminder.reminder_id == Reminder.id)
        .where(OwnReminder.author_id == actor.user_id, Reminder.status.in_(steps.OPEN))
    )
    if (many or 0) >= MOST_OF_PATIENT:
        raise TooManyReminders
