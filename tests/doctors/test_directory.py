"""Finding a doctor: filters, pages, the next free times, and weeks."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from clinic.access.actor import THE_SYSTEM
from clinic.access.roles import Role
from clinic.accounts.people import create
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.doctors import service as doctors
from clinic.doctors.models import Doctor
from clinic.organisations.models import Organisation
from clinic.schedules import service as schedules
from tests.cast import TODAY, at
from tests.factories import book, many_patients, set_rules, withdraw_all
from tests.pages import HTMX, is_whole_page, root_id, soup, text_of


def names(answer):
    return [one.get_text(strip=True) for one in soup(answer).select("#results .doctor h3")]


def starts(answer):
    links = soup(answer).select("a.slot")
    return [parse_qs(urlsplit(link["href"]).query)["start"][0] for link in links]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Chandra", "Dev", "Hana"]),
        ({"specialisation": "cardiology"}, ["Chandra"]),
        ({"specialization": "Cardiology"}, ["Chandra"]),
        ({"specialisation": "astrology"}, []),
        ({"q": "PATEL"}, ["Dev"]),
        ({"q": "sat"}, ["Hana"]),
        ({"q": "x%"}, []),
        ({"q": "_a"}, []),
        ({"language": "en"}, ["Chandra", "Dev", "Hana"]),
        ({"language": "fr"}, []),
        ({"location": "quay"}, ["Chandra", "Dev"]),
        ({"location": "quay", "specialisation": "dermatology", "q": "dev"}, ["Dev"]),
        ({"location": "not a place"}, ["Chandra", "Dev", "Hana"]),
        ({"date": "not a date"}, ["Chandra", "Dev", "Hana"]),
    ],
)
def test_filters_narrow_the_directory(client, cast, query, found):
    if query.get("location") == "quay":
        query = {**query, "location": str(cast.quay_street)}
    answer = client.get("/", query_string=query)
    assert [name.split()[1] for name in names(answer)] == found
    part = client.get("/", query_string=query, headers=HTMX)
    assert (root_id(part), is_whole_page(part)) == ("results", False)
    assert names(part) == names(answer)
    assert "HX-Request" in part.vary


def test_doctors_and_clinics_that_stopped_are_not_found(app, client, cast):
    @transactional
    def stop():
        db.session.get(Doctor, cast.dr_dev.doctor_id).is_active = False
        db.session.get(Organisation, cast.elsewhere).is_active = False

    with app.app_context():
        stop()
    assert [name.split()[1] for name in names(client.get("/"))] == ["Chandra"]
    for person in (cast.dr_dev, cast.dr_hana):
        assert client.get(f"/doctors/{person.doctor_id}").status_code == 404


@transactional
def add_doctor(cast, number, name):
    user = create.create_user(
        Role.DOCTOR, name, f"twin{number}@cast.example", THE_SYSTEM,
        password_hash="none", organisation_id=cast.harbour,
    )  # fmt: skip
    profile = doctors.NewProfile(f"TWIN-{number}", ("neurology",), ("en",))
    return doctors.create_profile(user, profile, THE_SYSTEM).id


@transactional
def many_doctors(cast, count):
    """Namesakes among them, so that only their ids tell them apart."""
    for number in range(count):
        doctor_id = add_doctor(cast, number, f"Twin {number // 3:02}")
        window = schedules.NewWindow(cast.quay_street, time(9), time(10), weekday=number % 5)
        schedules.publish_window(doctor_id, window, THE_SYSTEM)


def read_through(client, address):
    """The addresses of the doctors on each page, from the first to the last."""
    pages = []
    while address:
        page = client.get(address)
        links = soup(page).select("#results a[href^='/doctors/']")
        pages.append(list(dict.fromkeys(link["href"].partition("?")[0] for link in links)))
        more = soup(page).find("a", href=lambda href: href and "cursor=" in href)
        address = more["href"] if more else None
        assert "specialisation=neurology" in (address or "specialisation=neurology")
    return pages


def test_pages_lose_nobody_and_repeat_nobody(app, client, cast):
    with app.app_context():
        many_doctors(cast, 24)
    pages = read_through(client, "/?specialisation=neurology")
    seen = [one for page in pages for one in page]
    assert len(pages) == 3
    assert len(seen) == len(set(seen)) == 25


LONG_NAMES = {  # as long as a name may be: with "Dr " before them they are cut
    "latin": "A" * 119,
    "capitals that unfold": "Straße " * 17,
    "devanagari": "आ" * 119,
    "beyond the first plane": "\U0001d49c" * 119,
    "already a title": "Dr " + "B" * 116,
}


@pytest.mark.parametrize("name", LONG_NAMES.values(), ids=LONG_NAMES)
def test_a_long_name_at_the_border_of_a_page_is_shown_once(both, name):
    """The names differ in their last letter only; the border falls between two of them."""
    with both.app.app_context():
        people = [add_doctor(both.cast, n, f"{name}{'abcd'[n % 4]}"[:120]) for n in range(22)]
    pages = read_through(both.app.test_client(), "/?specialisation=neurology")
    seen = [one for page in pages for one in page]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert len(seen) == len(set(seen))
    assert {f"/doctors/{one}" for one in people} <= set(seen)


@pytest.mark.parametrize("cursor", ["x", "%C3%A9", "WyJhIl0", "x" * 2000, "WzEsMl0", "%00"])
def test_a_page_that_does_not_exist_is_a_wrong_request(client, cursor):
    answer = client.get(f"/?cursor={cursor}")
    assert answer.status_code == 400
    assert is_whole_page(answer)
    assert client.get(f"/?cursor={cursor}", headers=HTMX).status_code == 400


@pytest.mark.parametrize("query", ["after=rao", f"after=rao&after_id={'1' * 32}", "cursor="])
def test_links_of_an_older_release_lead_to_the_first_page(client, query):
    answer = client.get(f"/?{query}")
    assert (answer.status_code, names(answer)) == (200, names(client.get("/")))


def test_the_next_free_times_on_a_card_can_all_be_booked(app, client, cast):
    with app.app_context():
        taken, *crowd = many_patients(4)
        book(taken, cast.dr_chandra, "09:30")
    offered = starts(client.get("/?specialisation=cardiology"))
    assert offered == ["2026-11-16T09:00Z", "2026-11-16T10:00Z", "2026-11-16T10:30Z"]
    with app.app_context():
        for who, start in zip(crowd, offered, strict=True):
            assert book(who, cast.dr_chandra, datetime.fromisoformat(start)).seat == 1


def test_a_full_day_gives_way_to_the_next(app, client, cast):
    with app.app_context():
        for who, wall in zip(
            many_patients(6), ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30"), strict=True
        ):
            book(who, cast.dr_chandra, wall)
    answer = client.get("/?specialisation=cardiology")
    assert starts(answer)[0] == "2026-11-17T09:00Z"
    assert "Tue 17 Nov" in text_of(answer)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ({"date": "2026-11-25"}, "2026-11-25T09:00Z"),
        ({"date": "2026-11-21"}, "2026-11-23T09:00Z"),
        ({"date": "2020-01-01"}, "2026-11-16T09:00Z"),
        ({"part": "morning"}, "2026-11-16T09:00Z"),
        ({"part": "evening"}, None),
        ({"part": "nonsense"}, "2026-11-16T09:00Z"),
        ({"date": "2027-01-08"}, "2027-01-08T09:00Z"),
        ({"date": "2027-01-11"}, None),
        ({"date": "2100-12-31"}, None),
        ({"date": "9999-12-31"}, "2026-11-16T09:00Z"),
        ({"date": "0001-01-01"}, "2026-11-16T09:00Z"),
    ],
)
def test_a_day_and_a_part_of_it_can_be_asked_for(client, query, first):
    answer = client.get("/", query_string={"specialisation": "cardiology", **query})
    assert answer.status_code == 200
    assert (starts(answer) or [None])[0] == first


def test_a_doctor_whose_first_free_day_is_far_off_is_still_shown_one(app, client, cast):
    with app.app_context():
        withdraw_all(cast.dr_chandra)
        new = schedules.NewWindow(cast.quay_street, time(9), time(10), on=date(2026, 12, 30))
        schedules.publish_window(cast.dr_chandra.doctor_id, new, THE_SYSTEM)
    assert starts(client.get("/?specialisation=cardiology"))[0] == "2026-12-30T09:00Z"


def week(client, person, name=None):
    query = {"week": name} if name else {}
    return client.get(f"/doctors/{person.doctor_id}", query_string=query)


def arrows(answer):
    links = soup(answer).select("#week a[href*='week=']")
    return [parse_qs(urlsplit(link["href"]).query)["week"][0] for link in links]


def test_a_week_shows_every_free_slot_once(app, client, cast):
    with app.app_context():
        book(cast.asha, cast.dr_chandra, "09:30")
    answer = week(client, cast.dr_chandra)
    offered = starts(answer)
    assert len(offered) == len(set(offered)) == 29
    assert "2026-11-16T09:30Z" not in offered
    assert offered == sorted(offered)
    part = client.get(f"/doctors/{cast.dr_chandra.doctor_id}", headers=HTMX)
    assert (root_id(part), starts(part)) == ("week", offered)


def test_arrows_lead_through_the_weeks_that_can_be_booked(client, cast):
    seen, name = [], None
    for _ in range(20):
        answer = week(client, cast.dr_chandra, name)
        seen.append(name or "2026-W47")
        later = [one for one in arrows(answer) if one > seen[-1]]
        if not later:
            break
        name = later[0]
    assert seen[:3] == ["2026-W47", "2026-W48", "2026-W49"]
    assert "2026-W53" in seen
    assert seen[-1] == "2027-W02"
    assert arrows(week(client, cast.dr_chandra)) == ["2026-W48"]
    assert "2026-W47" in arrows(week(client, cast.dr_chandra, "2026-W48"))


@pytest.mark.parametrize(
    "name",
    ["2020-W01", "x", "2026-W54", "2026-W00", "", "-W", "99999-W01", "9999-W52", "1-W1", "९-W१"],
)
def test_a_week_that_makes_no_sense_is_this_week(client, cast, name):
    answer = week(client, cast.dr_chandra, name)
    assert answer.status_code == 200
    assert starts(answer)[0] == "2026-11-16T09:00Z"


@pytest.mark.parametrize("name", ["2027-W30", "2100-W52"])
def test_a_week_beyond_the_horizon_is_empty(client, cast, name):
    answer = week(client, cast.dr_chandra, name)
    assert answer.status_code == 200
    assert starts(answer) == []


def test_a_week_is_labelled_by_the_clock_of_its_days(client, cast):
    """In the week that ends with the change, Monday to Saturday are still on the old time."""
    with clock.travelled(datetime(2026, 10, 20, 7, 0, tzinfo=UTC)):
        before = week(client, cast.dr_chandra)
        after = week(client, cast.dr_chandra, "2026-W44")
    assert "London time (BST)" in text_of(before)
    assert "London time (GMT)" in text_of(after)
    assert starts(before)[0] == "2026-10-20T08:00Z"
    assert starts(after)[0] == "2026-10-26T09:00Z"
    for answer in (before, after):
        labels = {
            link.get_text(" ", strip=True).split()[0] for link in soup(answer).select("a.slot")
        }
        assert "09:00" in labels


def test_another_countrys_clinic_shows_its_own_clock(client, cast):
    answer = week(client, cast.dr_hana)
    assert "Kolkata time (IST)" in text_of(answer)
    assert starts(answer)[0] == "2026-11-17T03:30Z"


def test_places_are_counted_where_several_are_seen_at_once(app, client, cast):
    with app.app_context():
        book(cast.asha, cast.dr_dev, "09:00")
    first, second = soup(week(client, cast.dr_dev)).select("a.slot")[:2]
    assert "2 places" in " ".join(first.get_text(" ").split())
    assert "3 places" in " ".join(second.get_text(" ").split())


def test_the_notice_hides_slots_that_are_too_near(app, client, cast):
    with app.app_context():
        set_rules(cast.harbour, minimum_notice_minutes=240)
    with clock.travelled(at("06:31")):
        assert starts(week(client, cast.dr_chandra))[0] == "2026-11-16T11:00Z"


def test_time_off_is_not_offered(app, client, cast):
    with app.app_context():
        schedules.take_time_off(
            cast.dr_chandra.doctor_id,
            at("00:00"),
            at("00:00", TODAY + timedelta(days=3)),
            "",
            THE_SYSTEM,
        )
    assert starts(week(client, cast.dr_chandra))[0] == "2026-11-19T09:00Z"


@pytest.mark.parametrize("key", ["00000000-0000-0000-0000-000000000000", "x", "1"])
def test_an_unknown_doctor_is_not_found(client, key):
    assert client.get(f"/doctors/{key}").status_code == 404


def test_programs_are_welcomed_in_json(client):
    answer = client.get("/", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/json"
    assert answer.json["status"] == "ok"
    assert answer.json["version"]
