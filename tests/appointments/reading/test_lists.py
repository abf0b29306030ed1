"""Visits for programs: everybody finds their own, in pages, by what they ask for."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from clinic.access.actor import Actor
from clinic.accounts.models import User
from clinic.appointments.booking.move import reschedule
from clinic.appointments.reading import lists
from clinic.appointments.reading.lists import Wanted
from clinic.core.data.db import db
from clinic.core.data.paging import Paging
from clinic.core.errors import NotFound
from tests.cast import TODAY, at
from tests.factories import book, day_window, known_to, scheduled, take

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def cast(both):
    """The cast on each database in turn, with an app context pushed."""
    with both.app.app_context():
        yield both.cast


@pytest.fixture
def diary(cast):
    """`{name: visit}`: two of Asha, one of Bela at Harbour, one of Bela far away."""
    return {
        "first": take(scheduled(cast.asha, cast.dr_chandra, "11:00"), "confirm", by=cast.asha),
        "second": book(cast.asha, cast.dr_dev, at("09:00", TOMORROW)),
        "third": book(cast.bela, cast.dr_chandra, at("10:00", TOMORROW)),
        "far": book(cast.bela, cast.dr_hana, at("05:30", TOMORROW)),
    }


def names(diary, actor, wanted=lists.EVERYTHING, **paging):
    known = {visit.id: name for name, visit in diary.items()}
    page = lists.visits_of(actor, wanted, Paging(**paging))
    return [known[one.visit.id] for one in page.items]


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("asha", ["second", "first"]),
        ("bela", ["third", "far"]),
        ("dr_chandra", ["third", "first"]),
        ("dr_dev", ["second"]),
        ("esha", ["third", "second", "first"]),
        ("amir", ["third", "second", "first"]),
        ("farid", ["far"]),
        ("gita", ["third", "second", "far", "first"]),
    ],
)
def test_everybody_finds_their_own_and_the_latest_first(cast, diary, who, found):
    assert names(diary, cast.people[who].actor) == found


def test_who_is_nobody_finds_nothing(diary):
    assert names(diary, Actor("patient")) == names(diary, Actor("visitor")) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"statuses": {"confirmed"}}, ["first"]),
        ({"statuses": {"confirmed", "pending"}}, ["third", "second", "first"]),
        ({"statuses": {"completed"}}, []),
        ({"doctor_id": "dr_chandra"}, ["third", "first"]),
        ({"patient_id": "asha"}, ["second", "first"]),
        ({"patient_id": "asha", "doctor_id": "dr_dev"}, ["second"]),
        ({"doctor_id": "dr_hana"}, []),
        ({"since": at("09:00", TOMORROW)}, ["third", "second"]),
        ({"until": at("09:00", TOMORROW)}, ["first"]),
        ({"since": at("11:00"), "until": at("09:01", TOMORROW)}, ["second", "first"]),
    ],
)
def test_filters_narrow_and_never_widen(cast, diary, wanted, found):
    asked = dict(wanted)
    for name, kind in (("doctor_id", "doctor_id"), ("patient_id", "patient_id")):
        if name in asked:
            asked[name] = getattr(cast.people[asked[name]], kind)
    if "statuses" in asked:
        asked["statuses"] = frozenset(asked["statuses"])
    assert names(diary, cast.esha.actor, Wanted(**asked)) == found


def test_pages_of_visits_that_begin_together_neither_skip_nor_repeat(cast):
    day_window(cast.dr_dev, cast.quay_street, TODAY, "14:00-15:00", capacity=3)
    known_to(cast.harbour, cast.asha, cast.bela)
    held = {
        book(patient, cast.dr_dev, when).id
        for patient in (cast.asha, cast.bela)
        for when in ("14:00", "14:30", "11:00")
    }
    seen, cursor = [], None
    while True:
        page = lists.visits_of(cast.esha.actor, paging=Paging(limit=2, cursor=cursor))
        seen += [one.visit for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 6
    assert {visit.id for visit in seen} == held
    starts = [visit.starts_at for visit in seen]
    assert starts == sorted(starts, reverse=True)


def test_one_visit_with_what_belongs_to_it(cast, diary):
    found = lists.one(cast.esha.actor, diary["first"].id).visit
    assert (found.doctor, found.patient) == ("Dr Chandra Iyer", "Asha Rao")
    assert (found.place, found.zone.key) == ("Quay Street", "Europe/London")
    assert found.status == "confirmed"


@pytest.mark.parametrize("who", ["bela", "dr_dev", "dr_hana", "farid"])
def test_somebody_elses_visit_is_absent(cast, diary, who):
    for key in (diary["first"].id, UUID(int=0)):
        with pytest.raises(NotFound):
            lists.one(cast.people[who].actor, key)


def test_the_reason_is_for_the_patient_the_doctor_and_who_typed_it(cast, diary):
    def reads(who, visit):
        return lists.one(cast.people[who].actor, visit.id).visit.reason is not None

    first = diary["first"]
    assert [reads(who, first) for who in ("asha", "dr_chandra")] == [True, True]
    assert [reads(who, first) for who in ("esha", "amir", "gita")] == [False] * 3
    typed = book(cast.asha, cast.dr_chandra, at("11:00", TOMORROW), by=cast.esha)
    assert reads("esha", typed)
    assert not reads("amir", typed)
    moved = reschedule(first.id, at("11:30", TOMORROW), cast.esha.actor)
    assert not reads("esha", moved)
    assert reads("asha", moved)


def test_what_moved_away_is_listed_where_it_went_and_still_found_by_its_id(cast, diary):
    new = reschedule(diary["first"].id, at("11:00", TOMORROW), cast.asha.actor)
    mine = lists.visits_of(cast.asha.actor).items
    assert [one.visit.id for one in mine] == [new.id, diary["second"].id]
    cancelled = Wanted(statuses=frozenset({"cancelled"}))
    assert lists.visits_of(cast.esha.actor, cancelled).items == []
    gone = lists.one(cast.asha.actor, diary["first"].id)
    assert (gone.visit.cancel_reason, gone.rescheduled_to_id) == ("rescheduled", new.id)
    assert lists.one(cast.asha.actor, new.id).visit.rescheduled_from_id == gone.visit.id


def test_days_of_a_person_are_days_in_their_own_zone(cast):
    db.session.get(User, cast.asha.user_id).timezone = "America/New_York"
    db.session.get(User, cast.farid.user_id).timezone = "Asia/Tokyo"
    db.session.flush()
    assert lists.zone_of(cast.asha.actor).key == "America/New_York"
    assert lists.zone_of(cast.farid.actor).key == "Asia/Tokyo"


def test_months_and_days_begin_where_one_works(cast):
    assert lists.zone_of(cast.farid.actor).key == "Asia/Kolkata"
    assert lists.zone_of(cast.asha.actor).key == lists.zone_of(cast.gita.actor).key == "UTC"
    since, until = lists.month_bounds(date(2026, 12, 1), lists.zone_of(cast.farid.actor))
    assert (since.isoformat(), until.isoformat()) == (
        "2026-11-30T18:30:00+00:00",
        "2026-12-31T18:30:00+00:00",
    )
