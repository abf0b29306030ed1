"""P1 and P3: whoever comes at the same instant, a seat is sold once and a form books once."""

import threading
import time as real_time
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.booking.move import reschedule
from clinic.appointments.errors import PatientBusy, SlotNotOffered, SlotTaken, StepNotPossible
from clinic.appointments.life.locking import lock_for_booking
from clinic.appointments.models import Appointment
from clinic.appointments.steps import take as steps
from clinic.appointments.vocabulary import ACTIVE
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.schedules import service as schedules
from clinic.schedules.models import Schedule
from clinic.schedules.queries import windows_of
from tests.conftest import Stage, client_of
from tests.crowd import SIZE, at_once, broken_invariants, faults
from tests.factories import (
    book,
    day_window,
    fresh,
    known_to,
    many_patients,
    next_week,
    scheduled,
    take,
    withdraw_all,
)

pytestmark = pytest.mark.trust


def kinds(answers):
    return Counter(type(one).__name__ for one in answers)


def active_visits():
    db.session.rollback()
    return db.session.scalars(
        sa.select(Appointment).where(Appointment.status.in_(sorted(ACTIVE)))
    ).all()


def test_fifty_people_want_one_slot_and_one_gets_it(both: Stage):
    start = next_week("09:00")
    with both.app.app_context():
        crowd = many_patients(50)
    for _ in range(SIZE):
        answers = at_once(
            both.app,
            [lambda who=who, at=start: book(who, both.cast.dr_chandra, at) for who in crowd],
        )
        assert kinds(answers) == {"Appointment": 1, "SlotTaken": 49}
        start += timedelta(days=1)
    with both.app.app_context():
        assert broken_invariants() == []


def test_a_slot_with_three_places_takes_exactly_three_of_twenty(both: Stage):
    with both.app.app_context():
        crowd = many_patients(20)
    for turn in range(SIZE):
        start = next_week("09:30") + timedelta(days=turn)
        answers = at_once(
            both.app,
            [lambda who=who, at=start: book(who, both.cast.dr_dev, at) for who in crowd],
        )
        assert kinds(answers) == {"Appointment": 3, "SlotTaken": 17}
        assert sorted(one.seat for one in answers if isinstance(one, Appointment)) == [1, 2, 3]
    with both.app.app_context():
        assert broken_invariants() == []


def test_a_patient_who_books_two_doctors_at_once_sees_one(both: Stage):
    """The visits overlap without beginning together, so no unique index would notice."""
    cast, start = both.cast, next_week("09:00")
    with both.app.app_context():
        withdraw_all(cast.dr_dev)
        day_window(cast.dr_dev, cast.quay_street, start.date(), "09:15-11:15", slot_minutes=60)
    for _ in range(3 * SIZE):
        answers = at_once(
            both.app,
            [lambda: book(cast.asha, cast.dr_chandra, start)] * 5
            + [lambda: book(cast.asha, cast.dr_dev, start + timedelta(minutes=15))] * 5,
        )
        assert faults(answers, PatientBusy, SlotTaken) == []
        with both.app.app_context():
            (visit,) = active_visits()
            assert broken_invariants() == []
            forget_bookings(visit)


@transactional
def forget_bookings(visit: Appointment) -> None:
    """Cancel, and let hours pass, so that no limit on bookings comes into play."""
    visit = db.session.get(Appointment, visit.id, populate_existing=True)
    if visit.status in ACTIVE:
        steps.take(visit.id, "cancel", THE_SYSTEM)
    visit.created_at -= timedelta(hours=2)


def post_booking(stage: Stage, key: str, reason: str = "Blood pressure", wall: str = "10:00"):
    client = client_of(stage.app, stage.cast.asha)
    form = {
        "doctor": str(stage.cast.dr_chandra.doctor_id),
        "start": next_week(wall).isoformat(),
        "reason": reason,
        "channel": "sms",
    }
    return client.post("/appointments/", data=form, headers={"Idempotency-Key": key})


@pytest.fixture
def without_csrf(both: Stage):
    both.app.config["WTF_CSRF_ENABLED"] = False
    yield
    both.app.config["WTF_CSRF_ENABLED"] = True


def test_the_same_form_sent_twenty_times_at_once_books_once(both: Stage, without_csrf):
    for turn in range(SIZE):
        wall, key = f"{9 + turn // 2:02}:{turn % 2 * 30:02}", f"key-{turn}"
        answers = at_once(both.app, [lambda k=key, w=wall: post_booking(both, k, wall=w)] * 20)
        assert {one.status_code for one in answers} == {303}
        with both.app.app_context():
            (visit,) = [one for one in active_visits() if one.starts_at == next_week(wall)]
            assert {one.location for one in answers} == {f"/appointments/{visit.id}/done"}
            assert len(active_visits()) == turn + 1
            assert broken_invariants() == []


def test_a_key_that_comes_back_with_another_reason_leads_to_the_visit(both: Stage, without_csrf):
    first = post_booking(both, "one-key")
    again = post_booking(both, "one-key", reason="Something else")
    assert (again.status_code, again.location) == (303, first.location)
    with both.app.app_context():
        (visit,) = active_visits()
        assert visit.reason == "Blood pressure"


def test_a_key_of_a_booking_that_failed_can_be_used_again(both: Stage, without_csrf):
    with both.app.app_context():
        (bela,) = many_patients(1)
        theirs = book(bela, both.cast.dr_chandra, next_week("10:00"))
    assert post_booking(both, "again").status_code == 409
    with both.app.app_context():
        take(theirs, "cancel", by=bela)
    assert post_booking(both, "again").status_code == 303


def test_a_seat_freed_in_the_rush_is_sold_again_but_never_twice(both: Stage):
    cast = both.cast
    with both.app.app_context():
        crowd = many_patients(10)
    for turn in range(5 * SIZE):
        start = next_week("09:00") + timedelta(days=turn % 5, minutes=30 * (turn // 5))
        with both.app.app_context():
            holder = scheduled(cast.asha, cast.dr_chandra, start)
        answers = at_once(
            both.app,
            [lambda who=who, at=start: book(who, cast.dr_chandra, at) for who in crowd]
            + [lambda visit=holder: take(visit, "cancel", by=cast.asha)],
        )
        assert faults(answers, SlotTaken) == []
        booked = [one for one in answers[:-1] if isinstance(one, Appointment)]
        with both.app.app_context():
            if not booked:
                booked = [book(cast.bela, cast.dr_chandra, start)]
            (standing,) = active_visits()
            assert standing.id == booked[0].id
            assert broken_invariants() == []
            forget_bookings(standing)
            forget_bookings(holder)


def test_a_missed_visit_comes_back_or_its_time_is_sold_never_both(both: Stage):
    """A missed hour from 9:00 becomes half hours; the one at 9:30 is sold while the desk undoes."""
    cast = both.cast
    outcomes = Counter()
    with both.app.app_context():
        (other,) = many_patients(1)
        known_to(cast.harbour, other)
    for turn in range(6 * SIZE):
        start = next_week("09:00") + timedelta(days=7 * (turn // 3))
        with both.app.app_context():
            missed = miss_an_hour(both, start)

        def undo(visit=missed, at=start):
            with clock.travelled(at + timedelta(minutes=5)):
                return take(visit, "undo_no_show", by=cast.esha)

        def sell(at=start, who=other):
            with clock.travelled(at + timedelta(minutes=5)):
                return book(who, cast.dr_chandra, at + timedelta(minutes=30), by=cast.esha)

        answers = at_once(both.app, [undo, sell])
        assert faults(answers, SlotTaken) == []
        outcomes.update(kinds(answers))
        with both.app.app_context():
            assert len(active_visits()) == 1
            assert broken_invariants() == []
            take(active_visits()[0], "cancel", by=cast.esha)
    assert outcomes == {"Appointment": 6 * SIZE, "SlotTaken": 6 * SIZE}


def miss_an_hour(stage: Stage, start) -> Appointment:
    """A visit of an hour nobody came to, in a day whose grid is half hours by now."""
    cast, day = stage.cast, start.date()
    withdraw_all(cast.dr_chandra)
    hours = day_window(cast.dr_chandra, cast.quay_street, day, "09:00-12:00", slot_minutes=60)
    with clock.travelled(start - timedelta(hours=20)):
        visit = scheduled(cast.asha, cast.dr_chandra, start)
    with clock.travelled(start + timedelta(minutes=1)):
        take(visit, "no_show", by=cast.esha)
    schedules.withdraw_window(hours.id, THE_SYSTEM, "keep")
    day_window(cast.dr_chandra, cast.quay_street, day, "09:00-12:00")
    return visit


def test_locks_asked_for_crosswise_never_deadlock(both: Stage):
    cast = both.cast
    with both.app.app_context():
        visits = [
            book(cast.asha, cast.dr_chandra, next_week("09:00")).id,
            book(cast.bela, cast.dr_dev, next_week("11:00")).id,
        ]
    doctors = [cast.dr_chandra.doctor_id, cast.dr_dev.doctor_id]
    patients = [cast.asha.patient_id, cast.bela.patient_id]

    @transactional
    def hold(turn: int):
        way = 1 if turn % 2 else -1
        lock_for_booking(doctors[::way], patients[::way], visits[::way])

    def many_times():
        for turn in range(200 * SIZE):
            hold(turn + threading.get_ident() % 2)

    began = real_time.monotonic()
    assert faults(at_once(both.app, [many_times] * 4)) == []
    assert real_time.monotonic() - began < 30 * SIZE


def test_two_visits_that_change_doctors_crosswise_never_deadlock(both: Stage):
    """Each move holds both doctors; both slots have room, so every move succeeds."""
    cast, start = both.cast, next_week("09:00")
    day = start.date() + timedelta(days=5)  # a Saturday, when nobody else is at work
    start = start + timedelta(days=5)
    with both.app.app_context():
        for doctor in (cast.dr_chandra, cast.dr_dev):
            day_window(doctor, cast.quay_street, day, "09:00-10:00", capacity=2)
        at_chandra = scheduled(cast.asha, cast.dr_chandra, start).id
        at_dev = scheduled(cast.bela, cast.dr_dev, start).id
    here, there = cast.dr_chandra, cast.dr_dev
    for _ in range(50 * SIZE):
        answers = at_once(
            both.app,
            [
                lambda key=at_chandra, to=there: move(key, start, cast.esha, to),
                lambda key=at_dev, to=here: move(key, start, cast.esha, to),
            ],
        )
        assert faults(answers) == []
        at_chandra, at_dev = (one.id for one in answers)
        here, there = there, here
    with both.app.app_context():
        assert {one.id for one in active_visits()} == {at_chandra, at_dev}
        assert broken_invariants() == []


def move(key, start, by, doctor=None):
    return reschedule(key, start, by.actor, doctor and doctor.doctor_id)


def test_twenty_who_move_into_one_slot_one_gets_it_and_the_others_keep_theirs(both: Stage):
    cast = both.cast
    for turn in range(SIZE):
        goal = next_week("10:00") + timedelta(days=turn)
        with both.app.app_context():
            crowd = many_patients(20, first=20 * turn)
            places = [goal + timedelta(days=7 * (n // 6), minutes=30 * (n % 6) - 60)
                      for n in range(7, 27)]  # fmt: skip
            held = [scheduled(who, cast.dr_chandra, at)
                    for who, at in zip(crowd, places, strict=True)]  # fmt: skip
        answers = at_once(
            both.app,
            [lambda k=visit.id, w=who, at=goal: move(k, at, w)
             for visit, who in zip(held, crowd, strict=True)],
        )  # fmt: skip
        assert kinds(answers) == {"Appointment": 1, "SlotTaken": 19}
        (winner,) = (one for one in answers if isinstance(one, Appointment))
        with both.app.app_context():
            standing = {one.id: one.starts_at for one in active_visits()}
            kept = [visit for visit in held if visit.id != winner.rescheduled_from_id]
            assert standing == {one.id: one.starts_at for one in (*kept, winner)}
            assert {fresh(one).version for one in kept} == {2}
            assert broken_invariants() == []
            for visit in (*kept, winner):
                take(visit, "cancel", by=cast.esha)


def test_one_visit_moved_twenty_times_at_once_stands_once(both: Stage):
    """Whoever comes first moves it; to the others it has moved away already."""
    cast = both.cast
    with both.app.app_context():
        visit = scheduled(cast.asha, cast.dr_dev, next_week("09:00"))
    starts = [next_week("09:30") + timedelta(days=n % 5) for n in range(20)]
    answers = at_once(both.app, [lambda at=start: move(visit.id, at, cast.asha)
                                 for start in starts])  # fmt: skip
    assert kinds(answers) == {"Appointment": 1, "StepNotPossible": 19}
    with both.app.app_context():
        assert len(active_visits()) == 1
        assert broken_invariants() == []


def test_a_visit_is_moved_or_cancelled_at_the_same_instant_never_both(both: Stage):
    cast, outcomes = both.cast, Counter()
    for turn in range(10 * SIZE):
        days, slot = turn % 5 + 14 * (turn // 30), turn // 5 % 6
        start = next_week("09:00") + timedelta(days=days, minutes=30 * slot)
        with both.app.app_context():
            visit = scheduled(cast.asha, cast.dr_dev, start)
        answers = at_once(
            both.app,
            [
                lambda key=visit.id, at=start: move(key, at + timedelta(days=7), cast.asha),
                lambda one=visit: take(one, "cancel", by=cast.esha),
            ],
        )
        assert faults(answers, StepNotPossible) == []
        outcomes.update(kinds(answers))
        with both.app.app_context():
            assert broken_invariants() == []
            for one in active_visits():
                forget_bookings(one)
            forget_bookings(visit)
    assert outcomes == {"Appointment": 10 * SIZE, "StepNotPossible": 10 * SIZE}


def test_a_window_is_withdrawn_after_the_booking_in_flight_not_under_it(both: Stage):
    cast, in_flight = both.cast, threading.Event()

    @transactional
    def book_slowly():
        visit = book(cast.asha, cast.dr_chandra, next_week("09:00"))
        in_flight.set()
        real_time.sleep(0.3)
        visit.updated_at = clock.now()
        return visit

    def withdraw():
        assert in_flight.wait(10)
        withdraw_all(cast.dr_chandra)

    answers = at_once(both.app, [book_slowly, withdraw])
    assert faults(answers) == []
    with both.app.app_context():
        visit = db.session.get(Appointment, answers[0].id)
        window = db.session.get(Schedule, visit.schedule_id)
        assert window.withdrawn_at >= visit.updated_at


def test_nothing_is_booked_in_a_window_once_it_is_withdrawn(both: Stage):
    cast = both.cast
    with both.app.app_context():
        crowd = many_patients(12)

    def withdraw():
        withdraw_all(cast.dr_chandra)

    answers = at_once(
        both.app,
        [
            lambda who=who, n=number: book(
                who, cast.dr_chandra, next_week("09:00") + timedelta(minutes=30 * (n % 6))
            )
            for number, who in enumerate(crowd)
        ]
        + [withdraw],
    )
    assert faults(answers, SlotTaken, SlotNotOffered, StepNotPossible) == []
    with both.app.app_context():
        assert windows_of([cast.dr_chandra.doctor_id]) == {}
        late = sa.select(sa.func.count()).where(
            Appointment.schedule_id == Schedule.id,
            Appointment.created_at > Schedule.withdrawn_at,
        )
        assert db.session.scalar(late) == 0
        assert broken_invariants() == []
