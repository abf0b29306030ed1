"""A patient answers a text that was about an earlier time of the visit."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from clinic.appointments.booking.move import reschedule
from clinic.appointments.models import Appointment
from clinic.core.data.db import db, transactional
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from tests.cast import TODAY, at
from tests.factories import book, fresh, scheduled

PHONE = "+447700900000"
TOMORROW = TODAY + timedelta(days=1)
_numbers = iter(range(1, 10_000))


@pytest.fixture
def cast(both):
    """The cast on each database in turn, with an app context pushed."""
    with both.app.app_context():
        yield both.cast


def text(body):
    return receiving.receive(Inbound(f"SM{next(_numbers)}", PHONE, "+44", body))


def reminded(visit):
    news = NewMessage(
        visit.organisation_id, "sms", PHONE, "visit_booked", about_id=visit.id, audience="patient"
    )
    transactional(messages.queue_messages)([news])
    return visit


def moved(visit, cast, *starts):
    for start in starts:
        visit = reschedule(visit.id, start, cast.esha.actor)
    return visit


@pytest.mark.parametrize(("word", "after"), [("CONFIRM", "confirmed"), ("CANCEL", "cancelled")])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_every_code_of_the_chain_names_the_newest(cast, word, after, step):
    first = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"))
    second = moved(first, cast, at("11:00"))
    third = moved(second, cast, at("10:00", TOMORROW))
    code = (first, second, third)[step].code
    assert text(f"{word} {code}") == (
        f"Harbour Clinic: your visit on Tue 17 Nov, 10:00 is {after}."
    )
    assert fresh(third).status == after
    assert [fresh(one).cancel_reason for one in (first, second)] == ["rescheduled"] * 2


def test_a_bare_word_means_the_newest_before_its_own_text_went_out(cast):
    first = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"))
    new = moved(first, cast, at("11:00"), at("10:00", TOMORROW))
    text("C")
    assert fresh(new).status == "confirmed"


def test_what_another_number_was_told_of_is_not_answered_for_after_a_move_either(cast):
    first = scheduled(cast.asha, cast.dr_chandra, "09:30")
    new = moved(first, cast, at("11:00"))
    assert "Reply 1A or 2A: Mon 16 Nov, 11:00" in text("X")
    assert fresh(new).status == "scheduled"


def as_kept_until_0_1():
    """Lists were their English text alone."""
    transactional(db.session.execute)(sa.update(Message).values(listed=None))


@pytest.mark.parametrize("is_old", [False, True])
def test_a_place_in_a_list_means_the_visit_that_stood_there_then(cast, is_old):
    """After the list was read, the first moved away and another one took its time."""
    first = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"))
    second = reminded(scheduled(cast.asha, cast.dr_dev, at("10:00", TOMORROW)))
    assert "1A or 2A: Mon 16 Nov, 09:30; 1B or 2B: Tue 17 Nov, 10:00" in text("C")
    if is_old:
        as_kept_until_0_1()
    away = moved(first, cast, at("11:00", TOMORROW))
    other = reminded(book(cast.asha, cast.dr_dev, "09:30"))
    text("2A")
    assert fresh(away).status == "cancelled"
    assert [fresh(one).status for one in (second, other)] == ["scheduled", "pending"]


@pytest.mark.parametrize("is_old", [False, True])
def test_a_list_read_after_the_move_means_what_it_says(cast, is_old):
    first = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"))
    away = moved(first, cast, at("11:00", TOMORROW))
    other = reminded(scheduled(cast.asha, cast.dr_dev, "09:30"))
    assert "2A: Mon 16 Nov, 09:30; 1B or 2B: Tue 17 Nov, 11:00" in text("C")
    if is_old:
        as_kept_until_0_1()
    text("2A")
    assert [fresh(one).status for one in (away, other)] == ["scheduled", "cancelled"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Appointment)) == 3


def test_of_two_visits_that_read_alike_each_place_means_its_own(cast):
    """Half past nine in London and in Kolkata, the same day: the same words for two visits."""
    near = reminded(scheduled(cast.asha, cast.dr_dev, at("09:30", TOMORROW)))
    far_start = datetime.combine(TOMORROW, time(9, 30), ZoneInfo("Asia/Kolkata"))
    far = reminded(scheduled(cast.asha, cast.dr_hana, far_start))
    assert "2A: Tue 17 Nov, 09:30; 1B or 2B: Tue 17 Nov, 09:30" in text("X")
    text("2B")
    assert [fresh(one).status for one in (far, near)] == ["scheduled", "cancelled"]


def test_a_list_keeps_the_visits_it_names_and_nothing_else_keeps_any(cast):
    visits = [
        reminded(scheduled(cast.asha, cast.dr_dev, at("09:30", day))) for day in (TODAY, TOMORROW)
    ]
    text("C")
    text("2Z")
    text("CANCEL")  # nothing can be texted back to it
    rows = sa.select(Message.listed).where(Message.direction == "in").order_by(Message.created_at)
    assert db.session.scalars(rows).all() == [[str(one.id) for one in visits], None, None]
