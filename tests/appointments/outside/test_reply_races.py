"""A text comes in while the desk acts on the same visit: one of them is first, nothing is torn."""

from itertools import count

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.records import service as records
from tests.appointments.outside.test_answering import reminded
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.factories import fresh, scheduled, take

ASHA, NEW = "+447700900000", "+447700900077"
_numbers = count(1)


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


@pytest.fixture
def visit(cast):
    return reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"), ASHA)


def text(body, phone=ASHA, sid=None):
    return receiving.receive(Inbound(sid or f"SM-race-{next(_numbers)}", phone, "+44", body))


def steps_of(visit):
    return fresh(visit).version


@pytest.mark.parametrize("body", ["X", "C"])
def test_a_reply_and_a_cancellation_at_the_desk(both, cast, visit, body):
    before = steps_of(visit)
    results = at_once(
        both.app,
        [lambda: text(body), lambda: take(visit, "cancel", by=cast.esha), lambda: text(body)],
    )
    db.session.rollback()
    assert fresh(visit).status == "cancelled"
    assert steps_of(visit) - before in ((1,) if body == "X" else (1, 2))
    answers = [one for one in results if isinstance(one, str)]
    assert len(answers) == 2  # the desk alone may hear that it came too late
    waiting = sa.select(Message.id).where(
        Message.about_id == visit.id, Message.direction == "out", Message.status == "queued"
    )
    assert db.session.scalars(waiting).all() == []


def test_the_same_text_posted_six_times_at_once_is_done_once(both, visit):
    before = steps_of(visit)
    results = at_once(both.app, [lambda: text("X", sid="SM-race-same")] * 6)
    assert faults(results) == []
    assert len(set(results)) == 1
    assert "is cancelled" in results[0]
    assert steps_of(visit) - before == 1


@transactional
def _has_no_login(person):
    mine = person.patient_id
    db.session.execute(sa.update(Patient).where(Patient.id == mine).values(user_id=None))
    link = sa.update(PatientOrganisation).where(PatientOrganisation.patient_id == mine)
    db.session.execute(link.values(phone=ASHA, email=None, channel="sms"))


def test_a_reply_while_its_number_is_corrected(both, cast, visit):
    """Either it was still theirs, or it learns nothing; the new number hears how it stands."""
    _has_no_login(cast.asha)
    mine = cast.asha.patient_id

    def correct():
        records.update(cast.harbour, mine, {"phone": NEW}, cast.esha.actor)
        return "corrected"

    results = at_once(both.app, [lambda: text("X"), correct])
    assert faults(results) == []
    db.session.rollback()
    was_theirs = "is cancelled" in results[0]
    assert fresh(visit).status == ("cancelled" if was_theirs else "scheduled")
    told = sa.select(sa.func.count()).where(Message.address == NEW, Message.status == "queued")
    assert db.session.scalar(told) <= (0 if was_theirs else 1)
