"""A visit whose doctor left: nobody confirms it, and the answer says why and what comes next."""

import pytest

from clinic.accounts.people import users
from clinic.appointments.steps import take as steps
from clinic.core.data.db import db, transactional
from clinic.organisations.models import Organisation
from tests.appointments.outside.test_answering import reminded, status, text
from tests.factories import scheduled, take

pytestmark = pytest.mark.usefixtures("in_app")

SAID = (
    "Harbour Clinic: your visit on Mon 16 Nov, 09:30 cannot be confirmed: its doctor has left."
    " We will be in touch, or call 020 7946 0142."
)


@pytest.fixture
def visit(cast):
    return reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"))


def doctor_leaves(cast):
    users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "keep")


@pytest.mark.parametrize("was", ["scheduled", "confirmed"])
def test_nobody_is_told_that_it_takes_place(cast, visit, was):
    if was == "confirmed":
        take(visit, "confirm", by=cast.asha)
    doctor_leaves(cast)
    for body in ("C", f"CONFIRM {visit.code}"):
        assert text(body).replace("\N{NO-BREAK SPACE}", " ") == SAID
    assert status(visit) == was
    assert "is cancelled" in text("X")


def test_without_a_telephone_the_sentence_is_whole(cast, visit):
    @transactional
    def without_phone():
        db.session.get_one(Organisation, cast.harbour).phone = None

    without_phone()
    doctor_leaves(cast)
    assert text("C").endswith("its doctor has left. We will be in touch.")


def test_who_leaves_at_this_instant_has_left(cast, visit, monkeypatch):
    take_step = steps.take

    def leave_first(*args):
        doctor_leaves(cast)
        return take_step(*args)

    monkeypatch.setattr(steps, "take", leave_first)
    assert "its doctor has left" in text("C")
    assert status(visit) == "scheduled"
