"""Who has proven nothing holds one visit; strangers together hold few."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY as THIS_PROCESS

from clinic.accounts.models import FailedTry, User
from clinic.accounts.proof import limits
from clinic.appointments.booking import book as booking
from clinic.appointments.booking import move
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.errors import NotProven, TooManyUnproven
from clinic.appointments.holding import code, release
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.appointments.steps import accept
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import TooMany
from clinic.messaging.models import Message
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from tests.appointments.holding.holding_words import HOLD, codes_of, stands, strangers
from tests.cast import NOW, TODAY, at
from tests.factories import book, hold_for, known_to, scheduled, take, unproven

pytestmark = pytest.mark.usefixtures("in_app")
CODE = {"organisation": "Clinic", "code": "{code:phone:00000000-0000-0000-0000-000000000000}"}
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def asha(cast):
    unproven(cast.asha)
    return cast.asha


def wish(who, doctor, start="09:00", channel="sms", client="192.0.2.1"):
    when = at(start) if isinstance(start, str) else start
    new = BookingRequest(doctor.doctor_id, who.patient_id, when, "Cough", channel)
    return replace(new, client=client)


def ask(who, doctor, start="09:00", **more):
    return booking.book(wish(who, doctor, start, **more), who.actor)


def test_a_stranger_holds_one_visit_for_a_quarter_of_an_hour(cast, asha):
    visit = book(asha, cast.dr_chandra)
    assert timedelta(0) <= visit.held_until - visit.created_at - HOLD < timedelta(seconds=5)
    for doctor in (cast.dr_chandra, cast.dr_dev):
        with pytest.raises(NotProven):
            book(asha, doctor, "10:00")
    take(visit, "cancel", by=asha)
    assert stands(visit) == ("cancelled", "by_patient", False)
    assert book(asha, cast.dr_dev, "10:00").held_until


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_one_proven_address_is_enough(cast, asha, kind):
    @transactional
    def proven():
        setattr(db.session.get_one(User, asha.user_id), f"{kind}_verified_at", NOW)

    proven()
    for wall in ("09:00", "10:00", "11:00"):
        assert book(asha, cast.dr_chandra, wall).held_until is None


def test_the_desk_books_for_whom_it_wants(cast, asha):
    known_to(cast.harbour, asha)
    for wall in ("09:00", "10:00"):
        assert book(asha, cast.dr_chandra, wall, by=cast.esha).held_until is None
    with pytest.raises(NotProven):
        book(asha, cast.dr_chandra, "11:00")
    assert codes_of(asha) == []


@pytest.mark.parametrize(
    ("channel", "kind"), [("sms", "phone"), ("whatsapp", "phone"), ("email", "email")]
)
def test_a_code_goes_where_the_visits_news_go(cast, asha, channel, kind):
    ask(asha, cast.dr_chandra, channel=channel)
    (key,) = codes_of(asha)
    user = db.session.get_one(User, asha.user_id)
    assert (key.purpose, key.target) == (kind, getattr(user, kind))
    (message,) = db.session.scalars(sa.select(Message).where(Message.about_id == key.id))
    assert (message.template, message.status) == ("code", "queued")


def test_no_code_is_sent_for_a_booking_that_is_refused(cast, asha):
    book(cast.bela, cast.dr_chandra)
    with pytest.raises(booking.SlotTaken):
        book(asha, cast.dr_chandra)
    assert codes_of(asha) == []
    assert db.session.query(FailedTry).count() == 0


def test_one_that_works_already_is_not_sent_again(cast, asha):
    for wall in ("09:00", "10:00", "11:00"):
        take(book(asha, cast.dr_chandra, wall), "cancel", by=asha)
    assert len(codes_of(asha)) == 1


def test_who_asks_for_code_after_code_holds_nothing_by_it(cast, asha):
    """Or their visit would stay for want of a code."""
    for _ in range(6):
        limits.count_try("code", "192.0.2.1", str(asha.user_id))
    with pytest.raises(TooMany):
        book(asha, cast.dr_chandra)
    assert db.session.query(Appointment).count() == 0


@pytest.mark.parametrize(("bombed", "sent_by"), [(["phone"], ["email"]), (["phone", "email"], [])])
def test_an_address_that_got_too_much_leaves_the_other_one_or_the_desk(cast, asha, bombed, sent_by):
    user = db.session.get_one(User, asha.user_id)
    addresses = {"phone": ("sms", user.phone), "email": ("email", user.email)}
    for kind in bombed:
        bomb(*addresses[kind])
    visit = book(asha, cast.dr_chandra)
    waits = code.awaited(asha.user_id)
    assert [waits.kind] == sent_by if sent_by else waits is None
    with clock.travelled(NOW + timedelta(minutes=20)):
        release.release_unproven()  # no code has left yet
    assert stands(visit)[2]


@transactional
def bomb(channel, address):
    """As many as go to an address that nobody proved, and more."""
    for number in range(20):
        news = NewMessage(None, channel, address, "code", CODE, dedupe_key=f"{address}{number}")
        queue_messages([news])


def test_a_doctor_has_five_held_visits_at_a_time(cast):
    many = strangers(7)
    walls = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
    held = [ask(one, cast.dr_chandra, wall) for one, wall in zip(many, walls[:5], strict=False)]
    with pytest.raises(TooManyUnproven):
        ask(many[5], cast.dr_chandra, "11:30")
    assert ask(many[5], cast.dr_dev, "11:30").held_until
    accept.accept_booking(held[0].id)
    take(held[0], "confirm", by=cast.esha)  # the desk answers for them
    assert ask(many[6], cast.dr_chandra, "11:30").held_until
    assert book(cast.asha, cast.dr_chandra, at("09:00", TOMORROW)).held_until is None


def test_a_network_has_ten_bookings_of_strangers_an_hour(cast):
    many = strangers(12)
    for number, one in enumerate(many[:10]):
        visit = ask(one, cast.dr_dev, f"{9 + number // 5:02}:00", client=f"192.0.2.{number}")
        take(visit, "cancel", by=one)  # to cancel gives nothing back
    with pytest.raises(TooManyUnproven) as refused:
        ask(many[10], cast.dr_dev, client="192.0.2.77")
    assert 0 < refused.value.retry_after_s <= 3600
    assert book(cast.bela, cast.dr_dev).held_until is None  # who is proven is never counted
    assert ask(many[10], cast.dr_dev, client="192.0.3.77").held_until
    with clock.travelled(NOW + timedelta(minutes=61)):
        assert ask(many[11], cast.dr_dev, "10:00", client="192.0.2.77").held_until


def test_what_is_refused_is_counted_for_operators(cast):
    many, before = strangers(6), refused_by("doctor")
    for one, wall in zip(many, ["09:00", "09:30", "10:00", "10:30", "11:00"], strict=False):
        ask(one, cast.dr_chandra, wall)
    with pytest.raises(TooManyUnproven):
        ask(many[5], cast.dr_chandra, "11:30")
    assert refused_by("doctor") == before + 1


def refused_by(bound):
    name = "unproven_bookings_refused_total"
    return THIS_PROCESS.get_sample_value(name, {"bound": bound}) or 0


def test_who_has_been_at_the_clinic_is_no_stranger_there(cast, asha):
    visit = book(asha, cast.dr_chandra, "09:00")
    accept.accept_booking(visit.id)
    take(visit, "check_in", by=cast.esha)
    for wall in ("10:00", "11:00"):
        assert book(asha, cast.dr_dev, wall).held_until is None
    hana = at("06:00", TOMORROW)  # elsewhere nobody has seen them
    with pytest.raises(NotProven):
        book(asha, cast.dr_hana, hana)


# --- what keeps a visit


@pytest.mark.parametrize(
    ("who", "step", "stays_held"),
    [
        ("asha", "confirm", True),  # a page of the account's own proves nothing
        ("esha", "confirm", False),
        ("dr_chandra", "confirm", False),
        ("esha", "check_in", False),
    ],
)
def test_the_clinics_own_people_answer_for_whom_they_let_in(cast, who, step, stays_held):
    visit = hold_for(cast.asha, cast.dr_chandra)
    accept.accept_booking(visit.id)
    assert stands(visit)[2]  # the worker answers for nobody
    take(visit, step, by=cast.people[who])
    assert stands(visit)[2] is stays_held


@pytest.mark.parametrize("via", ["link", "reply"])
def test_who_answers_from_outside_has_the_address(cast, via):
    visit = hold_for(cast.asha, cast.dr_chandra)
    accept.accept_booking(visit.id)
    outside = replace(links.holder(links.token_of(visit.id))[1], via=via)
    steps.take(visit.id, "confirm", outside)
    assert stands(visit) == ("confirmed", None, False)


def test_a_visit_that_moves_is_held_as_long_as_before(cast):
    visit = hold_for(cast.asha, cast.dr_chandra)
    until = visit.held_until
    moved = move.reschedule(visit.id, at("10:00"), cast.asha.actor)
    assert moved.held_until == until
    assert stands(visit) == ("cancelled", "rescheduled", False)
    assert move.reschedule(moved.id, at("11:00"), cast.esha.actor).held_until is None


def test_one_of_before_is_held_by_nobody(cast, asha):
    """Booked before visits were held: it stays, and is the one they have."""
    visit = scheduled(cast.bela, cast.dr_chandra)
    unproven(cast.bela)
    assert stands(visit)[2] is False
    with pytest.raises(NotProven):
        book(cast.bela, cast.dr_chandra, "10:00")


def test_a_proven_account_has_ten_an_hour_as_before(cast):
    for number in range(10):
        day = TODAY + timedelta(days=number % 5)
        wall = "09:00" if number < 5 else "10:00"
        assert book(cast.bela, cast.dr_dev, at(wall, day)).held_until is None
    with pytest.raises(TooMany):
        book(cast.bela, cast.dr_dev, at("11:00", TOMORROW))
    assert db.session.query(Appointment).count() == 10
