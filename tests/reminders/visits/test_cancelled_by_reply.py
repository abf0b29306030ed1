"""A sender can be forged: what a text cancelled is told elsewhere, too."""

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from clinic.patients.models import Patient, PatientOrganisation
from tests.conftest import Stage
from tests.factories import fresh, known_to, scheduled, unproven
from tests.reminders.plan_helpers import ASHA, handed_over, work

MAIL, NEW_PHONE = "asha@cast.example", "+447700900077"


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


@pytest.fixture
def visit(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "11:00")
    work()
    return handed_over(visit)


def cancel_by_text(visit):
    receiving.receive(Inbound("SM1", ASHA, "+44", "X"))
    assert fresh(visit).status == "cancelled"
    work()


def told():
    db.session.rollback()
    rows = sa.select(Message).where(Message.template == "visit_cancelled")
    return {(row.channel, row.address) for row in db.session.scalars(rows)}


@transactional
def change(model, which, **values):
    db.session.execute(sa.update(model).where(which).values(**values))


def test_a_proven_mailbox_hears_of_it(visit):
    cancel_by_text(visit)
    assert told() == {("email", MAIL)}


def test_a_mailbox_that_nobody_proved_does_not(cast, visit):
    unproven(cast.asha)
    cancel_by_text(visit)
    assert told() == set()


def test_a_number_that_is_theirs_no_longer_cancels_nothing(cast, visit):
    change(User, User.id == cast.asha.user_id, phone=NEW_PHONE)
    receiving.receive(Inbound("SM1", ASHA, "+44", "X"))
    assert fresh(visit).status == "scheduled"


def test_the_present_number_hears_of_it_where_it_is_another_one(cast, visit):
    """Another clinic still has the one that it came from."""
    mine = cast.asha.patient_id
    known_to(cast.elsewhere, cast.asha)
    change(Patient, Patient.id == mine, user_id=None)
    for place, phone in ((cast.elsewhere, ASHA), (cast.harbour, NEW_PHONE)):
        which = (
            PatientOrganisation.patient_id == mine,
            PatientOrganisation.organisation_id == place,
        )
        change(PatientOrganisation, sa.and_(*which), phone=phone, email=None)
    cancel_by_text(visit)
    assert told() == {("sms", NEW_PHONE)}


@pytest.mark.parametrize("mail", [None, "family@cast.example"])
def test_whom_the_desk_registered(cast, visit, mail):
    mine = cast.asha.patient_id
    change(Patient, Patient.id == mine, user_id=None)
    change(PatientOrganisation, PatientOrganisation.patient_id == mine, phone=ASHA, email=mail)
    cancel_by_text(visit)
    assert told() == ({("email", mail)} if mail else set())
