"""What must hold in the database, asked of the rows themselves: `flask verify`."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.appointments.models import MOVED, Appointment
from clinic.appointments.vocabulary import ACTIVE, Status
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.events.models import BackgroundTask, EventDelivery, EventRow
from clinic.messaging.models import Attempt, Message
from clinic.messaging.statuses import Status as MessageStatus
from clinic.messaging.words import catalogue
from clinic.reminders.models import Reminder
from clinic.reminders.visits import planning, taken_back

LATE = timedelta(minutes=5)  # what waits longer is stuck, not busy
OVERDUE = timedelta(minutes=2)  # of what a worker does at once, and no sender's rate holds back
MOST_SHOWN = 5
Check = Callable[[], Iterable[UUID | str | None]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant, how many rows break it, and a few of them."""

    name: str
    count: int
    examples: tuple[str, ...]


def findings() -> list[Finding]:
    found = []
    for name, check in INVARIANTS.items():
        broken = [str(key) for key in check()]
        found.append(Finding(name, len(broken), tuple(broken[:MOST_SHOWN])))
    return found


def _overlapping(same: str, *more: str) -> Iterable[UUID]:
    """Active visits that overlap another one and share these columns with it."""
    other = aliased(Appointment)
    shared = [getattr(Appointment, name) == getattr(other, name) for name in (same, *more)]
    active = sorted(ACTIVE)
    return db.session.scalars(
        sa.select(Appointment.id)
        .join(
            other,
            sa.and_(
                *shared,
                Appointment.id != other.id,
                Appointment.overlaps(other.starts_at, other.ends_at),
            ),
        )
        .where(Appointment.status.in_(active), other.status.in_(active))
        .distinct()
    )


def double_bookings() -> Iterable[UUID]:
    return _overlapping("doctor_id", "seat")


def patients_in_two_places() -> Iterable[UUID]:
    return _overlapping("patient_id")


def reminders_missing() -> Iterable[UUID]:
    """Upcoming accepted visits, booked in time for it, without their three-hour reminder.

    One that ended counts as missing, unless a person cancelled it.
    """
    planned = sa.select(Reminder.id).where(
        Reminder.appointment_id == Appointment.id,
        Reminder.rule == planning.BEFORE,
        Reminder.status != "cancelled",
    )
    rows = db.session.execute(
        sa.select(Appointment.id, Appointment.starts_at, Appointment.created_at).where(
            Appointment.status.in_((Status.SCHEDULED, Status.CONFIRMED)),
            Appointment.starts_at > clock.now(),
            Appointment.created_at < clock.now() - LATE,
            ~planned.exists(),
        )
    )
    missing = {row.id for row in rows if row.created_at <= row.starts_at - planning.THREE_HOURS}
    return missing - _unwanted(missing)


def _unwanted(visit_ids: set[UUID]) -> set[UUID]:
    """Those whose three-hour reminder a person has cancelled."""
    ended = db.session.execute(
        sa.select(Reminder.id, Reminder.appointment_id).where(
            among(Reminder.appointment_id, visit_ids), Reminder.rule == planning.BEFORE
        )
    )
    visit_of = {row.id: row.appointment_id for row in ended}
    return {visit_of[one] for one in taken_back.among_them(visit_of)}


def messages_doubled() -> Iterable[str | None]:
    """One provider id or one reminder, more than one message: the constraint is gone."""
    for column in (Message.dedupe_key, Message.provider_id):
        doubled = sa.select(column).where(column.is_not(None)).group_by(column)
        yield from db.session.scalars(doubled.having(sa.func.count() > 1))


def reminders_late() -> Iterable[UUID]:
    late = Reminder.due_at < clock.now() - OVERDUE
    return db.session.scalars(sa.select(Reminder.id).where(Reminder.status == "planned", late))


def messages_stuck() -> Iterable[UUID]:
    """Due and not sent, or in a call that ended long ago without an outcome."""
    moment = clock.now() - LATE
    waiting = sa.and_(Message.status == MessageStatus.QUEUED, Message.due_at < moment)
    calling = sa.and_(Message.status == MessageStatus.SENDING, Message.lease_until < moment)
    return db.session.scalars(sa.select(Message.id).where(sa.or_(waiting, calling)))


def messages_sent_without_attempt() -> Iterable[UUID]:
    attempted = sa.select(Attempt.id).where(Attempt.message_id == Message.id)
    handed_over = (MessageStatus.SENT, MessageStatus.DELIVERED)
    return db.session.scalars(
        sa.select(Message.id).where(
            Message.direction == "out", Message.status.in_(handed_over), ~attempted.exists()
        )
    )


def messages_about_cancelled_visits() -> Iterable[UUID]:
    """Queued words about a visit that no longer stands, other than the news of that."""
    return db.session.scalars(
        sa.select(Message.id)
        .join(Appointment, Appointment.id == Message.about_id)
        .where(
            Message.status == MessageStatus.QUEUED,
            Appointment.status == Status.CANCELLED,
            Message.template.in_(sorted(catalogue.INVITING)),
        )
    )


def events_stuck() -> Iterable[UUID]:
    late = EventDelivery.due_at < clock.now() - OVERDUE
    open_ = EventDelivery.done_at.is_(None) & EventDelivery.set_aside_at.is_(None)
    return db.session.scalars(sa.select(EventDelivery.id).where(open_, late))


def events_set_aside() -> Iterable[UUID]:
    aside = EventDelivery.set_aside_at.is_not(None)
    return db.session.scalars(sa.select(EventDelivery.id).where(aside))


def tasks_stuck() -> Iterable[UUID]:
    late = BackgroundTask.due_at < clock.now() - LATE
    waiting = BackgroundTask.status.in_(("queued", "running"))
    return db.session.scalars(sa.select(BackgroundTask.id).where(waiting, late))


def steps_skipped() -> Iterable[UUID]:
    """Visits whose recorded steps are fewer than their version says, or lead elsewhere."""
    recorded: dict[str, list[str]] = defaultdict(list)
    events = sa.select(EventRow.payload).where(EventRow.name.startswith("appointment."))
    for payload in db.session.scalars(events.order_by(EventRow.at, EventRow.id)):
        recorded[payload["appointment_id"]].append(payload["status"])
        if "previous_id" in payload:  # a move is the last step of the visit it replaced, too
            recorded[payload["previous_id"]].append(Status.CANCELLED)
    rows = db.session.execute(sa.select(Appointment.id, Appointment.status, Appointment.version))
    for row in rows:
        statuses = recorded[str(row.id)]
        if len(statuses) != row.version or row.status not in statuses:
            yield row.id


def moves_broken() -> Iterable[UUID | None]:
    """Visits that moved away to nowhere or to two times, and new ones whose old one still holds."""
    moved = sa.select(Appointment.id).where(Appointment.cancel_reason == MOVED)
    replaced = sa.select(Appointment.rescheduled_from_id).where(
        Appointment.rescheduled_from_id.is_not(None)
    )
    yield from db.session.scalars(moved.where(Appointment.id.not_in(replaced)))
    old = aliased(Appointment)
    standing = sa.select(Appointment.id).join(old, old.id == Appointment.rescheduled_from_id)
    yield from db.session.scalars(standing.where(old.cancel_reason.is_distinct_from(MOVED)))
    twice = sa.func.count() > 1
    yield from db.session.scalars(replaced.group_by(Appointment.rescheduled_from_id).having(twice))


INVARIANTS: dict[str, Check] = {
    "double bookings": double_bookings,
    "patients in two places at once": patients_in_two_places,
    "three-hour reminders missing": reminders_missing,
    "reminders late": reminders_late,
    "messages doubled": messages_doubled,
    "messages stuck": messages_stuck,
    "messages sent without an attempt": messages_sent_without_attempt,
    "messages about cancelled visits": messages_about_cancelled_visits,
    "events stuck": events_stuck,
    "events set aside": events_set_aside,
    "background tasks stuck": tasks_stuck,
    "visits that skipped a step": steps_skipped,
    "moves that lead nowhere or to two times": moves_broken,
}
