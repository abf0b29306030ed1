"""Who is free between two instants, and the slots of days as the caller could book them."""

from datetime import UTC, datetime, time, timedelta

import pytest

from clinic.access.actor import THE_SYSTEM
from clinic.access.roles import Role
from clinic.accounts.people import create
from clinic.appointments.errors import SlotNotOffered, SlotTaken
from clinic.appointments.offer import openings
from clinic.appointments.offer.openings import Between
from clinic.core import clock
from clinic.core.data.db import transactional
from clinic.core.data.paging import Paging
from clinic.core.errors import BadRange, NotFound
from clinic.doctors import service as doctors
from clinic.doctors.queries import Search
from clinic.schedules import service as schedules
from tests.cast import TODAY, at
from tests.factories import book, day_window, known_to, many_patients, set_rules, withdraw_all

pytestmark = pytest.mark.usefixtures("in_app")

ANY, EVERYBODY = Between(), Search()


def names(asked=EVERYBODY, between=ANY, limit=25):
    """The doctors' first names, over all pages."""
    found, paging = [], Paging(limit)
    while True:
        page = openings.directory(asked, between, paging)
        found += [one.profile.name.split()[1] for one in page.items]
        if page.next_cursor is None:
            return found
        paging = Paging(limit, page.next_cursor)


def offered(cast, first=None, last=None, by=None, doctor="dr_chandra"):
    actor = getattr(cast, by).actor if by else None
    return openings.offer(getattr(cast, doctor).doctor_id, first, last, actor).slots


def by_start(slots):
    return {f"{slot.start:%H:%M}": (slot.booked, slot.available) for slot in slots}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Search(), ["Hana", "Chandra", "Dev"]),
        (Search(specialisation="Cardiology"), ["Chandra"]),
        (Search(specialisation="skin"), []),
        (Search(language="English", q="pat"), ["Dev"]),
    ],
)
def test_the_directory_is_searched_in_any_spelling(asked, found):
    assert sorted(names(asked)) == sorted(found)
    assert names(asked, limit=1) == names(asked)


def test_each_doctor_comes_with_the_next_free_start(cast):
    book(cast.asha, cast.dr_chandra, "09:00")
    page = openings.directory(Search(), ANY, Paging())
    found = {one.profile.name.split()[1]: one.next_available for one in page.items}
    tomorrow = datetime(2026, 11, 17, 3, 30, tzinfo=UTC)
    assert found == {"Chandra": at("09:30"), "Dev": at("09:00"), "Hana": tomorrow}


def test_a_doctor_without_hours_is_listed_without_a_time(cast):
    withdraw_all(cast.dr_dev)
    page = openings.directory(Search(specialisation="dermatology"), ANY, Paging())
    assert [one.next_available for one in page.items] == [None]
    assert names(Search(specialisation="dermatology"), Between(earliest=at("06:00"))) == []


@pytest.mark.parametrize(
    ("earliest", "latest", "found"),
    [
        (at("09:00"), at("09:00"), ["Chandra", "Dev"]),
        (at("11:31"), at("23:00"), []),
        (None, at("08:59"), []),
        (None, at("04:00", TODAY + timedelta(days=1)), ["Chandra", "Dev", "Hana"]),
        (at("00:00", TODAY + timedelta(days=5)), at("23:00", TODAY + timedelta(days=6)), []),
        (at("09:00", TODAY - timedelta(days=9)), None, ["Chandra", "Dev", "Hana"]),
        (at("12:00"), at("09:00"), []),
        (at("09:00", TODAY + timedelta(days=300)), None, []),
        (datetime(2100, 12, 31, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC), []),
    ],
)
def test_a_time_can_be_asked_for(earliest, latest, found):
    assert sorted(names(between=Between(earliest, latest))) == found
    assert sorted(names(between=Between(earliest, latest), limit=1)) == found


def test_the_time_found_lies_between_those_asked_for(cast):
    book(cast.asha, cast.dr_chandra, at("10:00", TODAY + timedelta(days=2)))
    between = Between(
        at("09:45", TODAY + timedelta(days=2)), at("10:30", TODAY + timedelta(days=2))
    )
    (found,) = openings.directory(Search(q="iyer"), between, Paging()).items
    assert found.next_available == at("10:30", TODAY + timedelta(days=2))


@transactional
def busy_colleagues(cast, count):
    """Doctors before everybody else in the list who never have an hour."""
    for number in range(count):
        user = create.create_user(
            Role.DOCTOR, f"Aaron {number:02}", f"aaron{number}@cast.example", THE_SYSTEM,
            password_hash="none", organisation_id=cast.harbour,
        )  # fmt: skip
        profile = doctors.NewProfile(f"BUSY-{number}", ("neurology",))
        doctors.create_profile(user, profile, THE_SYSTEM)


def test_pages_go_on_past_doctors_who_are_not_free(cast):
    busy_colleagues(cast, 2 * openings.MOST_BATCHES + 3)
    today = Between(at("09:00"), at("12:00"))
    assert names(between=today, limit=2) == ["Chandra", "Dev"]
    first = openings.directory(Search(), today, Paging(2))
    assert (first.items, bool(first.next_cursor)) == ([], True)


def test_a_day_shows_its_free_and_its_booked_slots(cast):
    book(cast.asha, cast.dr_dev, "09:30")
    found = by_start(offered(cast, TODAY, doctor="dr_dev"))
    assert list(found) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
    assert (found["09:00"], found["09:30"]) == ((0, 3), (1, 2))


def test_days_are_the_doctors_own(cast):
    tomorrow = TODAY + timedelta(days=1)
    found = openings.offer(cast.dr_hana.doctor_id, tomorrow, None, None)
    assert found.timezone == "Asia/Kolkata"
    assert found.slots[0].start == datetime(2026, 11, 17, 3, 30, tzinfo=UTC)
    assert {slot.start.astimezone(clock.zone(found.timezone)).date() for slot in found.slots} == {
        tomorrow
    }


def test_without_a_day_it_is_today(cast):
    assert offered(cast) == offered(cast, TODAY)


def test_many_days_are_one_answer(cast):
    assert len(offered(cast, TODAY, TODAY + timedelta(days=30))) == 23 * 6
    for days in (31, -1):
        with pytest.raises(BadRange):
            offered(cast, TODAY, TODAY + timedelta(days=days))


def test_of_the_past_only_what_was_booked_is_shown(cast):
    book(cast.asha, cast.dr_chandra, "09:00")
    with clock.travelled(at("10:10")):
        found = by_start(offered(cast, TODAY))
        assert found == {"09:00": (1, 0), "10:30": (0, 0), "11:00": (0, 0), "11:30": (0, 1)}
        assert offered(cast, TODAY - timedelta(days=1)) == []


def test_what_is_available_is_what_can_be_booked(cast):
    """Every slot of two days, tried by somebody else each: booked exactly where it says so."""
    set_rules(cast.harbour, minimum_notice_minutes=240, booking_horizon_days=1)
    book(cast.asha, cast.dr_chandra, "11:00")
    tomorrow = TODAY + timedelta(days=1)
    slots = offered(cast, TODAY, tomorrow)
    assert len(slots) == 12
    assert {slot.available for slot in slots} == {0, 1}
    for slot, who in zip(slots, many_patients(12), strict=True):
        if slot.available:
            assert book(who, cast.dr_chandra, slot.start).seat
        else:
            with pytest.raises((SlotNotOffered, SlotTaken)):
                book(who, cast.dr_chandra, slot.start)


def test_a_window_that_is_sold_out_has_nothing_available(cast):
    withdraw_all(cast.dr_chandra)
    day_window(cast.dr_chandra, cast.quay_street, TODAY, "09:00-10:30", max_patients=1)
    book(cast.asha, cast.dr_chandra, "09:30")
    found = by_start(offered(cast, TODAY))
    assert found == {"09:00": (0, 0), "09:30": (1, 0), "10:00": (0, 0)}


def test_the_desk_sees_what_the_desk_can_book(cast):
    set_rules(cast.harbour, minimum_notice_minutes=240)
    known_to(cast.harbour, cast.asha)
    for stranger in (None, "asha", "dr_chandra", "farid"):
        assert by_start(offered(cast, TODAY, by=stranger))["09:00"] == (0, 0)
    for person in ("esha", "amir", "gita"):
        assert by_start(offered(cast, TODAY, by=person))["09:00"] == (0, 1)
    assert book(cast.asha, cast.dr_chandra, "09:00", by=cast.esha).seat == 1


def test_time_off_has_no_slots(cast):
    doctor = cast.dr_chandra
    schedules.take_time_off(doctor.doctor_id, at("09:00"), at("11:00"), "", doctor.actor)
    assert list(by_start(offered(cast, TODAY))) == ["11:00", "11:30"]


def test_a_day_the_clocks_change_has_its_hours(cast):
    """On 25 October 2026 London's clocks go back: an hour comes twice."""
    sunday = datetime(2026, 10, 25, tzinfo=UTC).date()
    with clock.travelled(at("12:00", sunday - timedelta(days=2))):
        new = schedules.NewWindow(cast.quay_street, time(0), time(4), on=sunday)
        schedules.publish_window(cast.dr_chandra.doctor_id, new, THE_SYSTEM)
        assert len(offered(cast, sunday)) == 10


def test_nobody_offers_slots_of_somebody_unknown(cast):
    with pytest.raises(NotFound):
        openings.offer(cast.harbour, TODAY, None, None)
