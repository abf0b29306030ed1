"""L2: a free text never stands before the desk of another clinic than it is for."""

from datetime import timedelta

import pytest

from clinic.core.data.db import db
from clinic.messaging.inbound import places
from clinic.messaging.models import Message
from tests.appointments.outside.test_answering import PHONE, kept, reminded, status, text
from tests.cast import TODAY, at
from tests.factories import scheduled

pytestmark = pytest.mark.usefixtures("in_app")

FREE = "tell the doctor at Harbour my HIV result"
FAR = at("09:00", TODAY + timedelta(days=1)).replace(hour=4, minute=0)  # 09:30 in Kolkata


@pytest.fixture
def visits(cast):
    """Both clinics texted Asha, Far Hospital last."""
    here = reminded(scheduled(cast.asha, cast.dr_chandra, "11:00"))
    return here, reminded(scheduled(cast.asha, cast.dr_hana, FAR))


def read_by(organisation_id):
    db.session.rollback()
    return [
        one.body
        for one in db.session.query(Message).filter_by(direction="in", needs_attention=True)
        if one.organisation_id == organisation_id
    ]


def nobodys():
    db.session.rollback()
    return db.session.query(Message).filter_by(direction="in", organisation_id=None).count()


def test_the_sender_says_which_clinic_and_only_that_desk_reads_it(visits, cast):
    answer = text(FREE)
    assert answer == "Which clinic is it for? Reply 1: Far Hospital, 2: Harbour Clinic"
    assert (kept().organisation_id, kept().needs_attention, nobodys()) == (None, False, 1)
    assert text("2") == "Your message is with Harbour Clinic."
    assert (read_by(cast.harbour), read_by(cast.elsewhere), nobodys()) == ([FREE], [], 0)
    assert [status(visit) for visit in visits] == ["scheduled", "scheduled"]  # 2 cancels no visit


def test_the_other_way_round(visits, cast):
    text(FREE)
    assert text("1.") == "Your message is with Far Hospital."
    assert (read_by(cast.harbour), read_by(cast.elsewhere)) == ([], [FREE])


def test_all_that_waited_goes_there_together(visits, cast):
    for body in (FREE, "and greet the nurse", "7", FREE):
        text(body)
    text("2")
    assert len(read_by(cast.harbour)) == 4
    assert (read_by(cast.elsewhere), nobodys()) == ([], 0)


def test_a_repeated_text_does_not_make_the_number_a_cancellation(visits, cast):
    text(FREE)
    assert text(FREE) == ""
    assert text("2") == "Your message is with Harbour Clinic."
    assert [status(visit) for visit in visits] == ["scheduled", "scheduled"]


def test_after_a_newer_text_of_ours_a_number_is_about_the_visit(visits, cast):
    text(FREE)
    reminded(visits[0])
    assert "Your message is with" not in text("1")
    assert read_by(cast.harbour) == read_by(cast.elsewhere) == []


def test_nobody_named_is_seen_and_shown_to_no_desk(visits, cast, monday_morning):
    text(FREE)
    assert places.nobody_named() == 0
    monday_morning.shift(timedelta(days=1, minutes=1))
    assert places.nobody_named() == 1
    assert "Your message is with" not in text("2")
    assert (read_by(cast.harbour), read_by(cast.elsewhere)) == ([], [])


def test_a_reaction_to_a_text_of_one_clinic_stands_before_no_other(visits, cast):
    assert text('Liked "Harbour Clinic: your visit"') == ""
    assert (read_by(cast.harbour), read_by(cast.elsewhere), places.nobody_named()) == ([], [], 0)


def test_with_one_clinic_nothing_is_asked(cast):
    reminded(scheduled(cast.asha, cast.dr_chandra, "11:00"))
    assert "is with the desk" in text(FREE)
    assert read_by(cast.harbour) == [FREE]


def test_a_clinic_of_long_ago_is_not_asked_about(visits, cast, monday_morning):
    monday_morning.shift(timedelta(days=61))
    reminded(visits[0])
    assert "Which clinic" not in text(FREE)
    assert read_by(cast.harbour) == [FREE]


def test_somebody_elses_number_answers_nothing(visits, cast):
    text(FREE)
    text("2", phone="+447700900001")
    assert nobodys() == 2
    assert PHONE != "+447700900001"
