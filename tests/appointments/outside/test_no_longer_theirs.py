"""A number that is the patient's no longer changes nothing, learns nothing, and people see it."""

from itertools import count

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from tests.appointments.outside.test_answering import reminded
from tests.appointments.outside.test_answering_which_clinic import FAR
from tests.conftest import Stage
from tests.factories import fresh, scheduled

OLD, NEW, STRANGER = "+447700900000", "+447700900077", "+447700900888"
_numbers = count(1)


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


def text(body, phone=OLD):
    return receiving.receive(Inbound(f"SM-gone-{next(_numbers)}", phone, "+44", body))


@transactional
def has_now(person, number):
    db.session.get_one(User, person.user_id).phone = number


def read_at(organisation_id):
    db.session.rollback()
    theirs = sa.select(Message.body).where(
        Message.direction == "in",
        Message.needs_attention,
        Message.organisation_id == organisation_id,
    )
    return list(db.session.scalars(theirs))


@pytest.fixture
def visit(cast):
    booked = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"), OLD)
    has_now(cast.asha, NEW)
    return booked


@pytest.mark.parametrize("body", ["C", "X", "1A", "2A", "CONFIRM {code}", "cancel {code}", "👍"])
def test_it_changes_nothing_and_hears_what_a_stranger_hears(cast, visit, body):
    body = body.format(code=visit.code)
    said = text(body)
    assert said == text(body, STRANGER)
    assert "Harbour Clinic:" not in said
    assert fresh(visit).status == "scheduled"
    assert read_at(cast.harbour) == [body]


def test_a_question_of_whoever_has_it_now_is_read_by_who_wrote_there(cast, visit):
    assert text("who is this?") == text("who are you?", STRANGER)
    assert "who is this?" in read_at(cast.harbour)


def test_where_several_wrote_there_each_reads_it_and_none_is_named(cast, visit):
    has_now(cast.asha, OLD)
    reminded(scheduled(cast.asha, cast.dr_hana, FAR), OLD)
    has_now(cast.asha, NEW)
    said = text("who is this?")
    assert said == text("who are you?", STRANGER)
    assert "Which clinic" not in said
    for place in (cast.harbour, cast.elsewhere):
        assert "who is this?" in read_at(place)


def test_the_new_number_speaks_for_the_visit(cast, visit):
    assert "1A or 2A: Mon 16 Nov, 09:30" in text("C", NEW)  # no text has named it there
    assert "is confirmed" in text("1A", NEW)
    assert fresh(visit).status == "confirmed"


def test_whose_number_it_is_again_is_answered(cast, visit):
    has_now(cast.asha, OLD)
    assert "is cancelled" in text("X")
    assert fresh(visit).status == "cancelled"


def test_when_somebody_else_has_it_now_their_own_visit_is_meant(cast, visit):
    theirs = reminded(scheduled(cast.bela, cast.dr_dev, "11:00"), OLD)
    has_now(cast.bela, OLD)
    text("X")
    assert [fresh(one).status for one in (visit, theirs)] == ["scheduled", "cancelled"]
