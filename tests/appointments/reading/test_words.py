"""What is known of a visit has no words; the words are the reader's."""

import pytest
from flask_babel import force_locale

from clinic.appointments.board import words as board
from clinic.appointments.board.day import day_of
from clinic.appointments.errors import StepNotPossible
from clinic.appointments.holding.release import NOT_PROVEN, NOT_THEIRS
from clinic.appointments.leaving.settle import (
    CLOSED,
    DOCTOR_LEFT,
    HOURS_ENDED,
    OF_PATIENT,
    PLACE_CLOSED,
)
from clinic.appointments.life.lifecycle import STEPS
from clinic.appointments.reading import calendar, words
from clinic.appointments.reading import visit as visits
from clinic.appointments.steps.take import BY_REPLY, CANCELLED_BY
from clinic.appointments.vocabulary import Status
from tests.cast import TODAY
from tests.factories import book, scheduled, set_rules, take

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def booked(cast):
    return visits.visit(scheduled(cast.asha, cast.dr_chandra, "09:30").id, cast.asha.actor)


def test_a_visit_reads_as_its_page_says(booked):
    shown = words.shown(booked, "Cardiology")
    assert (shown.weekday, shown.day, shown.month) == ("Mon", "16", "Nov")
    assert (shown.day_label, shown.time_range) == ("Mon 16 Nov", "09:30 to 10:00")
    assert shown.zone_label == "London time (GMT)"
    assert (shown.status, shown.status_text) == ("scheduled", "Please confirm")
    assert (shown.starts_on, shown.minutes, shown.speciality) == (TODAY, 30, "Cardiology")


def test_days_stand_in_the_readers_language(booked):
    with force_locale("de"):
        shown = words.shown(booked)
    assert (shown.weekday, shown.month) == ("Mo.", "Nov.")
    assert shown.day_label == "Mo., 16. Nov."


def test_a_request_is_booked_where_nobody_must_approve_it(cast):
    visit = book(cast.asha, cast.dr_chandra, "09:30")
    seen = visits.visit(visit.id, cast.asha.actor)
    assert (seen.status, seen.shown_status, words.status(seen)) == (
        Status.PENDING, Status.SCHEDULED, "Booked",
    )  # fmt: skip
    set_rules(cast.harbour, approval_required=True)
    seen = visits.visit(visit.id, cast.asha.actor)
    assert (seen.shown_status, words.status(seen)) == (Status.PENDING, "Requested")


def test_whoever_cannot_cancel_any_more_reads_whom_to_call(cast, booked, monday_morning):
    set_rules(cast.harbour, cancel_notice_minutes=24 * 60)
    late = visits.visit(booked.id, cast.asha.actor)
    assert (late.can_cancel, late.can_move, late.is_too_late) == (False, False, True)
    assert words.shown(late).cancel_hint == ("To cancel or move it now, please call 020 7946 0142.")
    at_desk = visits.visit(booked.id, cast.esha.actor)
    assert (at_desk.can_cancel, at_desk.can_move) == (True, True)


def test_the_desk_does_not_learn_why_somebody_comes(cast, booked):
    assert booked.reason == "Blood pressure"
    assert visits.visit(booked.id, cast.dr_chandra.actor).reason == "Blood pressure"
    assert visits.visit(booked.id, cast.esha.actor).reason is None


def test_a_calendar_file_says_where_and_when_but_not_why(booked):
    file = calendar.file_of(booked).decode().replace("\r\n ", "")
    assert "SUMMARY:Harbour Clinic: Dr Chandra Iyer" in file
    assert f"DESCRIPTION:Reference {booked.code}" in file
    assert "DESCRIPTION:Harbour Clinic at 09:30" in file
    assert "Blood pressure" not in file


def test_every_step_status_and_reason_has_words() -> None:
    assert board.STEPS.keys() == STEPS.keys()
    assert words.TO_PATIENTS.keys() == set(Status) - {Status.PENDING}
    reasons = {*CANCELLED_BY.values(), BY_REPLY, "by_staff", "not_accepted", NOT_PROVEN, NOT_THEIRS}
    reasons |= {DOCTOR_LEFT, CLOSED, PLACE_CLOSED, HOURS_ENDED, *OF_PATIENT}
    assert reasons == board.CANCELLED.keys()
    assert words.RELEASED.keys() == {NOT_PROVEN, NOT_THEIRS}
    for status in Status:
        assert status.replace("_", " ") in str(StepNotPossible(status, "confirm"))


def test_a_cancelled_visit_says_on_the_board_who_cancelled(cast, booked):
    take(booked, "cancel", by=cast.asha)
    (row,) = board.board(day_of(cast.esha.actor)).rows
    assert row.note == f"Cancelled by patient. {booked.code}"
