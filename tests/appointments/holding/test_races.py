"""Strangers all at once, and a proof at the second in which its hold ends; on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.addresses import contact
from clinic.accounts.models import User
from clinic.accounts.proof import keys, limits
from clinic.accounts.proof.keys import Purpose
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.errors import NotProven, SlotTaken, TooManyUnproven
from clinic.appointments.holding import hold, release
from clinic.appointments.models import Appointment
from clinic.core.data.db import db, transactional
from clinic.messaging import jobs as messages
from clinic.messaging.models import Message
from tests.accounts.account_words import newest_key
from tests.appointments.holding.holding_words import strangers
from tests.conftest import Stage
from tests.crowd import at_once, broken_invariants, faults
from tests.factories import hold_for, next_week, unproven

WALLS = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


def ask(who, doctor, start, client="192.0.2.1"):
    request = BookingRequest(doctor.doctor_id, who.patient_id, start, "Cough", client=client)
    return booking.book(request, who.actor)


def standing_visits():
    return db.session.scalars(
        sa.select(Appointment.id).where(Appointment.status != "cancelled")
    ).all()


def test_a_stranger_who_books_twelve_times_at_once_holds_one(both: Stage):
    cast = both.cast
    with both.app.app_context():
        unproven(cast.asha)
    wishes = [
        lambda doctor=doctor, wall=wall: ask(cast.asha, doctor, next_week(wall))
        for wall in WALLS
        for doctor in (cast.dr_chandra, cast.dr_dev)
    ]
    answers = at_once(both.app, wishes)
    assert faults(answers, NotProven) == []
    with both.app.app_context():
        assert len(standing_visits()) == 1
        assert broken_invariants() == []


@pytest.mark.parametrize(("spread", "most"), [(False, 10), (True, 2 * hold.MOST_OF_DOCTOR)])
def test_twenty_five_strangers_at_once_take_no_more_than_the_bounds(both: Stage, spread, most):
    """From one network, and each from another one."""
    cast = both.cast
    with both.app.app_context():
        many = strangers(25)
    wishes = []
    for number, one in enumerate(many):
        doctor = (cast.dr_chandra, cast.dr_dev)[number % 2]
        start = next_week(WALLS[number % 6]) + timedelta(days=number // 6 % 4)
        client = f"192.0.{number}.1" if spread else f"192.0.2.{number}"
        wishes.append(lambda one=one, d=doctor, s=start, c=client: ask(one, d, s, c))
    answers = at_once(both.app, wishes)
    assert faults(answers, TooManyUnproven, SlotTaken) == []
    with both.app.app_context():
        assert 0 < len(standing_visits()) <= most
        doctors = sa.select(Appointment.doctor_id, sa.func.count()).group_by(Appointment.doctor_id)
        assert all(count <= hold.MOST_OF_DOCTOR for _, count in db.session.execute(doctors))


def test_a_proof_at_the_second_of_the_release_keeps_it_or_says_so_never_both(both: Stage):
    cast = both.cast
    for round_, start in enumerate(next_week("09:00") + timedelta(days=day) for day in range(4)):
        with both.app.app_context():
            forget_limits()
            visit = hold_for(cast.asha, cast.dr_chandra, start)
            messages.deliver_due()
            long_ago(visit)
        key = newest_key(both.app, Purpose.PHONE)
        with both.app.app_context():
            code = keys.phone_code(key)
        calls = [
            lambda code=code: contact.prove(cast.asha.user_id, "phone", code, cast.asha.actor),
            release.release_unproven,
            release.release_unproven,
        ]
        answers = at_once(both.app, calls[round_ % 2 :] + calls[: round_ % 2])
        assert faults(answers) == []
        with both.app.app_context():
            assert db.session.get_one(User, cast.asha.user_id).phone_verified_at
            now = db.session.get_one(Appointment, visit.id)
            assert (now.status, now.cancel_reason, now.held_until) in {
                ("pending", None, None),
                ("cancelled", "not_proven", None),
            }
            free = now.status == "cancelled"
            assert sum(one for one in answers if isinstance(one, int)) == free
        with both.app.app_context():
            end_all()


@transactional
def forget_limits():
    db.session.execute(sa.delete(limits.FailedTry))


@transactional
def long_ago(visit):
    """As if a quarter of an hour had passed since the code left; the code itself still works."""
    past = timedelta(minutes=16)
    db.session.get_one(Appointment, visit.id).held_until -= past
    for message in db.session.query(Message).filter(Message.sent_at.is_not(None)):
        message.sent_at -= past


@transactional
def end_all():
    db.session.execute(sa.update(Appointment).values(status="cancelled"))


def test_a_stranger_who_proves_and_books_at_once_is_held_or_not_as_it_came(both: Stage):
    cast = both.cast
    for day in range(3):
        with both.app.app_context():
            forget_limits()
            end_all()
            unproven(cast.asha)
            contact.send_code(cast.asha.user_id, "phone", "+447700900000", "192.0.2.1")
        key = newest_key(both.app, Purpose.PHONE)
        with both.app.app_context():
            code = keys.phone_code(key)
        start = next_week("10:00") + timedelta(days=day)
        answers = at_once(
            both.app,
            [
                lambda code=code: contact.prove(cast.asha.user_id, "phone", code, cast.asha.actor),
                lambda start=start: ask(cast.asha, cast.dr_chandra, start),
            ],
        )
        assert faults(answers) == []
        with both.app.app_context():
            held = sa.select(Appointment.id).where(hold.is_held())
            assert db.session.scalars(held).all() == []  # proven: nothing is held any more
