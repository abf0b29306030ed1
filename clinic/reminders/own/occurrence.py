"""A due occurrence becomes one message a recipient, and moves on to the next."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.core import clock
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.messaging.queueing import messages as messaging
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.senders import chosen
from clinic.reminders.models import OwnReminder, Reminder
from clinic.reminders.own import recipients, recurrence, wording
from clinic.reminders.own.recipients import Recipient
from clinic.reminders.own.recurrence import Rule, Turn

log = structlog.get_logger()

AT_ONCE = 500  # recipients in one transaction
MOST_PASSED = 500  # occurrences that an outage let pass, looked at in one transaction
USEFUL = timedelta(days=1)  # or until the next one
TRY_AGAIN_AFTER = timedelta(minutes=5)


def tell_each(reminder_ids: Iterable[UUID]) -> int:
    """What is due of them, each in a transaction of its own. Returns how many were looked at."""
    done = 0
    for reminder_id in reminder_ids:
        try:
            done += _tell(reminder_id)
        except Exception as error:  # one bad reminder must never stop the others
            log.error("reminder_failed", reminder_id=str(reminder_id), exc_info=error)
            _postpone(reminder_id)
            done += 1
    return done


@transactional
def _tell(reminder_id: UUID) -> int:
    """Of an occurrence to thousands the next so many: it stays due until all are told."""
    moment = clock.now()
    reminder = db.session.scalar(
        sa.select(Reminder)
        .where(Reminder.id == reminder_id, Reminder.status == "planned", Reminder.due_at <= moment)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if reminder is None:
        return 0
    own = own_of(reminder_id)
    turn, next_turn = _latest(reminder, own, moment)
    if own.told_up_to is None and next_turn and next_turn.at <= moment:
        _move_on(reminder, own, next_turn)  # far behind: goes on from there
        return 1
    told = tell_some(reminder, own, turn, next_turn)
    if len(told) < AT_ONCE:
        _end_turn(reminder, own, next_turn, is_empty=not told and own.told_up_to is None)
    else:
        own.told_up_to = told[-1].key
        _move_on(reminder, own, turn)
    db.session.flush()
    return 1


def own_of(reminder_id: UUID) -> OwnReminder:
    return db.session.get_one(OwnReminder, reminder_id, populate_existing=True)


def rule_of(own: OwnReminder) -> Rule | None:
    return recurrence.read(own.recurrence, clock.zone(own.timezone)) if own.recurrence else None


def turn_of(reminder: Reminder, own: OwnReminder) -> Turn:
    """The one that is due next."""
    return Turn(own.occurrence, datetime.fromisoformat(own.wall), reminder.due_at)


def _latest(reminder: Reminder, own: OwnReminder, moment: datetime) -> tuple[Turn, Turn | None]:
    """Of those that are due the last one, and the one after it: nobody wants ten at once because a
    machine was off."""
    turn = turn_of(reminder, own)
    later = recurrence.turns(rule_of(own), clock.zone(own.timezone), turn)
    next_turn = next(later, None)
    for _ in range(MOST_PASSED):
        if own.told_up_to is not None or next_turn is None or next_turn.at > moment:
            break
        turn, next_turn = next_turn, next(later, None)
    return turn, next_turn


def tell_some(
    reminder: Reminder, own: OwnReminder, turn: Turn, next_turn: Turn | None, ahead: str = ""
) -> Sequence[Recipient]:
    """The next recipients of an occurrence. `ahead` tells apart one that is sent beside it."""
    must_be_writing()
    found = recipients.some(reminder, own, own.told_up_to, AT_ONCE)
    expires_at = min(filter(None, (turn.at + USEFUL, next_turn.at if next_turn else None)))
    due_at = turn.at
    if ahead:
        due_at, expires_at = clock.now(), clock.now() + USEFUL
    key = ahead or f"{turn.at:%Y%m%dT%H%M%SZ}"
    messaging.queue_messages(messages_to(found, reminder, own, key, due_at, expires_at))
    return found


def messages_to(
    found: Sequence[Recipient],
    reminder: Reminder,
    own: OwnReminder,
    key: str,
    due_at: datetime,
    expires_at: datetime,
    wanted: str | None = None,
) -> list[NewMessage]:
    """By the `wanted` channel, else as the reminder says, else as each of them is written to."""
    if not found:
        return []
    able = chosen.ways(reminder.organisation_id)
    values = wording.values_of(reminder.organisation_id, own.title, own.message)
    news = []
    for one in found:
        channel, address = one.reach.way(wanted or own.method or one.channel, able)
        news.append(
            NewMessage(
                organisation_id=reminder.organisation_id,
                channel=channel,
                address=address,
                template=wording.TEMPLATE,
                values=values,
                language=one.language,
                about_id=reminder.id,
                due_at=due_at,
                expires_at=expires_at,
                dedupe_key=f"reminder:{reminder.id}:{key}:{one.key}",
                is_known=one.is_known_by(channel),
            )
        )
    return news


def _end_turn(reminder: Reminder, own: OwnReminder, next_turn: Turn | None, is_empty: bool) -> None:
    own.told_up_to = None
    if next_turn:
        _move_on(reminder, own, next_turn)
    else:
        is_over = is_empty and own.occurrence == 0
        reminder.status = "skipped" if is_over else "sent"  # there was nobody to tell


def _move_on(reminder: Reminder, own: OwnReminder, turn: Turn) -> None:
    reminder.due_at = turn.at
    keep(own, turn)


def keep(own: OwnReminder, turn: Turn) -> None:
    own.occurrence, own.wall = turn.number, turn.wall.isoformat(timespec="seconds")


@transactional
def _postpone(reminder_id: UUID) -> None:
    db.session.execute(
        sa.update(Reminder)
        .where(Reminder.id == reminder_id, Reminder.status == "planned")
        .values(due_at=clock.now() + TRY_AGAIN_AFTER)
    )
