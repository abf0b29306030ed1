"""A number that somebody has proven no longer speaks for who only claimed it."""

import pytest
import sqlalchemy as sa

from clinic.accounts.addresses import contact
from clinic.accounts.models import OneTimeKey, User
from clinic.accounts.proof import keys
from clinic.appointments.outside.known import known_to
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.patients.models import PatientOrganisation
from tests.cast import Cast
from tests.factories import scheduled

pytestmark = pytest.mark.usefixtures("in_app")

NUMBER = "+447400123456"


@transactional
def give(person, number: str | None, proven: bool = False) -> None:
    user = db.session.get_one(User, person.user_id)
    user.phone = number
    user.phone_verified_at = clock.now() if proven else None
    user.phone_lost_at = None if number else clock.now()


@pytest.fixture
def visit(cast: Cast):
    """Bela claims the number, and a text about her visit went there."""
    give(cast.bela, NUMBER)
    booked = scheduled(cast.bela, cast.dr_dev)
    news = NewMessage(
        booked.organisation_id, "sms", NUMBER, "visit_booked", about_id=booked.id
    )  # fmt: skip
    transactional(messages.queue_messages)([news])
    return booked


def known() -> list:
    return [one.visit.id for one in known_to(NUMBER)]


def test_while_nobody_has_proven_it_the_number_answers(cast: Cast, visit) -> None:
    assert known() == [visit.id]


def proves(person) -> None:
    """Enters the code that was sent to the number."""
    contact.send_code(person.user_id, "phone", NUMBER, "192.0.2.1")
    keyed = sa.select(OneTimeKey.id).where(OneTimeKey.user_id == person.user_id)
    code = keys.phone_code(str(db.session.scalars(keyed).one()))
    contact.prove(person.user_id, "phone", code, person.actor)


def test_whose_number_was_taken_is_not_answered_for(cast: Cast, visit) -> None:
    """Nor do texts go there any more: the clinic had noted what the account gave."""
    noted = sa.select(PatientOrganisation.phone).filter_by(patient_id=cast.bela.patient_id)
    assert db.session.scalars(noted).all() == [NUMBER]
    proves(cast.asha)
    assert known() == []
    assert db.session.scalars(noted).all() == [None]


def test_of_a_couple_both_are_answered_for(cast: Cast, visit) -> None:
    give(cast.asha, NUMBER, proven=True)
    assert known() == [visit.id]


def test_the_clinic_vouches_for_whom_it_noted(cast: Cast, visit) -> None:
    give(cast.bela, None)
    give(cast.asha, NUMBER, proven=True)

    @transactional
    def note() -> None:
        link = {"patient_id": cast.bela.patient_id, "organisation_id": cast.harbour}
        row = db.session.get_one(PatientOrganisation, tuple(link.values()))
        row.phone = NUMBER

    note()
    assert known() == [visit.id]
