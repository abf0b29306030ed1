"""Places are renamed and closed: who has hours or visits there is asked about first."""

from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.appointments.reading import visit as visits
from clinic.core.data.db import db
from clinic.core.data.paging import Paging
from clinic.core.errors import Invalid, NotFound
from clinic.doctors import queries as doctors
from clinic.doctors.search.choices import there_are
from clinic.events.models import EventRow
from clinic.organisations import queries, service
from clinic.organisations.errors import NameTaken, NotThatWay, PlaceInUse
from clinic.organisations.places import queries as reading
from clinic.organisations.places import service as places
from clinic.schedules import service as schedules
from clinic.schedules.queries import windows_of
from tests.cast import TODAY
from tests.factories import book, day_window, scheduled

pytestmark = pytest.mark.usefixtures("in_app")


def close(cast, visits=None, place=None):
    places.close(cast.harbour, place or cast.quay_street, cast.amir.actor, visits)


def stored(visit):
    db.session.expire_all()
    return db.session.get_one(Appointment, visit.id)


def told(name):
    return db.session.scalars(sa.select(EventRow.payload).where(EventRow.name == name)).all()


def test_a_place_gets_another_name_and_address(cast):
    visit = book(cast.asha, cast.dr_chandra)
    changes = {"name": "Pier\nHouse", "address": "2 Pier"}
    places.change(cast.harbour, cast.quay_street, changes, cast.amir.actor)
    shown = visits.visit(visit.id, cast.asha.actor)
    assert (shown.place, shown.address) == ("Pier House", "2 Pier")
    assert [one.name for one in doctors.find(cast.dr_chandra.doctor_id).places] == ["Pier House"]
    before = len(told("organisation.updated"))
    places.change(cast.harbour, cast.quay_street, {"address": "2 Pier"}, cast.amir.actor)
    assert len(told("organisation.updated")) == before  # nothing changed


def test_names_of_open_places_are_unique(cast):
    pier = service.add_location(cast.harbour, "Pier", "2 Pier", cast.amir.actor)
    with pytest.raises(NameTaken):
        places.change(cast.harbour, pier.id, {"name": "Quay Street"}, cast.amir.actor)
    for name in ("", "x" * 121):
        with pytest.raises(Invalid):
            places.change(cast.harbour, pier.id, {"name": name}, cast.amir.actor)
    close(cast, place=pier.id)  # empty: nobody is asked
    again = service.add_location(cast.harbour, "Pier", "3 Pier", cast.amir.actor)
    assert [(one.id, one.address) for one in queries.places_of(cast.harbour)] == [
        (again.id, "3 Pier"), (cast.quay_street, "14 Quay Street"),
    ]  # fmt: skip


def test_hours_alone_end_with_the_place(cast):
    """Nobody is asked what becomes of no visits."""
    assert reading.hours_to_come(cast.quay_street) > 0
    with pytest.raises(NotThatWay):
        close(cast, "sell")
    close(cast)
    assert reading.hours_to_come(cast.quay_street) == 0
    assert not any(windows_of([cast.dr_chandra.doctor_id]).values())
    assert len(told("schedule.withdrawn")) > 0


def test_hours_of_the_past_are_not_counted(cast):
    pier = service.add_location(cast.harbour, "Pier", "2 Pier", cast.amir.actor)
    for days, counted in ((-1, 0), (0, 1), (1, 2)):
        day_window(cast.dr_chandra, pier.id, TODAY + timedelta(days=days), "13:00-14:00")
        assert reading.hours_to_come(pier.id) == counted


def test_what_is_planned_there_is_counted_first(cast):
    visit = book(cast.asha, cast.dr_chandra)
    with pytest.raises(PlaceInUse) as refused:
        close(cast)
    said = refused.value.members
    assert said["windows"] > 0
    assert (said["count"], said["first"]["id"]) == (1, str(visit.id))
    assert said["choices"] == ["keep", "cancel", "move"]
    with pytest.raises(NotThatWay):
        close(cast, "sell")
    db.session.rollback()
    assert reading.place(cast.harbour, cast.quay_street, cast.amir.actor).name == "Quay Street"
    assert windows_of([cast.dr_chandra.doctor_id])


def test_kept_visits_still_say_where_they_are(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    close(cast, "keep")
    assert stored(visit).status == "scheduled"
    assert visits.visit(visit.id, cast.asha.actor).place == "Quay Street"
    assert reading.visits_to_come(cast.quay_street) == 1
    assert not any(windows_of([cast.dr_chandra.doctor_id]).values())
    (closed,) = told("location.closed")
    assert (closed["location_id"], closed["visits"]) == (str(cast.quay_street), "keep")


def test_cancelled_visits_say_why(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    close(cast, "cancel")
    assert (stored(visit).status, stored(visit).cancel_reason) == ("cancelled", "place_closed")


def test_visits_move_to_colleagues_elsewhere_never_to_the_place_that_closes(cast):
    """Also to one who had visits there themselves, at another time."""
    pier = service.add_location(cast.harbour, "Pier", "2 Pier", cast.amir.actor)
    day_window(cast.dr_chandra, cast.quay_street, TODAY, "13:00-14:00")
    day_window(cast.dr_dev, pier.id, TODAY, "13:00-14:00")
    visit = scheduled(cast.asha, cast.dr_chandra, "13:00")
    theirs = scheduled(cast.bela, cast.dr_dev, "11:30")
    close(cast, "move")
    new = db.session.scalars(
        sa.select(Appointment).where(Appointment.rescheduled_from_id == visit.id)
    ).one()
    assert (new.doctor_id, new.location_id) == (cast.dr_dev.doctor_id, pier.id)
    assert new.starts_at == visit.starts_at
    assert stored(theirs).status == "scheduled"  # nobody is free then: it stays


def test_a_closed_place_is_offered_nowhere(cast):
    service.add_location(cast.harbour, "Pier", "2 Pier", cast.amir.actor)
    assert doctors.find(cast.dr_chandra.doctor_id).says_place
    close(cast, "keep")
    found = doctors.find(cast.dr_chandra.doctor_id)
    assert (found.places, found.says_place) == ((), False)
    assert str(cast.quay_street) not in [key for key, _ in there_are().locations]
    for listed in (queries.places(), queries.places_of(cast.harbour)):
        assert cast.quay_street not in [one.id for one in listed]
    page = reading.places(cast.harbour, cast.amir.actor, Paging())
    assert [one.name for one in page.items] == ["Pier"]
    new = schedules.NewWindow(cast.quay_street, time(9), time(10), weekday=2)
    with pytest.raises(NotFound):
        schedules.publish_window(cast.dr_chandra.doctor_id, new, cast.amir.actor)
    named = schedules.NewWindow(None, time(9), time(10), weekday=2, location="quay street")
    row = schedules.publish_window(cast.dr_chandra.doctor_id, named, cast.amir.actor)
    assert row.location_id != cast.quay_street  # another place of that name, open


def test_what_is_closed_or_elsewhere_is_not_found(cast):
    close(cast, "keep")
    for act in (
        lambda: close(cast, "keep"),
        lambda: places.change(cast.harbour, cast.quay_street, {"name": "x"}, cast.amir.actor),
        lambda: reading.place(cast.harbour, cast.quay_street, cast.amir.actor),
        lambda: reading.places(cast.elsewhere, cast.amir.actor, Paging()),
        lambda: places.close(cast.elsewhere, cast.quay_street, cast.gita.actor, "keep"),
    ):
        with pytest.raises(NotFound):
            act()
