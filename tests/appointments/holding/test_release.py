"""A hold that ran out is free again; a proof keeps it; without a code the desk decides."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.addresses import contact
from clinic.accounts.facts import UserFact
from clinic.accounts.models import User
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.appointments import jobs
from clinic.appointments.booking import move
from clinic.appointments.holding import code, release
from clinic.appointments.steps import accept
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.messaging import jobs as messages
from clinic.messaging.models import Message
from clinic.reminders.models import Reminder
from tests.accounts.account_words import code_sent, link_for
from tests.appointments.holding.holding_words import HOLD, SECONDS, nothing_left, stands
from tests.cast import NOW, at
from tests.conftest import client_of
from tests.factories import book, hold_for, known_to, scheduled, take, unproven
from tests.pages import text_of
from tests.reminders.plan_helpers import work

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def visit(cast):
    visit = hold_for(cast.asha, cast.dr_chandra)
    accept.accept_booking(visit.id)
    return visit


def sweep_at(moment):
    with clock.travelled(moment):
        return jobs.sweep()


def prove(app, who, kind="phone"):
    contact.prove(who.user_id, kind, code_sent(app, Purpose(kind)), who.actor)


def test_a_hold_that_ran_out_is_free_again(cast, visit):
    assert sweep_at(NOW + HOLD - SECONDS) == 0
    assert stands(visit)[2]
    assert sweep_at(NOW + HOLD + SECONDS) == 1
    assert stands(visit) == ("cancelled", "not_proven", False)
    assert book(cast.bela, cast.dr_chandra).seat == 1
    assert sweep_at(NOW + HOLD + SECONDS) == 0


def test_it_is_told_as_every_cancellation_but_to_no_stranger(cast, visit):
    work()
    sweep_at(NOW + HOLD + SECONDS)
    query = sa.select(EventRow).where(EventRow.name == "appointment.cancelled")
    assert db.session.scalars(query).one().payload["reason"] == "not_proven"
    work()
    about = sa.select(Message.template, Message.status).where(Message.about_id == visit.id)
    assert {name for name, _ in db.session.execute(about)} <= {"visit_booked"}
    planned = sa.select(Reminder.rule).where(Reminder.status == "planned")
    assert db.session.scalars(planned).all() == []


@pytest.mark.parametrize("kind", ["phone", "email"])
def test_a_right_code_makes_it_an_ordinary_visit(app, cast, visit, kind):
    if kind == "email":
        code.send_again(code.person(cast.asha.patient_id), "email", "192.0.2.1")
    prove(app, cast.asha, kind)
    assert stands(visit) == ("scheduled", None, False)
    assert sweep_at(NOW + HOLD + SECONDS) == 0
    assert book(cast.asha, cast.dr_chandra, "10:00").held_until is None


def test_a_visit_of_who_was_proven_by_other_ways_is_let_be(cast, visit):
    @transactional
    def proven():
        db.session.get_one(User, cast.asha.user_id).email_verified_at = NOW

    proven()
    assert sweep_at(NOW + HOLD + SECONDS) == 0
    assert stands(visit) == ("scheduled", None, False)


@pytest.mark.parametrize("who", ["esha", "asha"])
def test_a_cancelled_one_is_not_released_again(cast, visit, who):
    take(visit, "cancel", by=cast.people[who])
    assert sweep_at(NOW + HOLD + SECONDS) == 0
    assert stands(visit)[1] != "not_proven"


def test_a_moved_one_ends_when_the_first_would_have(cast, visit):
    with clock.travelled(NOW + timedelta(minutes=10)):
        moved = move.reschedule(visit.id, at("10:00"), cast.asha.actor)
    assert sweep_at(NOW + HOLD + SECONDS) == 1
    assert stands(moved) == ("cancelled", "not_proven", False)


# --- while messages do not arrive


@pytest.mark.parametrize("why", ["not_configured", "stale", "too_many"])
def test_without_a_code_it_stays_for_the_desk_to_decide(cast, visit, why):
    nothing_left(why)
    assert sweep_at(NOW + 4 * HOLD) == 0
    assert stands(visit) == ("scheduled", None, True)
    take(visit, "confirm", by=cast.esha)
    assert stands(visit) == ("confirmed", None, False)


def test_a_number_that_is_none_keeps_nothing(cast, visit):
    nothing_left("no_address")

    @transactional
    def judged():
        db.session.execute(sa.update(Message).values(settled_at=NOW))

    judged()
    assert sweep_at(NOW + HOLD + SECONDS) == 1


def test_after_an_outage_a_new_code_has_its_quarter_of_an_hour(cast, visit):
    nothing_left()
    later = NOW + timedelta(minutes=40)
    assert sweep_at(later) == 0
    with clock.travelled(later):
        code.send_again(code.person(cast.asha.patient_id), "phone", "192.0.2.1")
        messages.deliver_due()
        assert jobs.sweep() == 0
    assert sweep_at(later + HOLD - SECONDS) == 0
    assert stands(visit)[2]
    assert sweep_at(later + HOLD + SECONDS) == 1
    assert stands(visit) == ("cancelled", "not_proven", False)


def test_asking_again_and_again_is_not_to_hold_on(cast, visit):
    for minute in (5, 10, 14):
        with clock.travelled(NOW + timedelta(minutes=minute)):
            code.send_again(code.person(cast.asha.patient_id), "phone", "192.0.2.1")
            messages.deliver_due()
    assert sweep_at(NOW + HOLD + SECONDS) == 1


def test_one_that_has_begun_is_for_the_other_sweep(cast):
    visit = hold_for(cast.asha, cast.dr_chandra)
    take(visit, "accept", by=cast.esha)
    other = hold_for(cast.bela, cast.dr_dev)
    accept.accept_booking(other.id)
    sweep_at(at("09:20"))
    assert {stands(visit)[0], stands(other)[0]} == {"no_show"}


# --- whose address it is never asked for it


def test_what_was_booked_before_the_owner_came_is_not_theirs(cast, visit):
    known_to(cast.harbour, cast.asha)
    by_desk = book(cast.asha, cast.dr_dev, "11:00", by=cast.esha)
    of_bela = scheduled(cast.bela, cast.dr_dev, "11:30")
    fact = UserFact(organisation_id=None, user_id=cast.asha.user_id)
    transactional(release.on_disowned)([fact])
    transactional(release.on_disowned)([fact])  # harmless twice
    assert stands(visit) == ("cancelled", "not_theirs", False)
    assert [stands(one)[0] for one in (by_desk, of_bela)] == ["pending", "scheduled"]


def test_the_owner_of_the_mailbox_finds_none_of_a_strangers_visits(app, cast, visit):
    """They come by a reset link into an account that somebody else set up."""
    path = link_for(app, cast.asha)
    recovery.set_password(path.rsplit("/", 1)[1], Purpose.RESET, "another three words")
    work()
    assert stands(visit) == ("cancelled", "not_theirs", False)
    assert book(cast.asha, cast.dr_dev, "11:00").held_until is None
    shown = text_of(client_of(app, cast.asha).get("/appointments/"))
    assert "It was booked before you confirmed that the address is yours." in shown


def test_the_visits_of_an_account_that_ends_are_free(app, cast, visit):
    """Bela proves the address that Asha's account only claimed."""

    @transactional
    def both_claim_it():
        email = db.session.get_one(User, cast.asha.user_id).email
        db.session.get_one(User, cast.bela.user_id).email = email
        return email

    unproven(cast.bela)
    contact.send_code(cast.bela.user_id, "email", both_claim_it(), "192.0.2.9")
    prove(app, cast.bela, "email")
    work()
    assert stands(visit) == ("cancelled", "not_theirs", False)
