"""Each step after booking: what it changes, what it records, who may take it and until when."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.errors import (
    NoticeTooShort,
    NotYourStep,
    PatientBusy,
    SlotTaken,
    StepNotPossible,
    TooEarly,
)
from clinic.appointments.life.lifecycle import STEPS
from clinic.appointments.steps import take as steps
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound
from clinic.events.models import EventRow
from clinic.schedules import service as schedules
from tests.cast import TODAY, at
from tests.factories import (
    book,
    day_window,
    fresh,
    known_to,
    scheduled,
    set_rules,
    take,
    withdraw_all,
)

pytestmark = pytest.mark.usefixtures("in_app")

DURING = at("09:05")  # five minutes into the visit of every test here


@transactional
def put_in(visit, status, before=None):
    """A visit in any state, for tables of what each state allows."""
    visit = db.session.merge(visit)
    visit.status, visit.status_before = status, before
    db.session.flush()
    return visit


def appointment_events():
    events = sa.select(EventRow).where(EventRow.name.like("appointment.%"))
    return db.session.scalars(events.order_by(EventRow.at)).all()


def last_event():
    return appointment_events()[-1]


@pytest.mark.parametrize(
    ("before", "step", "by", "after", "event"),
    [
        ("pending", "accept", "esha", "scheduled", "accepted"),
        ("scheduled", "confirm", "asha", "confirmed", "confirmed"),
        ("scheduled", "check_in", "esha", "checked_in", "checked_in"),
        ("checked_in", "start", "dr_chandra", "in_progress", "started"),
        ("in_progress", "complete", "dr_chandra", "completed", "completed"),
        ("confirmed", "no_show", "esha", "no_show", "no_show"),
        ("checked_in", "undo_check_in", "esha", "scheduled", "undone"),
        ("scheduled", "check_in", "amir", "checked_in", "checked_in"),
        ("in_progress", "undo_start", "esha", "checked_in", "undone"),
        ("no_show", "undo_no_show", "dr_chandra", "scheduled", "undone"),
        ("pending", "cancel", "esha", "cancelled", "cancelled"),
    ],
)
def test_a_step_changes_the_status_once_and_is_recorded(cast, before, step, by, after, event):
    person = cast.people[by]
    visit = put_in(book(cast.asha, cast.dr_chandra), before)
    with clock.travelled(DURING):
        moved = steps.take(visit.id, step, person.actor)
        recorded = last_event()
    assert (fresh(moved).status, moved.version, moved.updated_at) == (after, 2, DURING)
    assert (recorded.name, recorded.topic) == (f"appointment.{event}", "appointment.updated")
    assert (recorded.actor_id, recorded.actor_role) == (person.user_id, person.role)
    assert recorded.at == DURING
    assert recorded.payload["status"] == after
    assert recorded.payload["appointment_id"] == str(visit.id)


def test_a_completion_is_taken_back_for_ten_minutes_and_then_not(cast):
    visit = put_in(book(cast.asha, cast.dr_chandra), "confirmed")
    with clock.travelled(DURING):
        take(visit, "check_in", "start", "complete", by=cast.dr_chandra)
    too_late = DURING + timedelta(minutes=10, seconds=1)
    with clock.travelled(too_late), pytest.raises(StepNotPossible):
        steps.undo(visit.id, cast.dr_chandra.actor)
    with clock.travelled(DURING + timedelta(minutes=10)):
        undone = steps.undo(visit.id, cast.dr_chandra.actor, of="complete")
        assert (undone.status, undone.finished_at) == ("in_progress", None)
        assert last_event().payload["was"] == "completed"
        undone = steps.undo(visit.id, cast.esha.actor)
        assert (undone.status, undone.started_at) == ("checked_in", None)
        # What the check-in remembered is there all the way back.
        assert steps.undo(visit.id, cast.esha.actor).status == "confirmed"


def test_an_old_offer_to_undo_does_not_take_back_what_came_since(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    with clock.travelled(DURING):
        take(visit, "check_in", "start", by=cast.dr_chandra)
        with pytest.raises(StepNotPossible):
            steps.undo(visit.id, cast.esha.actor, of="check_in")
    assert fresh(visit).status == "in_progress"


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ("scheduled", "check_in"),
        ("checked_in", "start"),
        ("in_progress", "complete"),
        ("confirmed", "no_show"),
    ],
)
def test_nobody_is_here_or_missed_before_the_day(cast, before, step):
    visit = put_in(book(cast.asha, cast.dr_chandra, at("09:00", TODAY + timedelta(days=1))), before)
    with clock.travelled(at("23:59")), pytest.raises(TooEarly) as refused:
        steps.take(visit.id, step, cast.gita.actor)
    assert (refused.value.status, refused.value.code) == (409, "too_early")
    assert refused.value.current == before
    assert fresh(visit).version == 1


def test_nor_by_naming_a_status(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, at("09:00", TODAY + timedelta(days=1)))
    with pytest.raises(TooEarly):
        steps.take_to(visit.id, Status.COMPLETED, cast.dr_chandra.actor)
    assert fresh(visit).status == "scheduled"


def test_no_step_is_missing_from_this_table():
    assert STEPS.keys() - steps.FACTS.keys() == {"reschedule"}  # another command does that


@pytest.mark.parametrize(
    ("before", "to", "by", "recorded"),
    [
        ("pending", "confirmed", "dr_chandra", ["scheduled", "confirmed"]),
        ("confirmed", "completed", "dr_chandra", ["checked_in", "in_progress", "completed"]),
        ("in_progress", "completed", "gita", ["completed"]),
        ("scheduled", "cancelled", "gita", ["cancelled"]),
        ("confirmed", "confirmed", "gita", []),
    ],
)
def test_who_names_a_status_takes_every_step_to_it(cast, before, to, by, recorded):
    visit = put_in(book(cast.asha, cast.dr_chandra), before)
    seen = steps.take_to(visit.id, Status(to), cast.people[by].actor)
    assert (fresh(seen).status, seen.version) == (to, 1 + len(recorded))
    statuses = [row.payload["status"] for row in appointment_events()]
    assert statuses == ["pending", *recorded]


@pytest.mark.parametrize(
    ("before", "to", "by", "error"),
    [
        ("cancelled", "completed", "dr_chandra", StepNotPossible),
        ("checked_in", "cancelled", "gita", StepNotPossible),
        ("confirmed", "no_show", "dr_chandra", StepNotPossible),  # it has not begun
        ("scheduled", "completed", "esha", NotYourStep),
        ("scheduled", "confirmed", "dr_dev", NotFound),
    ],
)
def test_a_status_out_of_reach_changes_nothing(cast, before, to, by, error):
    visit = put_in(book(cast.asha, cast.dr_chandra), before)
    with pytest.raises(error):
        steps.take_to(visit.id, Status(to), cast.people[by].actor)
    assert (fresh(visit).status, visit.version) == (before, 1)


def test_a_whole_visit_keeps_the_time_of_each_part(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    for minute, step, by in (
        (0, "check_in", cast.esha),
        (5, "start", cast.dr_chandra),
        (20, "complete", cast.dr_chandra),
    ):
        with clock.travelled(at("09:00") + timedelta(minutes=minute)):
            take(visit, step, by=by)
    seen = fresh(visit)
    assert seen.checked_in_at == at("09:00")
    assert seen.started_at == at("09:05")
    assert seen.finished_at == at("09:20")
    assert seen.version == 5


@pytest.mark.parametrize(
    ("step", "before", "refused"),
    [
        ("accept", "pending", ("asha",)),
        ("check_in", "scheduled", ("asha",)),
        ("start", "checked_in", ("asha",)),
        ("complete", "in_progress", ("asha", "esha", "amir")),
        ("no_show", "scheduled", ("asha",)),
        ("undo_check_in", "checked_in", ("asha",)),
        ("undo_start", "in_progress", ("asha",)),
        ("undo_complete", "completed", ("asha", "esha", "amir")),
        ("undo_no_show", "no_show", ("asha",)),
    ],
)
def test_a_step_belongs_to_its_roles(cast, step, before, refused):
    visit = put_in(book(cast.asha, cast.dr_chandra), before)
    for name in refused:
        with clock.travelled(DURING), pytest.raises(NotYourStep):
            steps.take(visit.id, step, cast.people[name].actor)
    assert (fresh(visit).status, fresh(visit).version) == (before, 1)


@pytest.mark.parametrize("stranger", ["bela", "dr_dev", "dr_hana", "farid"])
@pytest.mark.parametrize("step", sorted(STEPS))
def test_somebody_elses_visit_is_not_there(cast, stranger, step):
    visit = book(cast.asha, cast.dr_chandra)
    with pytest.raises(NotFound):
        steps.take(visit.id, step, cast.people[stranger].actor)
    assert fresh(visit).version == 1


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("pending", "confirm"),
        ("pending", "check_in"),
        ("cancelled", "confirm"),
        ("completed", "cancel"),
        ("checked_in", "cancel"),
        ("no_show", "check_in"),
        ("scheduled", "undo_check_in"),
    ],
)
def test_an_illegal_step_says_where_the_visit_stands(cast, status, step):
    visit = put_in(book(cast.asha, cast.dr_chandra), status)
    with pytest.raises(StepNotPossible, match=status.replace("_", " ")) as refused:
        steps.take(visit.id, step, cast.dr_chandra.actor)
    assert refused.value.current == status
    assert refused.value.status == 409


def test_a_patient_cancels_until_two_hours_before(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    with clock.travelled(at("07:00")):
        take(visit, "cancel", by=cast.asha)
    assert (fresh(visit).status, visit.cancel_reason) == ("cancelled", "by_patient")
    assert last_event().payload["reason"] == "by_patient"


@pytest.mark.parametrize("wall", ["07:01", "08:59", "09:10"])
def test_after_that_only_the_clinic_cancels(cast, wall):
    visit = scheduled(cast.asha, cast.dr_chandra)
    with clock.travelled(at(wall)):
        with pytest.raises(NoticeTooShort):
            take(visit, "cancel", by=cast.asha)
        take(visit, "cancel", by=cast.esha)
    assert (fresh(visit).status, visit.cancel_reason) == ("cancelled", "by_staff")


def test_the_notice_is_the_organisations_own(cast):
    set_rules(cast.harbour, cancel_notice_minutes=24 * 60)
    visit = scheduled(cast.asha, cast.dr_chandra)
    with pytest.raises(NoticeTooShort):
        take(visit, "cancel", by=cast.asha)


@pytest.mark.parametrize("was", ["scheduled", "confirmed"])
def test_an_undone_check_in_goes_back_to_what_it_was(cast, was):
    visit = put_in(book(cast.asha, cast.dr_chandra), was)
    take(visit, "check_in", "undo_check_in", by=cast.esha)
    undone = fresh(visit)
    assert (undone.status, undone.checked_in_at, undone.status_before) == (was, None, None)
    assert last_event().payload["was"] == "checked_in"


@pytest.mark.parametrize("was", ["scheduled", "confirmed"])
def test_an_undone_no_show_goes_back_to_what_it_was_the_same_day(cast, was):
    visit = put_in(book(cast.asha, cast.dr_chandra), was)
    with clock.travelled(DURING):
        take(visit, "no_show", by=cast.esha)
    with clock.travelled(at("23:59")):
        assert steps.undo(visit.id, cast.esha.actor).status == was


def test_a_no_show_is_not_undone_the_next_day(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    with clock.travelled(DURING):
        take(visit, "no_show", by=cast.esha)
    with clock.travelled(at("00:00", TODAY + timedelta(days=1))), pytest.raises(StepNotPossible):
        steps.undo(visit.id, cast.esha.actor)


def test_undo_of_a_visit_with_nothing_to_undo_is_refused(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    with pytest.raises(StepNotPossible):
        steps.undo(visit.id, cast.esha.actor)
    assert fresh(visit).status == "scheduled"


def missed_hour(cast, **window):
    """Nobody came at nine for an hour's visit; by now the surgery runs in half hours."""
    withdraw_all(cast.dr_chandra)
    hours = day_window(
        cast.dr_chandra, cast.quay_street, TODAY, "09:00-12:00", slot_minutes=60, **window
    )
    visit = scheduled(cast.asha, cast.dr_chandra)
    with clock.travelled(DURING):
        take(visit, "no_show", by=cast.esha)
    schedules.withdraw_window(hours.id, THE_SYSTEM, "keep")
    day_window(cast.dr_chandra, cast.quay_street, TODAY, "09:00-12:00", **window)
    return visit


def test_a_no_show_whose_time_was_sold_stays_one(cast):
    visit = missed_hour(cast)
    known_to(cast.harbour, cast.bela)
    with clock.travelled(DURING):
        book(cast.bela, cast.dr_chandra, "09:30", by=cast.esha)
        with pytest.raises(SlotTaken):
            steps.undo(visit.id, cast.esha.actor)
    assert fresh(visit).status == "no_show"


def test_a_no_show_who_went_elsewhere_stays_one(cast):
    visit = missed_hour(cast)
    with clock.travelled(DURING):
        book(cast.asha, cast.dr_dev, "09:30", by=cast.esha)
        with pytest.raises(PatientBusy):
            steps.undo(visit.id, cast.esha.actor)
    assert fresh(visit).status == "no_show"


def test_a_no_show_in_a_group_needs_the_very_place_it_had(cast):
    visit = missed_hour(cast, capacity=2)
    known_to(cast.harbour, cast.bela)
    with clock.travelled(DURING):
        sold = book(cast.bela, cast.dr_chandra, "09:30", by=cast.esha)
        assert sold.seat == visit.seat == 1
        with pytest.raises(SlotTaken):
            steps.undo(visit.id, cast.esha.actor)


def test_a_no_show_does_not_come_back_into_a_window_that_is_full_by_now(cast):
    withdraw_all(cast.dr_chandra)
    day_window(cast.dr_chandra, cast.quay_street, TODAY, "09:00-12:00", max_patients=1)
    visit = scheduled(cast.asha, cast.dr_chandra)
    known_to(cast.harbour, cast.bela)
    with clock.travelled(DURING):
        take(visit, "no_show", by=cast.esha)
        book(cast.bela, cast.dr_chandra, "11:30", by=cast.esha)
        with pytest.raises(SlotTaken):
            steps.undo(visit.id, cast.esha.actor)


def test_nobody_is_late_before_the_visit_begins(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    with clock.travelled(at("09:00") - timedelta(seconds=1)), pytest.raises(StepNotPossible):
        take(visit, "no_show", by=cast.esha)
    with clock.travelled(at("09:00")):
        take(visit, "no_show", by=cast.esha)
    assert fresh(visit).status == "no_show"


def test_a_cancelled_visit_is_final_but_its_time_is_not(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    take(visit, "cancel", by=cast.asha)
    for step in STEPS:
        with clock.travelled(DURING), pytest.raises(StepNotPossible):
            steps.take(visit.id, step, cast.gita.actor)
    assert book(cast.bela, cast.dr_chandra).seat == 1
