"""A patient answers a text: the visit changes once, and the answer fits one text."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.appointments.errors import StepNotPossible
from clinic.appointments.models import Appointment
from clinic.appointments.outside import answering
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.messaging.consents.models import OptOut
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.words import gsm, rendering
from clinic.organisations.models import Organisation
from tests.cast import TODAY, at
from tests.factories import book, fresh, scheduled, set_rules, take

pytestmark = pytest.mark.usefixtures("in_app")

PHONE = "+447700900000"
TUESDAY = TODAY + timedelta(days=1)
_numbers = iter(range(1, 10_000))


def text(body, phone=PHONE, sid=None):
    """What the phone shows as the answer."""
    answer = receiving.receive(Inbound(sid or f"SM{next(_numbers)}", phone, "+44", body))
    shown = rendering.with_secrets(answer)
    assert not shown or gsm.fits(shown), shown
    assert gsm.parts(shown) <= 1 or not gsm.is_gsm7(shown)
    return shown


def reminded(visit, phone=PHONE, audience="patient"):
    """The visit, after a text about it went to the number."""
    news = NewMessage(
        visit.organisation_id, "sms", phone, "visit_booked", about_id=visit.id, audience=audience
    )
    transactional(messages.queue_messages)([news])
    return visit


def status(visit):
    return fresh(visit).status


def kept():
    """The last text that came in."""
    texts = sa.select(Message).where(Message.direction == "in").order_by(Message.created_at.desc())
    return db.session.scalars(texts.limit(1)).one()


@pytest.fixture
def visit(cast):
    return reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"))


# --- one visit


@pytest.mark.parametrize(
    ("body", "after", "answer"),
    [
        ("C", "confirmed", "Harbour Clinic: your visit on Mon 16 Nov, 09:30 is confirmed."),
        ("1", "confirmed", "Harbour Clinic: your visit on Mon 16 Nov, 09:30 is confirmed."),
        ("Yes!", "confirmed", "Harbour Clinic: your visit on Mon 16 Nov, 09:30 is confirmed."),
        ("confirm", "confirmed", "Harbour Clinic: your visit on Mon 16 Nov, 09:30 is confirmed."),
        ("X", "cancelled", "Harbour Clinic: your visit on Mon 16 Nov, 09:30 is cancelled."),
        ("2", "cancelled", "Harbour Clinic: your visit on Mon 16 Nov, 09:30 is cancelled."),
        ("1A", "confirmed", "Harbour Clinic: your visit on Mon 16 Nov, 09:30 is confirmed."),
        ("2A", "cancelled", "Harbour Clinic: your visit on Mon 16 Nov, 09:30 is cancelled."),
    ],
)
def test_one_word_changes_the_one_visit(visit, body, after, answer):
    assert text(body) == answer
    assert status(visit) == after
    row = kept()
    assert (row.about_id, row.organisation_id) == (visit.id, visit.organisation_id)
    assert not row.needs_attention


@pytest.mark.parametrize(("word", "after"), [("CONFIRM", "confirmed"), ("CANCEL", "cancelled")])
def test_a_code_names_the_visit(visit, word, after):
    text(f"{word} {visit.code}")
    assert status(visit) == after


def test_a_wrong_code_changes_nothing(visit):
    assert "we know no visit with that code" in text("CANCEL ZZZZZ")
    assert status(visit) == "scheduled"


def test_the_step_is_taken_by_the_patient_and_by_reply(visit, cast):
    text("X")
    assert fresh(visit).cancel_reason == "by_reply"
    events = sa.select(EventRow).where(EventRow.name == "appointment.cancelled")
    assert db.session.scalars(events).one().actor_role == "patient"


def test_the_same_text_ten_times_changes_once_and_gets_one_answer(visit):
    answers = {text("C", sid="SM-replay") for _ in range(10)}
    assert answers == {"Harbour Clinic: your visit on Mon 16 Nov, 09:30 is confirmed."}
    assert fresh(visit).version == 3
    texts = sa.select(sa.func.count()).where(Message.direction == "in")
    assert db.session.scalar(texts) == 1


def test_a_replay_after_the_visit_changed_again_still_tells_what_was_done(visit, cast):
    first = text("C", sid="SM-replay")
    take(visit, "cancel", by=cast.esha)
    assert text("C", sid="SM-replay") == first
    assert status(visit) == "cancelled"


def test_who_confirms_again_is_told_so(visit):
    text("C")
    assert "is confirmed already" in text("C")


@pytest.mark.parametrize("notice", [120, 300])
def test_a_cancel_that_comes_too_late_is_sent_to_the_telephone(visit, cast, monday_morning, notice):
    set_rules(cast.harbour, cancel_notice_minutes=notice)
    monday_morning.move_to(at("07:31"))
    assert text("X") == (
        "Harbour Clinic: it is too late to change Mon 16 Nov, 09:30 by text."
        " Please call 020 7946 0142."
    )
    assert status(visit) == "scheduled"


def test_a_request_that_is_not_accepted_cannot_be_confirmed(cast):
    set_rules(cast.harbour, approval_required=True)
    visit = reminded(book(cast.asha, cast.dr_chandra, "09:30"))
    assert "is not accepted yet" in text("C")
    assert status(visit) == "pending"


def test_a_visit_that_has_begun_is_no_longer_meant(visit, monday_morning):
    monday_morning.move_to(at("09:31"))
    assert "we know no upcoming visit" in text("X")
    assert status(visit) == "scheduled"


def test_when_the_desk_is_faster_the_answer_says_that_it_is_too_late(visit, monkeypatch):
    def beaten(*_):
        raise StepNotPossible("checked_in", "cancel")

    monkeypatch.setattr(steps, "take", beaten)
    assert "it is too late" in text("X")
    assert kept().about_id == visit.id


# --- several visits


@pytest.fixture
def three(cast):
    days = (TODAY, TUESDAY, TUESDAY + timedelta(days=1))
    return [reminded(scheduled(cast.asha, cast.dr_dev, at("09:30", day))) for day in days]


LIST = (
    "Harbour Clinic: 1 confirms, 2 cancels. Reply 1A or 2A: Mon 16 Nov, 09:30;"
    " 1B or 2B: Tue 17 Nov, 09:30; 1C or 2C: Wed 18 Nov, 09:30"
)


@pytest.mark.parametrize("body", ["C", "X", "yes"])
def test_with_several_visits_a_bare_word_changes_nothing_and_is_answered_by_a_list(three, body):
    assert text(body) == LIST
    assert [status(one) for one in three] == ["scheduled"] * 3


@pytest.mark.parametrize(
    ("body", "place", "after"),
    [("1A", 0, "confirmed"), ("2B", 1, "cancelled"), ("1 c", 2, "confirmed")],
)
def test_a_place_in_the_list_names_one(three, body, place, after):
    text("C")
    text(body)
    assert [status(one) for one in three] == [
        after if number == place else "scheduled" for number in range(3)
    ]


def test_a_place_means_the_list_that_was_read_and_not_todays(three, cast):
    text("X")
    take(three[0], "cancel", by=cast.esha)
    reminded(scheduled(cast.asha, cast.dr_chandra, at("10:30")))
    text("2B")
    assert [status(one) for one in three] == ["cancelled", "cancelled", "scheduled"]
    assert "we know no visit" in text("2A")


@pytest.mark.parametrize("body", ["1D", "2Z"])
def test_a_place_that_was_not_listed_changes_nothing(three, body):
    text("X")
    assert "we know no visit" in text(body)
    assert [status(one) for one in three] == ["scheduled"] * 3


def test_the_list_holds_as_many_as_one_text_can(three, cast):
    for day in range(3, 6):
        start = at("09:30", TODAY + timedelta(days=day + (2 if day > 4 else 0)))
        reminded(scheduled(cast.asha, cast.dr_dev, start))
    rename(cast.harbour, "The Royal Harbour Clinic for Minor Injuries")
    assert 3 <= text("C").count(" or ") <= 4
    rename(cast.harbour, "हार्बर क्लिनिक और अस्पताल")
    assert 2 <= text("C").count(" or ") <= 4


@transactional
def rename(organisation_id, name):
    db.session.get(Organisation, organisation_id).name = name


LONG = "The Royal Harbour Clinic for General Medicine and the Minor Injuries of the Whole East Side"


@pytest.mark.parametrize("name", [LONG, "हार्बर क्लिनिक और अस्पताल"])
@pytest.mark.parametrize("body", ["C", "X", "CANCEL ZZZZZ", "may I bring my dog?"])
def test_every_answer_fits_one_text_whatever_the_clinic_is_called(visit, cast, name, body):
    rename(cast.harbour, name)
    assert text(body)


# --- a number that is shared


@transactional
def give_number(*people):
    mine = sa.update(User).where(User.id.in_([one.user_id for one in people]))
    db.session.execute(mine.values(phone=PHONE, phone_verified_at=None))


@pytest.fixture
def shared(cast):
    give_number(cast.asha, cast.bela)
    own = reminded(scheduled(cast.asha, cast.dr_dev, "09:30"))
    return own, reminded(scheduled(cast.bela, cast.dr_dev, "09:30"))


@pytest.mark.parametrize("body", ["C", "X", "YES", "1A", "2B", "1"])
def test_a_shared_number_changes_nothing_without_a_code(shared, body):
    assert "this number is shared" in text(body)
    assert [status(one) for one in shared] == ["scheduled"] * 2


def test_a_shared_number_changes_the_visit_of_the_code(shared):
    text(f"CANCEL {shared[1].code}")
    assert [status(one) for one in shared] == ["scheduled", "cancelled"]


def test_a_text_to_the_doctor_gives_the_doctor_no_say(cast):
    visit = reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"), "+447700900010", "doctor")
    text("X", phone="+447700900010")
    assert status(visit) == "scheduled"


def test_nobody_answers_for_a_visit_that_another_number_was_told_of(visit):
    assert "we know no upcoming visit" in text(f"CANCEL {visit.code}", phone="+447700900099")
    assert status(visit) == "scheduled"


# --- everything else


def test_what_nobody_can_read_goes_before_the_desk_and_gets_the_link(visit):
    answer = text("May I bring my dog?")
    assert "your message is with the desk" in answer
    assert "/visit/" in answer
    row = kept()
    assert (row.needs_attention, row.organisation_id) == (True, visit.organisation_id)
    assert "{link:visit:" in row.answer
    assert status(visit) == "scheduled"


@pytest.mark.parametrize("body", ["X?", "please cancel", "C or X", "", "2 B or not", "👎"])
def test_what_is_not_clear_changes_nothing(visit, body):
    text(body)
    assert status(visit) == "scheduled"
    assert kept().needs_attention


def test_a_question_after_the_visit_reaches_the_desk_that_texted_last(visit, monday_morning):
    monday_morning.move_to(at("12:00"))
    text("I left my umbrella with you")
    row = kept()
    assert (row.organisation_id, row.needs_attention) == (visit.organisation_id, True)


def test_a_number_we_never_texted_gets_an_answer_and_no_organisation():
    assert "we know no upcoming visit" in text("hello", phone="+447700900099")
    assert kept().organisation_id is None


def test_yes_ends_an_opt_out_first_and_confirms_next(visit):
    text("STOP")
    assert "Harbour Clinic: you will get our texts again" in text("YES")
    assert db.session.scalars(sa.select(OptOut)).all() == []
    assert status(visit) == "scheduled"
    assert "is confirmed" in text("YES")


def test_a_bare_cancel_cancels_the_one_visit_ends_the_texts_and_tells_the_desk(visit):
    assert text("CANCEL") == ""
    assert status(visit) == "cancelled"
    row = kept()
    assert (row.about_id, row.needs_attention) == (visit.id, True)
    assert db.session.scalars(sa.select(OptOut.address)).all() == [PHONE]


def test_a_bare_cancel_with_several_visits_cancels_none(three):
    assert text("CANCEL") == ""
    assert [status(one) for one in three] == ["scheduled"] * 3
    assert kept().needs_attention


def test_a_cancel_by_text_voids_what_waits_and_frees_the_seat(visit, cast):
    text("X")
    waiting = sa.select(Message.status).where(Message.about_id == visit.id)
    assert db.session.scalars(waiting.where(Message.direction == "out")).all() == ["cancelled"]
    assert scheduled(cast.bela, cast.dr_chandra, "09:30").seat == visit.seat


def test_what_fails_in_the_middle_is_neither_kept_nor_done(visit, monkeypatch):
    monkeypatch.setattr(answering, "Answer", None)
    with pytest.raises(TypeError):
        receiving.receive(Inbound("SM-torn", PHONE, "+44", "X"))
    assert status(visit) == "scheduled"
    assert db.session.scalar(sa.select(Message.id).where(Message.direction == "in")) is None
    monkeypatch.undo()
    assert "is cancelled" in text("X", sid="SM-torn")


def test_only_upcoming_visits_of_the_last_weeks_are_meant(visit, cast):
    old = {"created_at": clock.now() - timedelta(days=61)}
    db.session.execute(sa.update(Message).values(**old))
    db.session.commit()
    assert "Reply 1A or 2A: Mon 16 Nov, 09:30" in text("X")  # it is asked, and nothing is done
    count = sa.select(sa.func.count()).where(Appointment.status == "scheduled")
    assert db.session.scalar(count) == 1
