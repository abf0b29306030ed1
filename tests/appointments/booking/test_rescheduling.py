"""A visit moves: one seat is freed, one is taken, and all that led to it leads to the new one."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.board import words as board
from clinic.appointments.board.day import day_of
from clinic.appointments.booking.move import reschedule
from clinic.appointments.errors import (
    NoticeTooShort,
    PatientBusy,
    SlotNotOffered,
    SlotTaken,
    StepNotPossible,
)
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading import words
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import NotFound, TooMany
from clinic.events.models import EventRow
from tests.cast import TODAY, at
from tests.crowd import broken_invariants
from tests.factories import book, day_window, fresh, scheduled, set_rules, take

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def cast(both):
    """The cast on each database in turn, with an app context pushed."""
    with both.app.app_context():
        yield both.cast
        assert broken_invariants() == []


def moves():
    db.session.rollback()
    events = sa.select(EventRow).where(EventRow.name == "appointment.rescheduled")
    return db.session.scalars(events.order_by(EventRow.at)).all()


def unmoved(visit):
    """Nothing about the visit changed, and nobody was told anything."""
    row = fresh(visit)
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Appointment))
    return (row.status, row.version, row.starts_at, moves(), count)


def test_the_visit_keeps_what_it_is_about_and_gets_a_row_of_its_own(cast):
    old = take(scheduled(cast.asha, cast.dr_chandra, "11:00"), "confirm", by=cast.asha)
    new = reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
    gone = fresh(old)
    assert (gone.status, gone.cancel_reason, gone.version) == ("cancelled", "rescheduled", 4)
    assert (new.status, new.version, new.seat) == ("confirmed", 1, 1)
    assert (new.starts_at, new.ends_at) == (at("10:00", TOMORROW), at("10:30", TOMORROW))
    assert new.rescheduled_from_id == old.id
    assert new.code != old.code
    for kept in ("patient_id", "doctor_id", "reason", "channel", "source", "organisation_id"):
        assert getattr(new, kept) == getattr(gone, kept)
    (move,) = moves()
    assert move.topic == "appointment.updated"
    assert (move.payload["appointment_id"], move.payload["previous_id"]) == (
        str(new.id),
        str(old.id),
    )


@pytest.mark.parametrize("who", ["asha", "esha", "amir", "dr_chandra", "gita"])
def test_patient_desk_and_doctor_may_move_it_and_the_seat_is_free_again(cast, who):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    reschedule(old.id, at("11:30"), cast.people[who].actor)
    assert book(cast.bela, cast.dr_chandra, "11:00").seat == old.seat


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("bela", NotFound),
        ("dr_dev", NotFound),
        ("dr_hana", NotFound),
        ("farid", NotFound),
    ],
)
def test_others_may_not(cast, who, error):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    with pytest.raises(error):
        reschedule(old.id, at("11:30"), cast.people[who].actor)
    assert unmoved(old) == ("scheduled", 2, at("11:00"), [], 1)


def test_the_same_time_with_the_same_doctor_changes_nothing(cast):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    for named in (None, cast.dr_chandra.doctor_id):
        assert reschedule(old.id, at("11:00"), cast.asha.actor, named).id == old.id
    assert unmoved(old) == ("scheduled", 2, at("11:00"), [], 1)


def test_the_same_time_with_another_doctor_is_a_move(cast):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    new = reschedule(old.id, at("11:00"), cast.asha.actor, cast.dr_dev.doctor_id)
    assert (new.doctor_id, new.starts_at) == (cast.dr_dev.doctor_id, at("11:00"))


def test_a_new_time_may_overlap_the_old_one(cast):
    """Half hours became hours, of which one lies over the half hour it moves from."""
    old = scheduled(cast.asha, cast.dr_dev, "11:30")
    day_window(cast.dr_chandra, cast.quay_street, TODAY, "13:00-15:00", slot_minutes=60)
    day_window(cast.dr_dev, cast.quay_street, TODAY, "13:30-15:00")
    later = reschedule(old.id, at("13:30"), cast.esha.actor)
    over = reschedule(later.id, at("13:00"), cast.esha.actor, cast.dr_chandra.doctor_id)
    assert (over.starts_at, over.ends_at) == (at("13:00"), at("14:00"))
    back = reschedule(over.id, at("13:30"), cast.esha.actor, cast.dr_dev.doctor_id)
    assert (back.starts_at, back.seat) == (at("13:30"), 1)


def test_a_taken_slot_leaves_the_visit_where_it_is(cast):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    book(cast.bela, cast.dr_chandra, "11:30")
    with pytest.raises(SlotTaken):
        reschedule(old.id, at("11:30"), cast.asha.actor)
    assert unmoved(old) == ("scheduled", 2, at("11:00"), [], 2)


def test_the_lowest_free_seat_of_several(cast):
    book(cast.bela, cast.dr_dev, "11:30")
    old = scheduled(cast.asha, cast.dr_dev, "11:00")
    assert reschedule(old.id, at("11:30"), cast.asha.actor).seat == 2


def test_nobody_moves_into_another_visit_of_their_own(cast):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    book(cast.asha, cast.dr_dev, "11:30")
    with pytest.raises(PatientBusy):
        reschedule(old.id, at("11:30"), cast.esha.actor)
    assert fresh(old).status == "scheduled"


@pytest.mark.parametrize("start", ["11:10", "12:00", "06:00"])
def test_only_to_times_that_are_offered(cast, start):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    with pytest.raises(SlotNotOffered):
        reschedule(old.id, at(start), cast.esha.actor)
    assert unmoved(old) == ("scheduled", 2, at("11:00"), [], 1)


@pytest.mark.parametrize(("who", "may"), [("asha", False), ("esha", True), ("dr_chandra", True)])
def test_who_works_there_ignores_notice_and_horizon(cast, who, may):
    set_rules(cast.harbour, minimum_notice_minutes=24 * 60, booking_horizon_days=30)
    for start in (at("09:00"), at("09:00", TODAY + timedelta(days=35))):
        old = scheduled(cast.asha, cast.dr_chandra, at("11:00", TOMORROW))
        if may:
            new = reschedule(old.id, start, cast.people[who].actor)
            assert new.starts_at == start
            steps.take(new.id, "cancel", THE_SYSTEM)
        else:
            with pytest.raises(SlotNotOffered):
                reschedule(old.id, start, cast.people[who].actor)
            steps.take(old.id, "cancel", THE_SYSTEM)


def test_a_doctor_of_another_organisation_is_not_found(cast):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    abroad = at("09:00", TOMORROW) - timedelta(hours=5, minutes=30)
    for who in (cast.asha, cast.esha, cast.gita):
        with pytest.raises(NotFound):
            reschedule(old.id, abroad, who.actor, cast.dr_hana.doctor_id)
    with pytest.raises(NotFound):
        reschedule(old.id, at("11:30"), cast.esha.actor, cast.harbour)  # nobody's id
    assert unmoved(old) == ("scheduled", 2, at("11:00"), [], 1)


def test_a_patient_moves_until_the_notice_limit_and_the_desk_after_it(cast):
    set_rules(cast.harbour, cancel_notice_minutes=120)
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    with clock.travelled(at("09:01")):
        with pytest.raises(NoticeTooShort) as refused:
            reschedule(old.id, at("11:30"), cast.asha.actor)
        assert "cancel or move" in refused.value.words
        assert reschedule(old.id, at("11:00"), cast.asha.actor).id == old.id
        assert reschedule(old.id, at("11:30"), cast.esha.actor).starts_at == at("11:30")


@pytest.mark.parametrize(
    ("taken", "status"),
    [
        (("check_in",), "checked_in"),
        (("check_in", "start"), "in_progress"),
        (("check_in", "start", "complete"), "completed"),
        (("cancel",), "cancelled"),
        (("no_show",), "no_show"),
    ],
)
def test_what_began_or_ended_does_not_move(cast, taken, status):
    old = scheduled(cast.asha, cast.dr_chandra, "09:00")
    with clock.travelled(at("09:05")):
        take(old, *taken, by=cast.dr_chandra)
        with pytest.raises(StepNotPossible) as refused:
            reschedule(old.id, at("11:30"), cast.esha.actor)
    assert refused.value.current == status
    assert len(moves()) == 0


def test_a_visit_that_moved_away_says_so(cast):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    reschedule(old.id, at("11:30"), cast.asha.actor)
    with pytest.raises(StepNotPossible, match="moved to another time"):
        reschedule(old.id, at("10:00"), cast.asha.actor)
    with pytest.raises(StepNotPossible, match="moved to another time"):
        take(old, "confirm", by=cast.asha)
    assert words.status(visits.visit(old.id, cast.asha.actor)) == "Moved"


@pytest.mark.parametrize(
    ("who", "approval", "status"),
    [
        ("asha", False, "confirmed"),
        ("asha", True, "pending"),
        ("esha", True, "scheduled"),
        ("dr_chandra", True, "scheduled"),
    ],
)
def test_a_time_only_the_patient_chose_is_a_request_where_people_approve(
    cast, who, approval, status
):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    set_rules(cast.harbour, approval_required=approval)
    assert reschedule(old.id, at("11:30"), cast.people[who].actor).status == status


def half_hours(many, day):
    return [at(f"{9 + number // 2:02}:{number % 2 * 30:02}", day) for number in range(many)]


def test_who_booked_all_they_may_can_still_move_one(cast):
    starts = half_hours(5, TODAY) + half_hours(5, TOMORROW)
    held = [scheduled(cast.asha, cast.dr_chandra, start) for start in starts]
    with pytest.raises(TooMany):
        book(cast.asha, cast.dr_chandra, "11:30")
    assert reschedule(held[0].id, at("11:30"), cast.asha.actor).starts_at == at("11:30")


def test_moves_do_not_use_up_the_bookings_of_an_hour(cast):
    first, *others = half_hours(6, TOMORROW)
    visit = book(cast.asha, cast.dr_chandra, first)
    for start in others:
        visit = reschedule(visit.id, start, cast.asha.actor)
    for _ in range(9):
        take(book(cast.asha, cast.dr_chandra, "11:00"), "cancel", by=cast.asha)
    with pytest.raises(TooMany):
        book(cast.asha, cast.dr_chandra, "11:00")


def test_old_links_lead_to_the_newest_visit_until_that_one_is_over(cast):
    first = scheduled(cast.asha, cast.dr_chandra, "10:00")
    second = reschedule(first.id, at("11:00"), cast.asha.actor)
    third = reschedule(second.id, at("10:00", TOMORROW), cast.esha.actor)
    for visit in (first, second, third):
        visit_id, actor = links.holder(links.token_of(visit.id))
        assert (visit_id, actor.patient_id) == (third.id, cast.asha.patient_id)
    with clock.travelled(at("10:29", TOMORROW)):
        assert links.holder(links.token_of(first.id))[0] == third.id
    with clock.travelled(at("10:30", TOMORROW)), pytest.raises(NotFound):
        links.holder(links.token_of(first.id))


def test_what_moved_away_is_neither_in_the_past_nor_on_the_board(cast):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    new = reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor, cast.dr_dev.doctor_id)
    assert visits.past(cast.asha.actor) == []
    assert [one.id for one in visits.upcoming(cast.asha.actor)] == [new.id]
    assert board.board(day_of(cast.dr_chandra.actor)).rows == ()
    assert board.board(day_of(cast.dr_chandra.actor)).stats[0].note == "0 cancelled"
    assert [row.id for row in board.board(day_of(cast.dr_dev.actor, TOMORROW)).rows] == [new.id]
