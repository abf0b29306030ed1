"""Windows and time off: what may be published, and what it does to slots and visits."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.errors import SlotNotOffered
from clinic.appointments.offer import diary as offer_diary
from clinic.appointments.offer import practice as booking_queries
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.events.models import EventRow
from clinic.schedules import service
from clinic.schedules.errors import BadWindow, WindowsOverlap
from clinic.schedules.models import Schedule
from clinic.schedules.service import NewWindow
from tests.cast import TODAY, at
from tests.factories import book, fresh, take, withdraw_all

pytestmark = pytest.mark.usefixtures("in_app")

SATURDAY = TODAY + timedelta(days=5)


def publish(cast, start, end, **more):
    place = more.pop("place", cast.quay_street)
    new = NewWindow(place, time.fromisoformat(start), time.fromisoformat(end), **more)
    return service.publish_window(cast.dr_chandra.doctor_id, new, cast.dr_chandra.actor)


def free(cast, day):
    doctor = cast.dr_chandra.doctor_id
    diary = offer_diary.diaries(booking_queries.practices([doctor]), day, day)[doctor]
    return [f"{slot.start:%H:%M}" for slot in diary.free(day, day)]


def test_a_window_on_one_day_is_offered_on_that_day(cast):
    publish(cast, "14:00", "15:30", on=SATURDAY, slot_minutes=45)
    assert free(cast, SATURDAY) == ["14:00", "14:45"]
    assert free(cast, SATURDAY + timedelta(days=7)) == []


def test_a_weekly_window_is_offered_while_it_is_valid(cast):
    publish(cast, "14:00", "15:00", weekday=5, valid_from=date(2026, 11, 28),
            valid_until=date(2026, 12, 5))  # fmt: skip
    days = [SATURDAY + timedelta(days=7 * number) for number in range(4)]
    assert [len(free(cast, day)) for day in days] == [0, 2, 2, 0]


def test_publishing_is_recorded(cast):
    window = publish(cast, "14:00", "15:00", on=SATURDAY)
    event = db.session.scalars(
        sa.select(EventRow).filter_by(name="schedule.published", actor_id=cast.dr_chandra.user_id)
    ).one()
    assert event.payload["schedule_id"] == str(window.id)


@pytest.mark.parametrize(
    ("start", "end", "more"),
    [
        ("11:30", "12:30", {"weekday": 0}),
        ("08:00", "09:01", {"weekday": 4}),
        ("10:00", "11:00", {"on": TODAY}),
        ("00:00", "23:59", {"on": TODAY}),
        ("10:00", "11:00", {"weekday": 2, "valid_from": date(2027, 6, 1)}),
    ],
)
def test_windows_of_a_doctor_never_overlap(cast, start, end, more):
    with pytest.raises(WindowsOverlap) as refused:
        publish(cast, start, end, **more)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("start", "end", "more"),
    [
        ("12:00", "13:00", {"weekday": 0}),
        ("08:00", "09:00", {"weekday": 0}),
        ("10:00", "11:00", {"on": SATURDAY}),
        ("10:00", "11:00", {"weekday": 6}),
    ],
)
def test_windows_may_touch(cast, start, end, more):
    assert publish(cast, start, end, **more).withdrawn_at is None


def test_a_colleague_may_work_at_the_same_time(cast):
    new = NewWindow(cast.quay_street, time(14), time(15), weekday=0)
    for person in (cast.dr_chandra, cast.dr_dev):
        assert service.publish_window(person.doctor_id, new, person.actor).doctor_id


def test_a_withdrawn_window_makes_room(cast):
    withdraw_all(cast.dr_chandra)
    assert publish(cast, "08:00", "18:00", weekday=0).start_time == time(8)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"weekday": 1, "on": SATURDAY},
        {"weekday": 1, "slot_minutes": 4},
        {"weekday": 1, "slot_minutes": 481},
        {"weekday": 1, "capacity": 0},
        {"weekday": 1, "capacity": 101},
        {"weekday": 1, "valid_from": date(2027, 1, 2), "valid_until": date(2027, 1, 1)},
    ],
)
def test_an_impossible_window_is_refused(cast, more):
    with pytest.raises(BadWindow):
        publish(cast, "14:00", "15:00", **more)


@pytest.mark.parametrize(("start", "end"), [("15:00", "14:00"), ("14:00", "14:00")])
def test_a_window_ends_after_it_starts(cast, start, end):
    with pytest.raises(BadWindow):
        publish(cast, start, end, weekday=1)


def test_a_window_is_at_a_place_of_the_doctors_organisation(cast):
    for place in (cast.far_street, uuid4()):
        with pytest.raises(NotFound):
            publish(cast, "14:00", "15:00", weekday=1, place=place)


def test_a_withdrawn_window_offers_nothing_and_keeps_its_visits(cast):
    visit = book(cast.asha, cast.dr_chandra, "09:00")
    service.withdraw_window(visit.schedule_id, cast.dr_chandra.actor, "keep")
    assert free(cast, TODAY) == []
    with pytest.raises(SlotNotOffered):
        book(cast.bela, cast.dr_chandra, "10:00")
    kept = fresh(visit)
    assert (kept.status, kept.starts_at) == ("pending", at("09:00"))
    assert db.session.get(Schedule, visit.schedule_id) is not None
    assert take(visit, "cancel", by=cast.asha).status == "cancelled"


def test_a_window_is_withdrawn_once(cast):
    window = publish(cast, "14:00", "15:00", on=SATURDAY)
    service.withdraw_window(window.id, THE_SYSTEM)
    for key in (window.id, uuid4()):
        with pytest.raises(NotFound):
            service.withdraw_window(key, THE_SYSTEM)


def test_time_off_hides_every_slot_it_touches(cast):
    service.take_time_off(
        cast.dr_chandra.doctor_id, at("09:45"), at("10:30"), "Dentist", cast.dr_chandra.actor
    )
    assert free(cast, TODAY) == ["09:00", "10:30", "11:00", "11:30"]
    with pytest.raises(SlotNotOffered):
        book(cast.asha, cast.dr_chandra, "10:00")


def test_time_off_keeps_the_visits_that_were_booked(cast):
    visit = book(cast.asha, cast.dr_chandra, "09:30")
    service.take_time_off(
        cast.dr_chandra.doctor_id, at("09:00"), at("12:00"), "", cast.dr_chandra.actor
    )
    assert fresh(visit).status == "pending"


def test_time_off_ends_after_it_starts(cast):
    for ends in (at("09:00"), at("08:00")):
        with pytest.raises(BadWindow):
            service.take_time_off(cast.dr_chandra.doctor_id, at("09:00"), ends, "", THE_SYSTEM)


def test_time_off_of_nobody_is_refused(cast):
    with pytest.raises(NotFound):
        service.take_time_off(uuid4(), at("09:00"), at("10:00"), "", THE_SYSTEM)
