"""A text counts for whose number it is, in whatever form the number comes and was kept."""

from itertools import count

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.messaging.consents.models import OptOut
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from tests.appointments.outside.test_answering import reminded
from tests.conftest import Stage
from tests.core.test_number_forms import ONE_NUMBER
from tests.factories import fresh, scheduled

_numbers = count(1)


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


@transactional
def has(person, number):
    db.session.get_one(User, person.user_id).phone = number


def text(body, phone):
    sid = f"SM-forms-{next(_numbers)}"
    return receiving.receive(Inbound(sid, phone, "+44", body, "whatsapp"))


@pytest.mark.parametrize(("kept", "comes"), [*ONE_NUMBER, *(pair[::-1] for pair in ONE_NUMBER)])
def test_the_visit_is_confirmed_and_stop_stops_what_is_sent(cast, kept, comes):
    has(cast.asha, kept)
    visit = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"), kept)
    assert "is confirmed" in text("C", comes)
    assert fresh(visit).status == "confirmed"
    text("STOP", comes)
    assert db.session.scalars(sa.select(OptOut.address)).all() == [kept]
    assert set(db.session.scalars(sa.select(Message.address).filter_by(direction="in"))) == {kept}


def test_two_who_have_it_in_two_forms_share_it(cast):
    for person, number in zip((cast.asha, cast.bela), ONE_NUMBER[0], strict=True):
        has(person, number)
    visit = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"), ONE_NUMBER[0][0])
    assert "this number is shared" in text("X", ONE_NUMBER[0][1])
    assert fresh(visit).status == "scheduled"


def test_a_number_that_nobody_has_is_kept_as_it_is_dialled(cast):
    text("hello", ONE_NUMBER[0][1])
    addresses = set(db.session.scalars(sa.select(Message.address).filter_by(direction="in")))
    assert addresses == {ONE_NUMBER[0][0]}
