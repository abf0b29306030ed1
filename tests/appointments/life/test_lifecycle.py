"""Every status x every step x every actor, against a table written out by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.appointments.life.lifecycle import (
    STEPS,
    By,
    IllegalStep,
    NotYours,
    advance,
    can_cancel,
    has_come,
    is_undoable_completion,
    is_undoable_no_show,
    may,
    open_steps,
    way_to,
)
from clinic.appointments.vocabulary import ACTIVE, FINISHED, UPCOMING, Status

MOVES = """
    pending      accept         scheduled
    pending      reschedule     cancelled
    pending      cancel         cancelled
    scheduled    confirm        confirmed
    scheduled    check_in       checked_in
    scheduled    no_show        no_show
    scheduled    reschedule     cancelled
    scheduled    cancel         cancelled
    confirmed    check_in       checked_in
    confirmed    no_show        no_show
    confirmed    reschedule     cancelled
    confirmed    cancel         cancelled
    checked_in   start          in_progress
    checked_in   undo_check_in  confirmed
    in_progress  complete       completed
    in_progress  undo_start     checked_in
    completed    undo_complete  in_progress
    no_show      undo_no_show   confirmed
"""
WHO = {
    "accept": "staff doctor admin superadmin system",
    "confirm": "patient staff doctor admin superadmin",
    "cancel": "patient staff doctor admin superadmin system",
    "reschedule": "patient staff doctor admin superadmin",
    "check_in": "staff doctor admin superadmin",
    "start": "staff doctor admin superadmin",
    "complete": "doctor superadmin",
    "no_show": "staff doctor admin superadmin system",
    "undo_check_in": "staff doctor admin superadmin",
    "undo_start": "staff doctor admin superadmin",
    "undo_complete": "doctor superadmin",
    "undo_no_show": "staff doctor admin superadmin",
}
RESULT = {
    (status, step): result
    for status, step, result in (line.split() for line in MOVES.strip().splitlines())
}
VISIT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("step", list(WHO))
@pytest.mark.parametrize("status", list(Status))
def test_a_step_is_taken_only_from_its_statuses_and_by_its_people(status, step, by):
    result = RESULT.get((status, step))
    allowed = by in WHO[step].split()
    assert may(status, step, by) == (allowed and result is not None)
    if not allowed:
        with pytest.raises(NotYours) as refused:
            advance(status, step, by)
        assert (refused.value.step, refused.value.by) == (step, by)
    elif result is None:
        with pytest.raises(IllegalStep) as refused:
            advance(status, step, by)
        assert (refused.value.status, refused.value.step) == (status, step)
    else:
        assert advance(status, step, by, before=Status.CONFIRMED) is Status(result)


def test_the_table_above_names_every_step():
    assert set(WHO) == set(STEPS)
    assert {step for _, step in RESULT} == set(STEPS)


@pytest.mark.parametrize("undo", ["undo_check_in", "undo_no_show"])
@pytest.mark.parametrize(
    "before, back_to",
    [
        (Status.SCHEDULED, Status.SCHEDULED),
        (Status.CONFIRMED, Status.CONFIRMED),
        (None, Status.SCHEDULED),
        (Status.COMPLETED, Status.SCHEDULED),
    ],
)
def test_an_undo_gives_back_what_the_visit_was(undo, before, back_to):
    (status,) = STEPS[undo].frm
    assert advance(status, undo, By.STAFF, before=before) is back_to


def test_a_status_stored_before_does_not_bend_an_ordinary_step():
    assert advance(Status.PENDING, "cancel", By.PATIENT, before=Status.CONFIRMED) == "cancelled"


def test_a_step_nobody_knows_is_a_key_error():
    with pytest.raises(KeyError):
        advance(Status.PENDING, "teleport", By.DOCTOR)


@pytest.mark.parametrize(
    "status, by, steps",
    [
        ("pending", "staff", "accept reschedule cancel"),
        ("scheduled", "staff", "check_in confirm no_show reschedule cancel"),
        ("confirmed", "doctor", "check_in no_show reschedule cancel"),
        ("checked_in", "staff", "start undo_check_in"),
        ("in_progress", "staff", "undo_start"),
        ("in_progress", "doctor", "complete undo_start"),
        ("completed", "staff", ""),
        ("completed", "superadmin", "undo_complete"),
        ("cancelled", "superadmin", ""),
        ("no_show", "staff", "undo_no_show"),
        ("pending", "patient", "reschedule cancel"),
        ("scheduled", "patient", "confirm reschedule cancel"),
        ("scheduled", "system", "no_show cancel"),
        ("scheduled", "admin", "check_in confirm no_show reschedule cancel"),
    ],
)
def test_a_board_shows_the_way_forward_first_and_cancel_last(status, by, steps):
    assert open_steps(Status(status), By(by)) == tuple(steps.split())


@pytest.mark.parametrize(
    "status, target, by, steps",
    [
        ("pending", "scheduled", "doctor", "accept"),
        ("pending", "confirmed", "superadmin", "accept confirm"),
        ("scheduled", "confirmed", "doctor", "confirm"),
        ("scheduled", "completed", "doctor", "check_in start complete"),
        ("pending", "completed", "superadmin", "accept check_in start complete"),
        ("in_progress", "completed", "doctor", "complete"),
        ("confirmed", "cancelled", "superadmin", "cancel"),
        ("scheduled", "no_show", "doctor", "no_show"),
        ("completed", "completed", "doctor", ""),
    ],
)
def test_a_status_is_reached_by_every_step_on_the_way(status, target, by, steps):
    assert way_to(Status(status), Status(target), By(by)) == tuple(steps.split())


@pytest.mark.parametrize(
    "status, target, by",
    [
        ("confirmed", "scheduled", "doctor"),
        ("checked_in", "confirmed", "doctor"),
        ("in_progress", "cancelled", "superadmin"),
        ("cancelled", "completed", "superadmin"),
        ("no_show", "completed", "doctor"),
        ("scheduled", "pending", "doctor"),
    ],
)
def test_no_way_leads_back(status, target, by):
    with pytest.raises(IllegalStep) as refused:
        way_to(Status(status), Status(target), By(by))
    assert refused.value.status == status


@pytest.mark.parametrize(
    "status, target, by, step",
    [
        ("scheduled", "completed", "staff", "complete"),
        ("pending", "confirmed", "patient", "accept"),
        ("scheduled", "completed", "admin", "complete"),
    ],
)
def test_a_way_that_others_may_go_is_not_theirs(status, target, by, step):
    with pytest.raises(NotYours) as refused:
        way_to(Status(status), Status(target), By(by))
    assert refused.value.step == step


def test_the_groups():
    assert {*map(str, ACTIVE)} == {
        *("pending", "scheduled", "confirmed", "checked_in", "in_progress", "completed")
    }
    assert {*map(str, FINISHED)} == {"completed", "cancelled", "no_show"}
    assert {*map(str, UPCOMING)} == {"pending", "scheduled", "confirmed"}
    assert set(By) == {"patient", "staff", "doctor", "admin", "superadmin", "system"}


@pytest.mark.parametrize(
    "notice_minutes, minutes_before, allowed",
    [
        (120, 121, True),
        (120, 120, True),
        (120, 119, False),
        (120, -1, False),
        (0, 1, True),
        (0, 0, False),
        (0, -1, False),
    ],
)
def test_a_patient_cancels_until_the_notice_limit(notice_minutes, minutes_before, allowed):
    now = VISIT - timedelta(minutes=minutes_before)
    assert can_cancel(VISIT, now, notice_minutes) is allowed


def test_the_notice_is_elapsed_time_over_a_clock_change():
    zone = ZoneInfo("Europe/Berlin")
    starts_at = datetime(2026, 3, 29, 4, 0, tzinfo=zone).astimezone(UTC)
    two_hours_on_the_wall_but_one_in_truth = datetime(2026, 3, 29, 1, 59, tzinfo=zone)
    assert not can_cancel(starts_at, two_hours_on_the_wall_but_one_in_truth.astimezone(UTC), 120)


@pytest.mark.parametrize(
    "zone, starts_at, now, undoable",
    [
        ("UTC", "2026-05-04T09:00Z", "2026-05-04T23:59Z", True),
        ("UTC", "2026-05-04T09:00Z", "2026-05-05T00:00Z", False),
        # Noon in Auckland is the day before in UTC until midday.
        ("Pacific/Auckland", "2026-05-04T21:00Z", "2026-05-05T11:59Z", True),
        ("Pacific/Auckland", "2026-05-04T21:00Z", "2026-05-05T12:00Z", False),
        ("America/Los_Angeles", "2026-05-04T23:00Z", "2026-05-05T06:59Z", True),
        ("America/Los_Angeles", "2026-05-04T23:00Z", "2026-05-05T07:00Z", False),
    ],
)
def test_a_no_show_can_be_undone_on_its_local_day(zone, starts_at, now, undoable):
    instants = datetime.fromisoformat(starts_at), datetime.fromisoformat(now)
    assert is_undoable_no_show(*instants, ZoneInfo(zone)) is undoable


@pytest.mark.parametrize(
    "zone, starts_at, now, come",
    [
        ("UTC", "2026-05-04T09:00Z", "2026-05-03T23:59Z", False),
        ("UTC", "2026-05-04T09:00Z", "2026-05-04T00:00Z", True),
        ("UTC", "2026-05-04T09:00Z", "2026-05-06T00:00Z", True),  # what was left open is closed
        ("Pacific/Auckland", "2026-05-04T21:00Z", "2026-05-04T11:59Z", False),
        ("Pacific/Auckland", "2026-05-04T21:00Z", "2026-05-04T12:00Z", True),
        ("America/Los_Angeles", "2026-05-04T03:00Z", "2026-05-03T06:59Z", False),
        ("America/Los_Angeles", "2026-05-04T03:00Z", "2026-05-03T07:00Z", True),
    ],
)
def test_nobody_arrives_before_the_local_day(zone, starts_at, now, come):
    instants = datetime.fromisoformat(starts_at), datetime.fromisoformat(now)
    assert has_come(*instants, ZoneInfo(zone)) is come


@pytest.mark.parametrize("minutes, undoable", [(0, True), (10, True), (10.1, False), (600, False)])
def test_a_completion_is_undone_for_ten_minutes(minutes, undoable):
    assert is_undoable_completion(VISIT, VISIT + timedelta(minutes=minutes)) is undoable
    assert not is_undoable_completion(None, VISIT)
