"""What somebody wrote and cannot go one way goes the next, once; and nothing of what was cancelled
is sent again."""

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import Conflict
from clinic.events import jobs as events
from clinic.messaging.delivery import callbacks
from clinic.messaging.delivery.callbacks import Report
from clinic.messaging.desk import service as desk
from clinic.messaging.errors import CannotResend
from clinic.messaging.models import Message
from clinic.patients.models import PatientOrganisation
from clinic.patients.records import service as records
from clinic.reminders.keeping import make, steps
from clinic.reminders.own import recipients
from clinic.reminders.telling import due
from tests.cast import TODAY
from tests.factories import known_to, scheduled
from tests.reminders.own_helpers import IN_AN_HOUR, made, sent, tick
from tests.reminders.plan_helpers import LATE, work


@pytest.fixture
def cast(both):
    with both.app.app_context():
        known_to(both.cast.harbour, both.cast.asha)
        yield both.cast


def fails(message, code="30006"):
    """As the provider says, and the worker hears."""
    with clock.travelled(IN_AN_HOUR):
        callbacks.record_callback(Report(message.id, f"SM{message.id}", "failed", code))
        events.deliver_due()
        events.deliver_due()


def told(key):
    return [(one.channel, one.status, one.needs_attention) for one in sent(key)]


def test_a_dead_number_is_followed_by_a_letter_and_then_by_the_desk(cast):
    key = made(cast.esha, patient_id=cast.asha.patient_id, method="sms")
    tick(IN_AN_HOUR)
    fails(sent(key)[0])
    letter = ("email", "queued", False)
    assert sorted(told(key)) == [letter, ("sms", "failed", True)]
    fails(next(one for one in sent(key) if one.channel == "email"), "550")
    assert sorted(told(key)) == [("email", "failed", True), ("sms", "failed", True)]


def test_of_one_that_was_cancelled_nothing_more_is_said(cast):
    key = made(cast.esha, patient_id=cast.asha.patient_id, recurrence="FREQ=DAILY")
    tick(IN_AN_HOUR)
    (message,) = sent(key)
    steps.cancel(key, cast.esha.actor)
    fails(message)
    assert len(sent(key)) == 1
    with pytest.raises(Conflict):
        desk.resend(message.id, cast.esha.actor)


@transactional
def _set(model, key, **values):
    db.session.execute(sa.update(model).where(model.id == key).values(**values))


def resent(message, cast, **more):
    new = desk.resend(message.id, cast.esha.actor, **more)
    db.session.rollback()
    return db.session.get_one(Message, new)


def test_sent_again_it_says_what_it_says_now_where_they_are_now(cast):
    key = made(cast.esha, patient_id=cast.asha.patient_id, method="sms", recurrence="FREQ=DAILY")
    tick(IN_AN_HOUR)
    (old,) = sent(key)
    fails(old)
    make.change(key, {"message": "With food."}, cast.esha.actor)
    _set(User, cast.asha.user_id, phone="+447700900079")
    new = resent(old, cast)
    assert (new.address, "With food." in new.body) == ("+447700900079", True)
    _set(Message, new.id, status="failed")
    again = resent(new, cast, channel="email")  # of what was sent again it is known whose it was
    assert (again.address, "With food." in again.body) == (cast.asha.email, True)


@pytest.mark.parametrize("how", [{"is_active": False}, {"died_on": TODAY}])
def test_whom_it_is_not_for_any_more_it_is_not_sent_again(cast, how):
    key = made(cast.esha, patient_id=cast.asha.patient_id, method="sms")
    tick(IN_AN_HOUR)
    (old,) = sent(key)
    fails(old)
    records.update(cast.harbour, cast.asha.patient_id, how, cast.esha.actor)
    with pytest.raises(CannotResend) as caught:
        desk.resend(old.id, cast.esha.actor)
    assert caught.value.errors[0].code == "not_for_them"


def test_the_others_of_a_crowd_are_not_told_twice(cast):
    known_to(cast.harbour, cast.bela)
    key = made(cast.esha, choice={"everyone": True}, method="sms")
    tick(IN_AN_HOUR)
    mine = next(one for one in sent(key) if str(cast.asha.patient_id) in one.dedupe_key)
    fails(mine)
    assert [one[0] for one in told(key)].count("email") == 1
    assert len(sent(key)) == 3


def test_visits_alone_are_told_by_no_further_statement(cast):
    """The tick asks of reminders that people make only where one is due."""
    scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    made(cast.esha, patient_id=cast.asha.patient_id)
    scheduled(cast.bela, cast.dr_dev, LATE)
    from clinic.events import jobs

    jobs.deliver_due()
    asked = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *heard: asked.append(heard[2]))
    assert due.queue_due() == 1
    assert not [one for one in asked if "own_reminders" in one]


def test_a_choice_by_visits_is_looked_up_each_time(cast):
    day = f"{LATE:%Y-%m-%d}"
    choice = {"visits_from": day, "visits_to": day, "doctor_id": str(cast.dr_chandra.doctor_id)}
    assert recipients.count(choice, cast.harbour) == 0
    key = made(cast.esha, choice=choice)
    scheduled(cast.asha, cast.dr_chandra, LATE)
    assert recipients.count(choice, cast.harbour) == 1
    transactional(db.session.execute)(sa.update(PatientOrganisation).values(is_active=True))
    tick(IN_AN_HOUR)
    assert [str(cast.asha.patient_id) in one.dedupe_key for one in sent(key)] == [True]
