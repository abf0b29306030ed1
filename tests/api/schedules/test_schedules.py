"""A doctor's windows and time off, as programs keep them."""

import pytest

from tests.api.doctors.test_doctors import FIRST, fields
from tests.factories import book

SUNDAY = {"weekday": 6, "start_time": "09:00", "end_time": "12:00"}
MINE = "/doctors/me/schedules"
AWAY = "/doctors/me/time-off"


def starts(api, person, day):
    slots = api(None).get(f"/doctors/{person.doctor_id}/slots?date={day}").json["slots"]
    return [one["start"][11:16] for one in slots if one["available"]]


def test_a_doctor_publishes_reads_changes_and_withdraws_a_window(api, cast):
    program = api(cast.dr_chandra)
    made = program.post(MINE, {**SUNDAY, "slot_minutes": 60, "capacity": 2, "max_patients": 5})
    assert made.status_code == 201, made.json
    window = made.json
    assert window | {"id": None, "location_id": None} == {
        "id": None,
        "doctor_id": str(cast.dr_chandra.doctor_id),
        "weekday": 6,
        "date": None,
        "start_time": "09:00",
        "end_time": "12:00",
        "slot_minutes": 60,
        "capacity": 2,
        "max_patients": 5,
        "location": "Quay Street",
        "location_id": None,
        "timezone": "Europe/London",
        "valid_from": None,
        "valid_until": None,
        "withdrawn_at": None,
    }
    address = f"{MINE}/{window['id']}"
    assert program.get(address).json == window
    assert starts(api, cast.dr_chandra, "2026-11-22") == ["09:00", "10:00", "11:00"]
    changed = program.patch(address, {"end_time": "11:00", "max_patients": None})
    assert changed.json == {
        **window, "end_time": "11:00", "max_patients": None, "affected_visits": [],
    }  # fmt: skip
    assert program.delete(address).status_code == 204
    assert starts(api, cast.dr_chandra, "2026-11-22") == []
    assert program.get(address).json["withdrawn_at"]
    assert program.delete(address).status_code == 404
    assert program.patch(address, {"capacity": 3}).status_code == 404


def test_a_window_for_one_day_at_a_new_place(api, cast):
    body = {"date": "2026-11-21", "start_time": "09:00:00", "end_time": "10:00",
            "location": "Pier House"}  # fmt: skip
    made = api(cast.dr_chandra).post(f"{MINE}/", body)
    assert made.status_code == 201
    assert (made.json["date"], made.json["weekday"]) == ("2026-11-21", None)
    assert (made.json["location"], made.json["start_time"]) == ("Pier House", "09:00")
    by_id = {"weekday": 6, "start_time": "09:00", "end_time": "10:00"}
    again = api(cast.dr_dev).post(MINE, {**by_id, "location": made.json["location_id"]})
    assert again.json["location"] == "Pier House"
    foreign = api(cast.dr_dev).post(MINE, {**by_id, "weekday": 5, "location": str(cast.far_street)})
    assert foreign.status_code == 404


def test_windows_are_listed_for_their_doctor_and_for_all(api, cast):
    program = api(cast.dr_chandra)
    mine = program.get(f"{MINE}?limit=100").json
    assert [one["weekday"] for one in mine["items"]] == [0, 1, 2, 3, 4]
    for key in (cast.dr_chandra.doctor_id, cast.dr_chandra.user_id):
        assert api(None).get(f"/patients/doctors/{key}/schedules").json == mine
    assert api(None).get(f"/patients/doctors/{cast.asha.user_id}/schedules").status_code == 404
    gone = mine["items"][0]["id"]
    program.delete(f"{MINE}/{gone}")
    assert len(program.get(MINE).json["items"]) == 4
    withdrawn = program.get(f"{MINE}?withdrawn=true").json["items"]
    assert [one["id"] for one in withdrawn] == [gone]
    first = program.get(f"{MINE}?limit=3").json
    rest = program.get(f"{MINE}?limit=3&cursor={first['next_cursor']}").json
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 1, None)


def test_windows_never_overlap(api, cast):
    answer = api(cast.dr_chandra).post(MINE, {**SUNDAY, "weekday": 0})
    assert (answer.status_code, answer.json["type"]) == (400, "urn:clinic:problem:windows_overlap")


def test_a_window_sent_twice_is_published_once(api, cast):
    program = api(cast.dr_chandra)
    key = {"Idempotency-Key": "a-key-of-the-program"}
    first, again = (program.post(MINE, SUNDAY, headers=key) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    other = program.post(MINE, {**SUNDAY, "weekday": 5}, headers=key)
    assert other.status_code == 409


def test_a_change_tells_the_visits_it_leaves_outside(app, api, cast):
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra, "09:00")
    address = f"{MINE}/{visit.schedule_id}"
    answer = api(cast.dr_chandra).patch(address, {"start_time": "10:00", "visits": "keep"})
    assert answer.json["affected_visits"] == [
        {"id": str(visit.id), "start": "2026-11-16T09:00:00Z", "end": "2026-11-16T09:30:00Z"}
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weekday": 7}, "weekday"),
        ({"weekday": "0"}, "weekday"),
        ({"weekday": -1}, "weekday"),
        ({"start_time": "9"}, "start_time"),
        ({"start_time": "24:00"}, "start_time"),
        ({"start_time": 900}, "start_time"),
        ({"start_time": None}, "start_time"),
        ({"end_time": "09:00+01:00"}, "end_time"),
        ({"end_time": "12:00\n"}, "end_time"),
        ({"slot_minutes": 4}, "slot_minutes"),
        ({"slot_minutes": 481}, "slot_minutes"),
        ({"slot_minutes": 30.5}, "slot_minutes"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 10**30}, "capacity"),
        ({"capacity": True}, "capacity"),
        ({"max_patients": 0}, "max_patients"),
        ({"location": "x" * 121}, "location"),
        ({"location": "\u0007"}, "location"),
        ({"valid_from": "2026-13-01"}, "valid_from"),
        ({"valid_from": 20261116}, "valid_from"),
        ({"valid_until": "9999-12-31"}, "valid_until"),
        ({"doctor_id": "x"}, "doctor_id"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_by_field(api, cast, change, field):
    program = api(cast.dr_chandra)
    assert fields(program.post(MINE, {**SUNDAY, **change})) == {field}
    window = program.get(MINE).json["items"][0]["id"]
    assert fields(program.patch(f"{MINE}/{window}", change)) == {field}


@pytest.mark.parametrize(
    "change",
    [
        {"weekday": None},
        {"date": "2026-11-22"},
        {"end_time": "09:00"},
        {"slot_minutes": 240},
        {"valid_from": "2026-12-01", "valid_until": "2026-11-30"},
    ],
)
def test_a_window_that_contradicts_itself_is_refused(api, cast, change):
    answer = api(cast.dr_chandra).post(MINE, {**SUNDAY, **change})
    assert (answer.status_code, answer.json["type"]) == (400, "urn:clinic:problem:bad_window")


def test_a_window_needs_its_times(api, cast):
    program = api(cast.dr_chandra)
    assert fields(program.post(MINE, {})) == {"start_time", "end_time"}
    assert program.post(MINE, [SUNDAY]).status_code == 400
    assert (
        program.post(MINE, data="{", headers={"Content-Type": "application/json"}).status_code
        == 400
    )


def test_hours_come_after_the_profile(api, newcomer):
    program = api(newcomer)
    for method, path, body in (
        ("GET", MINE, None),
        ("POST", MINE, SUNDAY),
        ("GET", f"{MINE}/{newcomer.user_id}", None),
        ("PATCH", f"{MINE}/{newcomer.user_id}", {}),
        ("DELETE", f"{MINE}/{newcomer.user_id}", None),
        ("GET", AWAY, None),
        ("POST", AWAY, {"start": "2026-12-24T09:00:00Z", "end": "2026-12-25T09:00:00Z"}),
        ("GET", f"{AWAY}/{newcomer.user_id}", None),
        ("DELETE", f"{AWAY}/{newcomer.user_id}", None),
    ):
        answer = program.ask(method, path, json=body)
        assert answer.status_code == 404, path
        assert answer.json["type"] == "urn:clinic:problem:profile_missing"
        assert answer.json["title"] == "Set up your profile first"
    assert program.put("/doctors/me/profile", FIRST).status_code == 200
    assert program.post(MINE, SUNDAY).status_code == 201


def test_time_off_is_taken_listed_and_taken_back(app, api, cast):
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra, "09:30")
    program = api(cast.dr_chandra)
    body = {"start": "2026-11-16T09:00:00+00:00", "end": "2026-11-16T12:00:00+01:00",
            "reason": "Dentist"}  # fmt: skip
    taken = program.post(AWAY, body)
    assert taken.status_code == 201, taken.json
    off = dict(taken.json)
    assert [one["id"] for one in off.pop("affected_visits")] == [str(visit.id)]
    assert off | {"id": None} == {
        "id": None,
        "start": "2026-11-16T09:00:00Z",
        "end": "2026-11-16T11:00:00Z",
        "reason": "Dentist",
        "withdrawn_at": None,
    }
    assert program.get(AWAY).json == {"items": [off], "next_cursor": None}
    assert starts(api, cast.dr_chandra, "2026-11-16") == ["11:00", "11:30"]
    address = f"{AWAY}/{off['id']}"
    assert program.get(address).json == off
    assert api(cast.dr_dev).get(address).status_code == 404
    assert api(cast.dr_dev).delete(address).status_code == 404
    assert program.delete(address).status_code == 204
    assert program.delete(address).status_code == 404
    assert program.get(AWAY).json["items"] == []
    assert program.get(address).json["withdrawn_at"]
    assert len(starts(api, cast.dr_chandra, "2026-11-16")) == 5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": None}, "start"),
        ({"start": "2026-11-16"}, "start"),
        ({"start": "2026-11-16T09:00:00"}, "start"),
        ({"start": 1800000000}, "start"),
        ({"end": "9999-12-31T23:59:59Z"}, "end"),
        ({"end": "0001-01-01T00:00:00+14:00"}, "end"),
        ({"reason": "x" * 121}, "reason"),
        ({"reason": 1}, "reason"),
        ({"until": "2026-11-16T09:00:00Z"}, "until"),
    ],
)
def test_time_off_that_makes_no_sense_is_refused(api, cast, change, field):
    body = {"start": "2026-11-16T09:00:00Z", "end": "2026-11-17T09:00:00Z"}
    assert fields(api(cast.dr_chandra).post(AWAY, {**body, **change})) == {field}


def test_time_off_ends_after_it_starts(api, cast):
    body = {"starts_at": "2026-11-17T09:00:00Z", "ends_at": "2026-11-16T09:00:00Z"}
    assert api(cast.dr_chandra).post(AWAY, body).status_code == 400
