"""Finding a doctor, their slots and their own profile, as programs do it."""

from datetime import timedelta

import pytest

from tests.cast import TODAY, at
from tests.factories import book, set_rules, withdraw_all

FIRST = {"specialization": "Cardiology", "license_number": "GMC-900"}


def names(answer):
    assert answer.status_code == 200, answer.json
    return sorted(one["name"].split()[1] for one in answer.json["items"])


def fields(answer):
    assert answer.status_code == 400, answer.json
    return {one["field"] for one in answer.json["errors"]}


@pytest.mark.parametrize("path", ["/doctors", "/patients/doctors", "/doctors/"])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Chandra", "Dev", "Hana"]),
        ({"specialization": "cardiology"}, ["Chandra"]),
        ({"specialisation": "CARDIOLOGY"}, ["Chandra"]),
        ({"specialization": "astrology"}, []),
        ({"q": "pat"}, ["Dev"]),
        ({"language": "English", "q": "sato"}, ["Hana"]),
        ({"language": "fr"}, []),
        (
            {"earliest": "2026-11-16T09:00:00Z", "latest": "2026-11-16T12:00:00Z"},
            ["Chandra", "Dev"],
        ),
        ({"earliest": "2026-11-17T03:00:00 00:00", "latest": "2026-11-17T04:00Z"}, ["Hana"]),
    ],
)
def test_doctors_are_found_by_what_is_asked(api, path, query, found):
    assert names(api(None).get(path, query_string=query)) == found


def test_each_doctor_says_when_they_are_free_next(app, api, cast):
    with app.app_context():
        book(cast.asha, cast.dr_chandra, "09:00")
        withdraw_all(cast.dr_dev)
    items = api(cast.asha).get("/patients/doctors").json["items"]
    assert {one["name"]: one["next_available"] for one in items} == {
        "Dr Chandra Iyer": "2026-11-16T09:30:00Z",
        "Dr Dev Patel": None,
        "Dr Hana Sato": "2026-11-17T03:30:00Z",
    }
    one = api(None).get(f"/doctors/{cast.dr_chandra.doctor_id}").json
    assert one in items
    assert one["id"] == str(cast.dr_chandra.doctor_id)
    assert one["user_id"] == str(cast.dr_chandra.user_id)
    assert (one["specialization"], one["specialisations"]) == ("cardiology", ["cardiology"])
    assert (one["locations"], one["organisation"]) == (["Quay Street"], "Harbour Clinic")
    assert "contact_phone" not in one


def test_the_directory_comes_in_pages(api):
    found, cursor = [], ""
    while cursor is not None:
        answer = api(None).get("/doctors", query_string={"limit": 1, "cursor": cursor})
        found += names(answer)
        cursor = answer.json["next_cursor"]
    assert sorted(found) == ["Chandra", "Dev", "Hana"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"earliest": "tomorrow"}, "earliest"),
        ({"earliest": "2026-11-16T09:00:00"}, "earliest"),
        ({"earliest": "1234567890"}, "earliest"),
        ({"latest": "9999-12-31T23:59:59-12:00"}, "latest"),
        ({"latest": "0001-01-01T00:00:00+12:00"}, "latest"),
        ({"q": "x" * 121}, "q"),
        ({"specialization": "x" * 61}, "specialization"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(api, query, field):
    assert fields(api(None).get("/doctors", query_string=query)) == {field}


def test_a_cursor_of_our_own_making_only(api):
    assert api(None).get("/doctors?cursor=nonsense").status_code == 400


def slots(api, cast, query="", by=None):
    answer = api(by).get(f"/doctors/{cast.dr_chandra.doctor_id}/slots{query}")
    assert answer.status_code == 200, answer.json
    return answer.json["slots"]


def test_slots_are_free_and_booked(app, api, cast):
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra, "09:30")
    answer = api(None).get(f"/doctors/{cast.dr_chandra.doctor_id}/slots?date=2026-11-16").json
    assert answer["doctor_id"] == str(cast.dr_chandra.doctor_id)
    assert answer["timezone"] == "Europe/London"
    assert answer["slots"][:2] == [
        {
            "start": f"2026-11-16T09:{minute}:00Z",
            "end": end,
            "schedule_id": str(visit.schedule_id),
            "capacity": 1,
            "booked": booked,
            "available": 1 - booked,
        }
        for minute, end, booked in (
            ("00", "2026-11-16T09:30:00Z", 0),
            ("30", "2026-11-16T10:00:00Z", 1),
        )
    ]
    assert len(answer["slots"]) == 6


def test_slots_of_days(api, cast):
    assert len(slots(api, cast)) == 6
    assert len(slots(api, cast, "?from=2026-11-16&to=2026-11-18")) == 18
    assert slots(api, cast, "?date=2026-11-15") == []
    assert len(slots(api, cast, "?from=2026-11-16&to=2026-12-16")) == 23 * 6


def test_the_desk_is_offered_what_the_desk_can_book(app, api, cast):
    with app.app_context():
        set_rules(cast.harbour, minimum_notice_minutes=600)
    for person, available in ((None, 0), (cast.asha, 0), (cast.farid, 0), (cast.esha, 1)):
        assert slots(api, cast, by=person)[0]["available"] == available


@pytest.mark.parametrize(
    "query",
    [
        "?date=today",
        "?date=2026-02-30",
        "?date=0001-01-01",
        "?date=9999-12-31",
        "?date=1",
        "?from=2026-11-16",
        "?to=2026-11-16",
        "?date=2026-11-16&from=2026-11-16&to=2026-11-17",
        "?from=2026-11-17&to=2026-11-16",
        "?from=2026-11-16&to=2026-12-17",
        "?from=1900-01-01&to=2100-12-31",
    ],
)
def test_days_that_make_no_sense_are_refused(api, cast, query):
    answer = api(None).get(f"/doctors/{cast.dr_chandra.doctor_id}/slots{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize("day", ["1900-01-01", "2100-12-31"])
def test_the_first_and_the_last_day_there_is(api, cast, day):
    for person in (None, cast.gita):
        assert (
            api(person).get(f"/doctors/{cast.dr_hana.doctor_id}/slots?date={day}").status_code
            == 200
        )


def test_a_doctor_sets_up_a_profile(api, newcomer):
    program = api(newcomer)
    missing = program.get("/doctors/me/profile")
    assert (missing.status_code, missing.json["type"]) == (
        404, "urn:clinic:problem:profile_missing",
    )  # fmt: skip
    made = program.put(
        "/doctors/me/profile",
        {
            "specializations": ["Cardiology", "internal medicine"],
            "license_number": "GMC-900",
            "years_of_experience": 7,
            "languages": ["en", "hi"],
            "contact_number": "020 7946 0142",
            "bio": "Hearts.",
        },
    )
    assert made.status_code == 200, made.json
    assert made.json | {"id": None, "organisation_id": None} == {
        "id": None,
        "user_id": str(newcomer.user_id),
        "organisation_id": None,
        "organisation": "Harbour Clinic",
        "name": "Dr Ida Lund",
        "specialisations": ["cardiology", "internal-medicine"],
        "specialization": "cardiology",
        "languages": ["en", "hi"],
        "locations": [],
        "years_experience": 7,
        "bio": "Hearts.",
        "licence_number": "GMC-900",
        "contact_phone": "+442079460142",
    }
    assert program.get("/doctors/me/profile").json == made.json
    assert names(api(None).get("/doctors?q=lund")) == ["Ida"]


def test_a_profile_is_changed_by_what_is_named(api, cast):
    program = api(cast.dr_chandra)
    changed = program.put("/doctors/me/profile", {"bio": "Hearts.", "contact": "+442079460142"})
    assert (changed.json["bio"], changed.json["licence_number"]) == ("Hearts.", "GMC-10")
    assert program.put("/doctors/me/profile", {}).json == changed.json
    cleared = program.put("/doctors/me/profile", {"contact_phone": None})
    assert cleared.json == {**changed.json, "contact_phone": None}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"specialization": "astrology"}, "specialisations"),
        ({"specialisations": []}, "specialisations"),
        ({"specialisations": "x" * 61}, "specialisations.0"),
        ({"specialisations": [1]}, "specialisations.0"),
        ({"specialisations": ["cardiology"] * 21}, "specialisations"),
        ({"specialisations": None}, "specialisations"),
        ({"languages": ["klingon"]}, "languages"),
        ({"licence_number": ""}, "licence_number"),
        ({"licence_number": "x" * 41}, "licence_number"),
        ({"license_number": 900}, "license_number"),
        ({"years_experience": -1}, "years_experience"),
        ({"years_experience": 81}, "years_experience"),
        ({"years_experience": "7"}, "years_experience"),
        ({"years_experience": 10**30}, "years_experience"),
        ({"bio": "x" * 2001}, "bio"),
        ({"bio": "\u0007"}, "bio"),
        ({"contact_phone": "call me"}, "contact_phone"),
        ({"salary": 1}, "salary"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(api, cast, body, field):
    program = api(cast.dr_chandra)
    before = program.get("/doctors/me/profile").json
    assert fields(program.put("/doctors/me/profile", body)) == {field}
    assert program.get("/doctors/me/profile").json == before


@pytest.mark.parametrize("missing", ["specialization", "license_number"])
def test_a_first_profile_needs_its_two_words(api, newcomer, missing):
    body = {key: value for key, value in FIRST.items() if key != missing}
    answer = api(newcomer).put("/doctors/me/profile", body)
    known = {"specialization": "specialisations", "license_number": "licence_number"}
    assert fields(answer) == {known[missing]}


def test_a_licence_number_is_nobody_elses(api, newcomer):
    answer = api(newcomer).put("/doctors/me/profile", {**FIRST, "license_number": "GMC-11"})
    assert (answer.status_code, answer.json["type"]) == (409, "urn:clinic:problem:licence_in_use")


def test_an_unknown_doctor_is_not_found(api, cast):
    for key in (cast.harbour, cast.asha.user_id):
        for path in (f"/doctors/{key}", f"/doctors/{key}/slots"):
            assert api(cast.asha).get(path).status_code == 404
    assert api(None).get("/doctors/1/slots").status_code == 404


def test_the_day_is_the_doctors_own(api, cast):
    tomorrow = TODAY + timedelta(days=1)
    answer = api(None).get(f"/doctors/{cast.dr_hana.doctor_id}/slots?date={tomorrow}").json
    assert answer["slots"][0]["start"] == "2026-11-17T03:30:00Z"
    assert at("03:30", tomorrow).isoformat() == "2026-11-17T03:30:00+00:00"
