"""Plan what a visit's people are told, and take it back when the visit changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.appointments.facts import (
    AppointmentAccepted,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentCreated,
    AppointmentMissed,
    AppointmentRescheduled,
    AppointmentUndone,
)
from clinic.appointments.holding.release import NOT_PROVEN, NOT_THEIRS
from clinic.appointments.leaving.settle import OF_PATIENT
from clinic.appointments.steps.take import BY_REPLY
from clinic.core import clock
from clinic.core.data.db import db, must_be_writing
from clinic.messaging.channels import CHANNELS, USUAL
from clinic.messaging.queueing import messages as messaging
from clinic.reminders import addresses
from clinic.reminders.addresses import Beside
from clinic.reminders.models import Reminder
from clinic.reminders.visits import anew, planning, plans
from clinic.reminders.visits.planning import Due


def on_created(facts: Sequence[AppointmentCreated]) -> None:
    """LATER, when visits are booked: the confirmation and the reminders. Harmless twice."""
    _plan([fact.appointment_id for fact in facts], planning.BOOKED)


def _plan(visit_ids: Sequence[UUID], news: str) -> None:
    visits = plans.visits_to_plan(visit_ids).values()
    houses = plans.houses(visit.organisation_id for visit in visits)
    plans.insert(
        [
            (visit, due)
            for visit in visits
            if visit.status not in ("cancelled", "no_show")
            for due in planning.plan(
                visit.created_at,
                visit.starts_at,
                visit.channel,
                houses[visit.organisation_id].rules,
                planning.REQUESTED if _is_only_asked_for(visit) else news,
                houses[visit.organisation_id].quiet.moved,
            )
        ]
    )


def _is_only_asked_for(visit: sa.Row[Any]) -> bool:
    return visit.status == "pending" and bool(visit.needs_approval)


def on_accepted(facts: Sequence[AppointmentAccepted]) -> None:
    """LATER, when people accepted requests: now the patients read that it is booked."""
    moment = clock.now()
    plans.insert(
        [
            (visit, Due(planning.BOOKED, visit.channel, moment))
            for visit in plans.visits([fact.appointment_id for fact in facts]).values()
            if visit.needs_approval
        ]
    )


def on_cancel(fact: AppointmentCancelled) -> None:
    """NOW, with the cancellation itself: nothing planned or queued about the visit goes out."""
    _silence(fact.appointment_id)


def on_reschedule(fact: AppointmentRescheduled) -> None:
    """NOW, with the move itself: nothing planned or queued about the old time goes out."""
    _silence(fact.previous_id)


def on_rescheduled(facts: Sequence[AppointmentRescheduled]) -> None:
    """LATER: the patient reads the new time and is reminded of it; the doctor whose time became
    free is told as of a cancellation. Harmless twice.
    """
    _plan([fact.appointment_id for fact in facts], planning.RESCHEDULED)
    moment = clock.now()
    both = [key for fact in facts for key in (fact.previous_id, fact.appointment_id)]
    visits = plans.visits(both)
    moves = [(visits[fact.previous_id], visits[fact.appointment_id]) for fact in facts]
    plans.insert(
        [
            (old, Due(planning.DOCTOR_RESCHEDULED, "sms", moment))
            for old, new in moves
            if old.starts_at > moment and new.booked_by != old.doctor_user_id
        ]
    )


def on_cancelled(facts: Sequence[AppointmentCancelled]) -> None:
    """LATER: both sides are told, but nobody of what they did themselves and saw done where it was
    done: what a text did is told beside its number, too."""
    moment = clock.now()
    visits = plans.visits([fact.appointment_id for fact in facts])
    by_reply = {fact.appointment_id for fact in facts if fact.reason == BY_REPLY}
    beside = addresses.beside_the_number(by_reply) if by_reply else {}
    plans.insert(
        [
            (visit, due)
            for fact in facts
            if (visit := visits.get(fact.appointment_id)) is not None
            for due in _news_of_end(visit, fact.reason, moment, beside.get(visit.id))
        ]
    )


def _news_of_end(
    visit: sa.Row[Any], reason: str | None, moment: datetime, beside: Beside | None
) -> list[Due]:
    if reason in OF_PATIENT:  # nothing more is said to them, or to those they left behind
        return [Due(planning.DOCTOR_CANCELLED, "sms", moment)] if visit.starts_at > moment else []
    if reason in (NOT_PROVEN, NOT_THEIRS):
        return []  # whose address it is never asked for a visit; and doctors need not hear of it
    if reason != "not_accepted" and visit.starts_at <= moment:
        return []  # an outage ago: whoever was to come knows by now
    rule = planning.NOT_ACCEPTED if reason == "not_accepted" else planning.CANCELLED
    to = [visit.channel] if reason != BY_REPLY else _beside_the_answer(visit.channel, beside)
    dues = [Due(rule, channel, moment) for channel in to]
    if reason not in ("by_doctor", "not_accepted"):
        dues.append(Due(planning.DOCTOR_CANCELLED, "sms", moment))
    return dues


def _beside_the_answer(channel: str, beside: Beside | None) -> list[str]:
    """The answer went to the number it came from. A sender can be forged, and a number outlives
    its owner: whoever is meant hears of it elsewhere, too."""
    if beside is None:
        return []
    by_text = USUAL["phone"] if CHANNELS[channel].is_letter else channel
    wanted = {by_text: beside.by_phone, USUAL["email"]: beside.by_email}
    return [name for name, is_wanted in wanted.items() if is_wanted]


def on_missed(facts: Sequence[AppointmentMissed]) -> None:
    """LATER: the text waits ten minutes, in which a check-in or an undo takes it back."""
    moment = clock.now()
    later = moment + planning.MISSED_AFTER
    plans.insert(
        [
            (visit, due)
            for visit in plans.visits([fact.appointment_id for fact in facts]).values()
            if visit.status == "no_show" and moment < visit.starts_at + planning.OLD_NEWS
            for due in (
                Due(planning.MISSED, visit.channel, later),
                Due(planning.DOCTOR_MISSED, "sms", later),
            )
        ]
    )


def on_undone(fact: AppointmentUndone) -> None:
    """NOW, with the undo: no text about a visit that was not missed, and who is not here yet is
    reminded as before the check-in."""
    if fact.was == "no_show":
        _silence(fact.appointment_id)
    elif fact.was == "checked_in":
        anew.plan([fact.appointment_id])


def on_checked_in(fact: AppointmentCheckedIn) -> None:
    """NOW, when the patient is here: what was planned about their absence ends."""
    _silence(fact.appointment_id)


def _silence(appointment_id: UUID) -> None:
    end_plans(appointment_id)
    messaging.void(appointment_id)


def end_plans(appointment_id: UUID) -> None:
    must_be_writing()
    db.session.execute(
        sa.update(Reminder)
        .where(Reminder.appointment_id == appointment_id, Reminder.status == "planned")
        .values(status="cancelled")
    )
