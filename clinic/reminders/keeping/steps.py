"""Commands on single reminders, of a visit or made by a person."""

from itertools import chain
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Forbidden, NotFound
from clinic.events.service import record
from clinic.messaging.queueing import messages as messaging
from clinic.reminders import queries
from clinic.reminders.errors import (
    AlreadySettled,
    InvalidReminder,
    OfVisit,
    SentAhead,
    TooLate,
    TooManyPeople,
)
from clinic.reminders.facts import (
    ReminderCancelled,
    ReminderPaused,
    ReminderResumed,
    ReminderSentAhead,
)
from clinic.reminders.models import OwnReminder, Reminder
from clinic.reminders.own import occurrence, recurrence
from clinic.reminders.telling import due

OPEN = ("planned", "paused")


@transactional
def cancel(reminder_id: UUID, actor: Actor) -> None:
    """It will not be sent. Raises NotFound, AlreadySettled; once cancelled it stays as it is."""
    seen = queries.one(actor, reminder_id)
    moved = db.session.execute(
        sa.update(Reminder)
        .where(Reminder.id == reminder_id, Reminder.status.in_(OPEN))
        .values(status="cancelled")
        .returning(Reminder.organisation_id)
    ).one_or_none()
    # What the last occurrence has queued is of before: it waits for whoever is queueing it.
    voided = 0 if seen.appointment_id else messaging.void(reminder_id)
    if moved is None and voided:
        db.session.execute(
            sa.update(Reminder).where(Reminder.id == reminder_id).values(status="cancelled")
        )
    if moved or voided:
        fact = ReminderCancelled(organisation_id=seen.organisation_id, reminder_id=reminder_id)
        record(fact, actor)
        return
    status = queries.one(actor, seen.id).status
    if status != "cancelled":
        raise AlreadySettled(status)


@transactional
def pause(reminder_id: UUID, actor: Actor) -> None:
    """It waits until it is resumed. Raises NotFound, Forbidden, OfVisit, TooLate."""
    reminder, _ = held(reminder_id, actor)
    if reminder.status == "paused":
        return
    reminder.status = "paused"
    db.session.flush()
    record(ReminderPaused(organisation_id=reminder.organisation_id, reminder_id=reminder_id), actor)


@transactional
def resume(reminder_id: UUID, actor: Actor) -> None:
    """It goes on with the first occurrence to come; what the pause let pass counts as told.

    Raises as `pause` does; InvalidReminder where its time has passed, and none comes after it.
    """
    reminder, own = held(reminder_id, actor)
    if reminder.status == "planned":
        return
    zone, rule = clock.zone(own.timezone), occurrence.rule_of(own)
    kept, moment = occurrence.turn_of(reminder, own), clock.now()
    coming = chain([kept], recurrence.turns(rule, zone, kept))
    turn = next((one for one in coming if one.at > moment), None)
    if turn is None:
        words = N_("Its time has passed. Give it a new one.")
        raise InvalidReminder.of("delivery_time", words, "in_the_past")
    reminder.status, reminder.due_at = "planned", turn.at
    occurrence.keep(own, turn)
    db.session.flush()
    record(
        ReminderResumed(organisation_id=reminder.organisation_id, reminder_id=reminder_id), actor
    )


@transactional
def send_now(reminder_id: UUID, actor: Actor) -> None:
    """Send it once, before its time; what comes again goes on as it was.

    Raises NotFound, Forbidden, TooLate where it was sent, SentAhead, TooManyPeople.
    """
    seen = queries.one(actor, reminder_id)
    if not seen.appointment_id:
        _must_keep(actor, seen.author_id)
    _send(reminder_id, actor)


@transactional
def trigger(reminder_id: UUID) -> bool:
    """The same for a machine, whose repeated call changes nothing: False for such a one.

    Raises NotFound; TooLate for one that was cancelled.
    """
    try:
        _send(reminder_id, THE_SYSTEM)
    except SentAhead:
        return False
    except TooLate as error:
        if error.current == "cancelled":
            raise
        return False
    return True


def _send(reminder_id: UUID, actor: Actor) -> None:
    reminder = _locked(reminder_id)
    if not reminder.appointment_id:
        _send_own(reminder, _open(reminder))
    elif reminder.status != "planned":
        raise TooLate(reminder.status)
    else:
        due.queue_now(reminder_id)
    fact = ReminderSentAhead(organisation_id=reminder.organisation_id, reminder_id=reminder_id)
    record(fact, actor)


def _send_own(reminder: Reminder, own: OwnReminder) -> None:
    if own.sent_ahead == own.occurrence:
        raise SentAhead
    turn = occurrence.turn_of(reminder, own)
    following = recurrence.following(occurrence.rule_of(own), clock.zone(own.timezone), turn)
    ahead = f"{clock.now():%Y%m%dT%H%M%S.%fZ}"
    told = occurrence.tell_some(reminder, own, turn, following, ahead)
    own.sent_ahead = own.occurrence
    is_whole = len(told) < occurrence.AT_ONCE
    if own.recurrence and not is_whole:
        raise TooManyPeople
    if not own.recurrence and is_whole:
        reminder.status = "sent" if told else "skipped"
    elif not own.recurrence:  # the tick tells the others
        own.told_up_to, reminder.due_at, reminder.status = told[-1].key, clock.now(), "planned"
    db.session.flush()


def held(reminder_id: UUID, actor: Actor) -> tuple[Reminder, OwnReminder]:
    """Locked, and open. Raises NotFound, OfVisit, Forbidden, TooLate."""
    seen = queries.one(actor, reminder_id)
    if seen.appointment_id:
        raise OfVisit
    _must_keep(actor, seen.author_id)
    reminder = _locked(reminder_id)
    return reminder, _open(reminder)


def _must_keep(actor: Actor, author_id: UUID | None) -> None:
    if not queries.may_keep(actor, author_id):
        raise Forbidden


def _locked(reminder_id: UUID) -> Reminder:
    reminder = db.session.scalar(
        sa.select(Reminder)
        .where(Reminder.id == reminder_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if reminder is None:
        raise NotFound
    return reminder


def _open(reminder: Reminder) -> OwnReminder:
    """Read behind the lock. Raises TooLate."""
    own = occurrence.own_of(reminder.id)
    if reminder.status not in OPEN:
        raise TooLate(queries.status_of(reminder.id))
    if own.told_up_to is not None:  # thousands are being told
        raise TooLate("queued")
    return own
