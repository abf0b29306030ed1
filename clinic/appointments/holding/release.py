"""Held visits whose time is over are free for others again; who was proven meanwhile keeps theirs.

The row of the visit is where a proof and the end of a hold meet: both change it, one after the
other, and whoever comes second sees what the first did.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.facts import UserFact
from clinic.accounts.models import OneTimeKey, User
from clinic.accounts.proof.keys import CODES
from clinic.accounts.proof.standing import has_proven
from clinic.appointments.facts import AppointmentCancelled
from clinic.appointments.holding.deadline import Sent, deadline
from clinic.appointments.holding.hold import is_held
from clinic.appointments.life.together import change_together
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import UPCOMING, Status
from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db, transactional
from clinic.core.web import live
from clinic.messaging.models import Message
from clinic.messaging.queueing.leaving import Progress, left_at
from clinic.patients.models import Patient

NOT_PROVEN, NOT_THEIRS = "not_proven", "not_theirs"  # why it was cancelled


@transactional
def release_unproven() -> int:
    """End the holds that ran out. Returns how many visits are free again.

    A hold that ran out while no code could leave stays: its visit is a request which the desk
    decides. Should a code leave after all, the hold ends fifteen minutes later.
    """
    overdue = _overdue()
    strangers = [row for row in overdue if not row.is_proven]
    codes = _codes_of({row.user_id for row in strangers})
    ends = [(row, deadline(row.held_until, codes[row.user_id])) for row in strangers]
    now = clock.now()
    free = [row for row, until in ends if until and until <= now]
    count = _cancel(free, NOT_PROVEN, Appointment.held_until <= now)
    _settle(among(Appointment.id, [row.id for row in overdue if row.is_proven]))
    for row, until in ends:
        if until and until > now:
            _hold_until(row, until)
    return count


def _overdue() -> Sequence[Any]:
    """All, for they are few: five a doctor at most. One that has begun is nobody else's any more:
    the other sweeps settle it.
    """
    now = clock.now()
    query = (
        sa.select(
            Appointment.id,
            Appointment.doctor_id,
            Appointment.held_until,
            User.id.label("user_id"),
            has_proven().label("is_proven"),
        )
        .join(Patient, Patient.id == Appointment.patient_id)
        .outerjoin(User, User.id == Patient.user_id)
        .where(is_held(), Appointment.held_until <= now, Appointment.starts_at > now)
    )
    return db.session.execute(query).all()


def _codes_of(user_ids: Collection[UUID]) -> dict[UUID | None, list[Sent]]:
    found: dict[UUID | None, list[Sent]] = defaultdict(list)
    query = (
        sa.select(
            OneTimeKey.user_id,
            OneTimeKey.expires_at,
            Message.status,
            Message.error_code,
            Message.created_at,
            Message.sent_at,
            Message.settled_at,
        )
        .join(Message, Message.about_id == OneTimeKey.id)
        .where(among(OneTimeKey.user_id, user_ids), OneTimeKey.purpose.in_(CODES))
    )
    for row in db.session.execute(query):
        progress: Any = row[2:]
        found[row.user_id].append(Sent(left_at(Progress(*progress)), row.expires_at))
    return found


def _settle(which: sa.ColumnElement[bool]) -> None:
    """They are held no more. Their boards ring."""
    settled = db.session.execute(
        sa.update(Appointment)
        .where(Appointment.held_until.is_not(None), which)
        .values(held_until=None)
        .returning(Appointment.doctor_id, Appointment.organisation_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    for doctor_id, organisation_id in settled:
        live.ring(f"doctor:{doctor_id}", "board")
        live.ring(f"organisation:{organisation_id}", "board")


def _hold_until(row: sa.Row[Any], until: datetime) -> None:
    """Unless it was settled or moved meanwhile."""
    same = (Appointment.id == row.id, Appointment.held_until == row.held_until)
    db.session.execute(sa.update(Appointment).where(*same).values(held_until=until))


def on_proven(fact: UserFact) -> None:
    """NOW, with the proof itself: whatever its person holds is theirs."""
    theirs = sa.select(Patient.id).join(User, User.id == Patient.user_id)
    proven = theirs.where(User.id == fact.user_id, has_proven())
    _settle(Appointment.patient_id.in_(proven))


def on_disowned(facts: Sequence[UserFact]) -> None:
    """LATER: who proved the account's address never asked for what was booked with it before.

    What the desk booked stays. Later, because whoever proves holds the user, and diaries are held
    before people.
    """
    owners = sa.select(Patient.id, Patient.user_id).where(
        among(Patient.user_id, {fact.user_id for fact in facts})
    )
    of = owners.subquery()
    rows = db.session.execute(
        sa.select(Appointment.id, Appointment.doctor_id)
        .join(of, of.c.id == Appointment.patient_id)
        .where(
            Appointment.status.in_(sorted(UPCOMING)),
            Appointment.starts_at > clock.now(),
            sa.or_(Appointment.booked_by.is_(None), Appointment.booked_by == of.c.user_id),
        )
    ).all()
    _cancel(rows, NOT_THEIRS)


def _cancel(rows: Sequence[Any], reason: str, *still: sa.ColumnElement[bool]) -> int:
    values = {"status": Status.CANCELLED, "cancel_reason": reason}
    to_come = Appointment.status.in_(UPCOMING)
    return change_together(rows, (to_come, *still), values, AppointmentCancelled, reason=reason)
