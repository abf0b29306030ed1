"""Several visits of a number, or several people: texts and answers say how each is meant."""

from itertools import count

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import Message
from clinic.messaging.words import gsm, rendering
from tests.cast import TODAY, at
from tests.factories import fresh, scheduled
from tests.reminders.plan_helpers import LATE, work

pytestmark = pytest.mark.usefixtures("in_app")

ASHA, STRANGER = "+447700900000", "+447700900555"
_numbers = count(1)


def text(body, phone=ASHA):
    sid = f"SM-several-{next(_numbers)}"
    answer = rendering.with_secrets(receiving.receive(Inbound(sid, phone, "+44", body)))
    assert not answer or gsm.fits(answer)
    return answer


def told(visit):
    """The texts about it, in order."""
    rows = sa.select(Message.body).where(Message.about_id == visit.id, Message.channel == "sms")
    return list(db.session.scalars(rows.order_by(Message.created_at, Message.id)))


@transactional
def shares_number(person, proven=None):
    """One more who has it; of all that do, one at most has proven it."""
    change = sa.update(User).values(phone=ASHA, phone_verified_at=None)
    db.session.execute(change.where(sa.or_(User.phone == ASHA, User.id == person.user_id)))
    if proven:
        seen = sa.update(User).values(phone_verified_at=clock.now())
        db.session.execute(seen.where(User.id == proven.user_id))


def by_letter(visit):
    @transactional
    def change():
        fresh(visit).channel = "email"

    change()
    return visit


def test_from_the_second_visit_on_a_text_says_how_this_one_is_meant(cast):
    first = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    second = scheduled(cast.asha, cast.dr_dev, at("10:00", TODAY))
    work()
    assert "Reply C to confirm, X to cancel." in told(first)[0]
    assert f"Reply C {second.code} to confirm, X {second.code} to cancel." in told(second)[0]
    assert "confirmed" in text(f"C {second.code}")
    assert [fresh(one).status for one in (first, second)] == ["scheduled", "confirmed"]
    assert "1A or 2A" in text("C")
    assert "cancelled" in text(f"x {second.code.lower()}")
    assert [fresh(one).status for one in (first, second)] == ["scheduled", "cancelled"]


def test_a_shared_number_hears_codes_though_one_of_them_alone_has_a_visit(cast):
    shares_number(cast.bela)
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    assert f"Reply C {visit.code} to confirm, X {visit.code} to cancel." in told(visit)[0]


@pytest.mark.parametrize("body", ["X", "C", "CANCEL", "1A"])
def test_shared_is_what_the_records_say(cast, body):
    """One visit, two records: whoever writes may be the other one."""
    shares_number(cast.bela)
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    answer = text(body)
    assert fresh(visit).status == "scheduled"
    assert answer == "" if body == "CANCEL" else f"{visit.code} Mon 16 Nov" in answer


def test_the_answer_lists_the_codes_and_each_of_them_works(cast):
    shares_number(cast.bela)
    visits = [scheduled(cast.asha, cast.dr_chandra, LATE), scheduled(cast.bela, cast.dr_dev, LATE)]
    answer = text("X")  # before any text has left
    assert "this number is shared. Reply C or X and the code" in answer
    assert all(visit.code in answer for visit in visits)
    text(f"C {visits[1].code}")
    text(f"CANCEL {visits[0].code}")
    assert [fresh(one).status for one in visits] == ["cancelled", "confirmed"]


def test_who_only_claims_a_number_that_somebody_has_proven_shares_nothing(cast):
    shares_number(cast.bela, proven=cast.asha)
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    text("X")
    assert fresh(visit).status == "cancelled"


@pytest.mark.parametrize(("body", "after"), [("CANCEL", "cancelled"), ("CONFIRM", "confirmed")])
def test_a_code_works_from_ones_own_number_whatever_told_it(cast, body, after):
    visit = by_letter(scheduled(cast.asha, cast.dr_chandra, LATE))
    work()
    assert told(visit) == []
    assert "we know no upcoming visit" in text(f"{body} {visit.code}", STRANGER)
    text(f"{body} {visit.code}")
    assert fresh(visit).status == after


def test_what_was_texted_is_meant_before_what_was_mailed(cast):
    mailed = by_letter(scheduled(cast.asha, cast.dr_chandra, LATE))
    texted = scheduled(cast.asha, cast.dr_dev, at("10:00", TODAY))
    work()
    text("X")
    assert [fresh(one).status for one in (mailed, texted)] == ["scheduled", "cancelled"]


@pytest.mark.parametrize("word", ["HELP", "START", "X"])
def test_answers_without_a_visit_name_who_answers(cast, word):
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    if word == "X":
        text("X")
    answer = text(word)
    assert answer.startswith("Harbour Clinic: ")
    assert fresh(visit).status == ("cancelled" if word == "X" else "scheduled")
    assert text(word, STRANGER).startswith("Clinic: ")  # of several nobody knows which
