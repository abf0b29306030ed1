"""Windows that change under booked visits, places by name, and time off taken back."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.offer import diary as offer_diary
from clinic.appointments.offer import practice as booking_queries
from clinic.core.data.db import db
from clinic.core.data.paging import Paging
from clinic.core.errors import NotFound
from clinic.events.models import EventRow
from clinic.organisations import service as organisations
from clinic.organisations.models import Location
from clinic.schedules import lists, service
from clinic.schedules.errors import BadWindow, WindowsOverlap
from clinic.schedules.models import Schedule, TimeOff
from clinic.schedules.service import NewWindow
from tests.cast import TODAY, at
from tests.factories import book, day_window, fresh, many_patients, take, withdraw_all

pytestmark = pytest.mark.usefixtures("in_app")

SATURDAY = TODAY + timedelta(days=5)


def monday_of(doctor):
    return db.session.scalars(
        sa.select(Schedule).where(Schedule.doctor_id == doctor.doctor_id, Schedule.weekday == 0)
    ).one()


def change(cast, by="dr_chandra", **changes):
    window = monday_of(cast.dr_chandra)
    return service.update_window(window.id, changes, getattr(cast, by).actor, "keep")


def free(person, day):
    doctor = person.doctor_id
    diary = offer_diary.diaries(booking_queries.practices([doctor]), day, day)[doctor]
    return [f"{slot.start:%H:%M}" for slot in diary.free(day, day)]


def recorded(name):
    return db.session.scalars(sa.select(EventRow.payload).where(EventRow.name == name)).all()


def place(schedule_id):
    return db.session.execute(
        sa.select(Location.name, Location.address)
        .join(Schedule, Schedule.location_id == Location.id)
        .where(Schedule.id == schedule_id)
    ).one()


def test_a_changed_window_is_offered_as_changed(cast):
    changed = change(cast, start=time(10), end=time(11, 30), slot_minutes=45)
    assert free(cast.dr_chandra, TODAY) == ["10:00", "10:45"]
    assert (changed.row.capacity, changed.affected) == (1, [])
    doctor_id = str(cast.dr_chandra.doctor_id)
    assert recorded("schedule.updated") == [
        {"schedule_id": str(changed.row.id), "doctor_id": doctor_id, "visits": "keep"}
    ]


def test_visits_that_fall_outside_are_told_and_stay(cast):
    crowd = many_patients(4)
    walls = ("09:00", "09:30", "11:00", "11:30")
    early, inside, gone, late = (
        book(who, cast.dr_chandra, wall) for who, wall in zip(crowd, walls, strict=True)
    )
    take(gone, "cancel", by=crowd[2])
    next_week = book(cast.asha, cast.dr_chandra, at("09:00", TODAY + timedelta(days=7)))
    book(cast.bela, cast.dr_chandra, at("09:00", TODAY + timedelta(days=1)))
    changed = change(cast, start=time(9, 30), end=time(11, 45))
    told = {visit.id: visit.start for visit in changed.affected}
    assert told == {one.id: one.starts_at for one in (early, late, next_week)}
    assert fresh(early).status == "pending"
    assert inside.id not in told


def test_a_new_grid_keeps_booked_time_busy(cast):
    book(cast.asha, cast.dr_chandra, "09:30")
    assert change(cast, slot_minutes=20).affected == []
    assert free(cast.dr_chandra, TODAY)[:3] == ["09:00", "10:00", "10:20"]


@pytest.mark.parametrize(
    "changes",
    [
        {"weekday": 6},
        {"on": SATURDAY},
        {"valid_until": TODAY - timedelta(days=1)},
        {"valid_from": TODAY + timedelta(days=1)},
    ],
)
def test_a_window_that_moves_away_from_a_day_tells_its_visits(cast, changes):
    visit = book(cast.asha, cast.dr_chandra, "09:00")
    assert [one.id for one in change(cast, **changes).affected] == [visit.id]


def test_a_date_replaces_the_weekday_and_back(cast):
    row = change(cast, valid_until=date(2027, 3, 1)).row
    row = change(cast, on=SATURDAY).row
    assert (row.weekday, row.on_date, row.valid_until) == (None, SATURDAY, None)
    row = service.update_window(row.id, {"weekday": 6}, cast.dr_chandra.actor).row
    assert (row.weekday, row.on_date) == (6, None)


def test_a_window_does_not_stand_in_its_own_way(cast):
    assert change(cast, start=time(8)).row.start_time == time(8)


@pytest.mark.parametrize(
    "changes", [{"weekday": 1}, {"weekday": 2, "start": time(11)}, {"on": date(2026, 11, 18)}]
)
def test_a_change_never_makes_windows_overlap(cast, changes):
    with pytest.raises(WindowsOverlap):
        change(cast, **changes)
    assert free(cast.dr_chandra, TODAY)[0] == "09:00"
    assert recorded("schedule.updated") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"start": time(12)},
        {"end": time(8)},
        {"slot_minutes": 4},
        {"slot_minutes": 240},
        {"capacity": 0},
        {"capacity": 101},
        {"max_patients": 0},
        {"max_patients": 10_001},
        {"weekday": 7},
        {"weekday": None},
        {"weekday": 1, "on": SATURDAY},
        {"on": SATURDAY, "valid_from": TODAY},
        {"valid_from": date(2027, 2, 2), "valid_until": date(2027, 2, 1)},
    ],
)
def test_an_impossible_change_is_refused(cast, changes):
    with pytest.raises(BadWindow) as refused:
        change(cast, **changes)
    assert refused.value.status == 400
    assert free(cast.dr_chandra, TODAY)[0] == "09:00"


def test_a_limit_on_patients_can_be_set_and_lifted(cast):
    book(cast.asha, cast.dr_chandra, "09:00")
    change(cast, max_patients=1)
    assert free(cast.dr_chandra, TODAY) == []
    change(cast, max_patients=None)
    assert len(free(cast.dr_chandra, TODAY)) == 5


@pytest.mark.parametrize("person", ["dr_dev", "dr_hana", "farid", "asha"])
def test_windows_and_time_off_of_others_are_not_found(cast, person):
    stranger = getattr(cast, person).actor
    doctor = cast.dr_chandra.doctor_id
    window = monday_of(cast.dr_chandra).id
    away = service.take_time_off(doctor, at("09:00"), at("10:00"), "", THE_SYSTEM).id
    new = NewWindow(cast.quay_street, time(14), time(15), weekday=1)
    for attempt in (
        lambda: service.update_window(window, {"capacity": 9}, stranger),
        lambda: service.withdraw_window(window, stranger),
        lambda: service.publish_window(doctor, new, stranger),
        lambda: service.take_time_off(doctor, at("09:00"), at("10:00"), "", stranger),
        lambda: service.withdraw_time_off(away, stranger),
        lambda: lists.window(window, stranger),
    ):
        with pytest.raises(NotFound):
            attempt()
    db.session.rollback()
    assert monday_of(cast.dr_chandra).withdrawn_at is None


@pytest.mark.parametrize("person", ["dr_chandra", "esha", "amir", "gita"])
def test_the_doctor_and_their_desk_plan_the_hours(cast, person):
    assert change(cast, by=person, capacity=2).row.capacity == 2
    window = monday_of(cast.dr_chandra).id
    assert lists.window(window, getattr(cast, person).actor).location == "Quay Street"


def test_a_withdrawn_window_can_be_read_and_not_changed(cast):
    window = monday_of(cast.dr_chandra).id
    service.withdraw_window(window, cast.dr_chandra.actor)
    for key in (window, uuid4()):
        with pytest.raises(NotFound):
            service.update_window(key, {"capacity": 2}, cast.dr_chandra.actor)
    assert lists.window(window, cast.dr_chandra.actor).row.withdrawn_at is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("quay STREET", ("Quay Street", "14 Quay Street")),
        (" Quay  Street ", ("Quay Street", "14 Quay Street")),
        ("Pier House", ("Pier House", "")),
        (None, ("Quay Street", "14 Quay Street")),
        ("  ", ("Quay Street", "14 Quay Street")),
        ("Far Street", ("Far Street", "")),
    ],
)
def test_a_place_is_known_by_its_name(cast, text, found):
    assert place(change(cast, location=text).row.id) == found
    new = NewWindow(None, time(9), time(10), on=SATURDAY, location=text)
    window = service.publish_window(cast.dr_chandra.doctor_id, new, cast.dr_chandra.actor)
    assert place(window.id) == found
    names = db.session.scalars(
        sa.select(Location.name).where(Location.organisation_id == cast.harbour)
    ).all()
    assert sorted(names) == sorted({"Quay Street", found[0]})


@pytest.mark.parametrize("person", ["dr_chandra", "esha", "amir", "gita"])
def test_who_names_a_new_place_is_who_the_event_names(cast, person):
    actor = cast.people[person].actor
    new = NewWindow(None, time(9), time(10), on=SATURDAY, location="Pier House")
    service.publish_window(cast.dr_chandra.doctor_id, new, actor)
    told = sa.select(EventRow).where(EventRow.name == "organisation.updated")
    rows = db.session.scalars(told.where(EventRow.actor_id.is_not(None))).all()
    assert [(row.actor_id, row.actor_role, row.organisation_id) for row in rows] == [
        (actor.user_id, actor.role, cast.harbour)
    ]


@pytest.mark.parametrize("person", ["dr_hana", "farid", "asha"])
def test_a_place_is_named_by_who_plans_hours_there(cast, person):
    with pytest.raises(NotFound):
        organisations.name_location(cast.harbour, "Pier House", cast.people[person].actor)
    for colleague in (cast.dr_chandra, cast.esha):  # places are changed by who runs the clinic
        with pytest.raises(NotFound):
            organisations.add_location(cast.harbour, "Attic", "Above", colleague.actor)


def test_a_place_is_known_by_its_id(cast):
    assert place(change(cast, location=str(cast.quay_street)).row.id).name == "Quay Street"
    for stranger in (cast.far_street, uuid4()):
        with pytest.raises(NotFound):
            change(cast, location=str(stranger))


def test_without_a_name_it_is_where_the_doctor_mostly_works(cast):
    attic = organisations.add_location(cast.harbour, "Attic", "Above")
    doctor = cast.dr_chandra

    def where(day):
        new = NewWindow(None, time(14), time(15), on=day)
        return place(service.publish_window(doctor.doctor_id, new, doctor.actor).id).name

    assert where(SATURDAY) == "Quay Street"
    withdraw_all(doctor)
    assert where(SATURDAY) == "Attic"
    new = NewWindow(cast.quay_street, time(9), time(10), weekday=1)
    for weekday in (1, 2):
        new = NewWindow(cast.quay_street, time(9), time(10), weekday=weekday)
        service.publish_window(doctor.doctor_id, new, doctor.actor)
    assert where(SATURDAY + timedelta(days=1)) == "Quay Street"
    assert attic.name == "Attic"


def test_time_off_taken_back_gives_the_slots_back(cast):
    doctor = cast.dr_chandra
    off = service.take_time_off(doctor.doctor_id, at("09:00"), at("12:00"), "Dentist", doctor.actor)
    assert free(doctor, TODAY) == []
    service.withdraw_time_off(off.id, doctor.actor)
    assert len(free(doctor, TODAY)) == 6
    assert db.session.get(TimeOff, off.id).withdrawn_at is not None
    assert recorded("time_off.withdrawn") == [
        {"time_off_id": str(off.id), "doctor_id": str(doctor.doctor_id)}
    ]
    for key in (off.id, uuid4()):
        with pytest.raises(NotFound):
            service.withdraw_time_off(key, doctor.actor)


def test_time_off_tells_the_visits_it_meets(cast):
    crowd = many_patients(3)
    before, met, gone = (
        book(who, cast.dr_chandra, wall)
        for who, wall in zip(crowd, ("09:00", "09:30", "10:00"), strict=True)
    )
    take(gone, "cancel", by=crowd[2])
    book(cast.asha, cast.dr_dev, "09:30")
    doctor = cast.dr_chandra.doctor_id
    found = lists.affected_visits(doctor, at("09:45"), at("11:00"))
    assert [(one.id, one.start, one.end) for one in found] == [(met.id, met.starts_at, met.ends_at)]
    everything = lists.affected_visits(doctor, at("00:00"), at("23:00"))
    assert [one.id for one in everything] == [before.id, met.id]


def test_a_reason_for_time_off_is_short(cast):
    with pytest.raises(BadWindow):
        service.take_time_off(
            cast.dr_chandra.doctor_id, at("09:00"), at("10:00"), "x" * 121, THE_SYSTEM
        )


def read_through(page_of, **more):
    """Everything, two at a time."""
    found, paging = [], Paging(limit=2)
    while True:
        page = page_of(paging, **more)
        found += page.items
        if page.next_cursor is None:
            return found
        paging = Paging(limit=2, cursor=page.next_cursor)


def test_windows_are_listed_in_pages(cast):
    doctor = cast.dr_chandra
    day_window(doctor, cast.quay_street, TODAY - timedelta(days=3), "14:00-15:00")
    extra = day_window(doctor, cast.quay_street, SATURDAY, "09:00-10:00")
    gone = monday_of(doctor).id
    service.withdraw_window(gone, doctor.actor)

    def pages(paging, **more):
        return lists.windows(doctor.doctor_id, paging, **more)

    listed = [one.row.id for one in read_through(pages)]
    assert len(listed) == len(set(listed)) == 5
    assert extra.id in listed
    assert gone not in listed
    assert [one.row.id for one in read_through(pages, withdrawn=True)] == [gone]


def test_time_off_to_come_is_listed_soonest_first(cast):
    doctor = cast.dr_chandra
    taken = [
        service.take_time_off(
            doctor.doctor_id,
            at("09:00", TODAY + timedelta(days=days)),
            at("10:00", TODAY + timedelta(days=days)),
            str(days),
            doctor.actor,
        )
        for days in (7, -7, 3, 5)
    ]
    service.withdraw_time_off(taken[3].id, doctor.actor)
    listed = read_through(lambda paging: lists.time_off(doctor.doctor_id, paging))
    assert [one.reason for one in listed] == ["3", "7"]
