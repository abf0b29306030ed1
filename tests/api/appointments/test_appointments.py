"""Visits by program: booked, found and read."""

from datetime import datetime, timedelta

import pytest

from clinic.core import clock
from clinic.schedules.queries import windows_of
from tests.cast import TODAY, at
from tests.factories import book, known_to, scheduled, set_rules, take, withdraw_all

TOMORROW = TODAY + timedelta(days=1)


def wanted(cast, start="11:00", **more):
    moment = at(start) if isinstance(start, str) else start
    body = {
        "doctor_id": str(cast.dr_chandra.doctor_id),
        "start": moment.isoformat(),
        "reason": "Blood pressure",
    }
    return body | more


def monday_of(cast, doctor):
    return next(w for w in windows_of([doctor.doctor_id])[doctor.doctor_id] if w.weekday == 0)


def fields(answer):
    return [one["field"] for one in answer.get_json()["errors"]]


def test_a_patient_books_a_free_time(app, api, cast):
    answer = api(cast.asha).post("/appointments", wanted(cast))
    assert answer.status_code == 201
    visit = answer.get_json()
    assert visit["status"] == "pending"
    assert (visit["start"], visit["end"]) == ("2026-11-16T11:00:00Z", "2026-11-16T11:30:00Z")
    assert (visit["timezone"], visit["source"], visit["version"]) == ("Europe/London", "api", 1)
    assert (visit["doctor_name"], visit["patient_name"]) == ("Dr Chandra Iyer", "Asha Rao")
    assert visit["patient_id"] == str(cast.asha.patient_id)
    assert (visit["reason"], len(visit["code"])) == ("Blood pressure", 5)
    assert api(cast.asha).get(f"/appointments/{visit['id']}/").get_json() == visit


def test_the_desk_books_for_patients_it_knows(app, api, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
    body = wanted(cast, patient_id=str(cast.asha.patient_id))
    answer = api(cast.esha).post("/appointments/", body)
    assert answer.status_code == 201
    assert answer.get_json()["reason"] == "Blood pressure"  # she typed it
    stranger = wanted(cast, "11:30", patient_id=str(cast.bela.patient_id))
    assert api(cast.esha).post("/appointments", stranger).status_code == 404
    assert fields(api(cast.esha).post("/appointments", wanted(cast, "11:30"))) == ["patient_id"]


def test_a_window_gives_its_first_free_time(app, api, cast):
    with app.app_context():
        window = monday_of(cast, cast.dr_chandra)
        book(cast.bela, cast.dr_chandra, "09:00")
    body = {"schedule_id": str(window.id), "reason": "Blood pressure"}
    starts = [api(cast.asha).post("/appointments", body).get_json()["start"] for _ in range(6)]
    assert starts == [
        "2026-11-16T09:30:00Z",
        "2026-11-16T10:00:00Z",
        "2026-11-16T10:30:00Z",
        "2026-11-16T11:00:00Z",
        "2026-11-16T11:30:00Z",
        "2026-11-23T09:00:00Z",
    ]


def test_a_window_and_a_time_in_it(app, api, cast):
    with app.app_context():
        window = monday_of(cast, cast.dr_chandra)
    body = {"schedule_id": str(window.id), "start": at("11:00").isoformat(), "reason": "A cough"}
    assert api(cast.asha).post("/appointments", body).get_json()["start"] == "2026-11-16T11:00:00Z"
    elsewhere = body | {"start": at("11:00", TOMORROW).isoformat()}  # another window's
    answer = api(cast.asha).post("/appointments", elsewhere)
    assert (answer.status_code, answer.get_json()["type"]) == (
        400,
        "urn:clinic:problem:slot_not_offered",
    )
    assert len(api(cast.asha).get("/appointments").get_json()["items"]) == 1


def test_a_window_that_is_full_or_gone(app, api, cast):
    with app.app_context():
        window = monday_of(cast, cast.dr_chandra)
        set_rules(cast.harbour, booking_horizon_days=1)
        for wall in ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30"):
            book(cast.bela, cast.dr_chandra, wall)
    body = {"schedule_id": str(window.id), "reason": "A cough"}
    assert api(cast.asha).post("/appointments", body).status_code == 409
    with app.app_context():
        withdraw_all(cast.dr_chandra)
    assert api(cast.asha).post("/appointments", body).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"doctor_id": "x"}, "doctor_id"),
        ({"doctor_id": None}, "doctor_id"),
        ({"doctor_id": 7}, "doctor_id"),
        ({"start": None}, "start"),
        ({"start": "2026-11-16T11:00:00"}, "start"),  # without an offset
        ({"start": "soon"}, "start"),
        ({"start": 1_800_000_000}, "start"),
        ({"start": "0001-01-01T00:00:00Z"}, "start"),
        ({"start": "9999-12-31T23:59:59Z"}, "start"),
        ({"reason": ""}, "reason"),
        ({"reason": "   "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "a\x07b"}, "reason"),
        ({"reason": ["a"]}, "reason"),
        ({"reason": None}, "reason"),
        ({"patient_id": "-1"}, "patient_id"),
        ({"schedule_id": "0"}, "schedule_id"),
        ({"surprise": 1}, "surprise"),
        ({"schedule_id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa"}, "doctor_id"),  # which one?
    ],
)
def test_a_bad_booking_names_the_field(api, cast, change, field):
    answer = api(cast.asha).post("/appointments", wanted(cast) | change)
    assert answer.status_code == 400
    assert fields(answer) == [field]


def test_nul_is_refused(api, cast):
    assert api(cast.asha).post("/appointments", wanted(cast, reason="a\x00b")).status_code == 400


@pytest.mark.parametrize(
    ("start", "status", "kind"),
    [
        ("06:00", 400, "slot_not_offered"),  # past
        ("11:10", 400, "slot_not_offered"),  # not where a slot begins
        ("14:00", 400, "slot_not_offered"),  # outside hours
        ("09:30", 409, "slot_taken"),
        ("11:30", 409, "patient_busy"),
    ],
)
def test_what_cannot_be_booked(app, api, cast, start, status, kind):
    with app.app_context():
        book(cast.bela, cast.dr_chandra, "09:30")
        book(cast.asha, cast.dr_dev, "11:30")
    answer = api(cast.asha).post("/appointments", wanted(cast, start))
    assert answer.status_code == status
    assert answer.get_json()["type"] == f"urn:clinic:problem:{kind}"


def test_a_retry_gets_the_same_answer_and_another_body_a_conflict(api, cast):
    caller, key = api(cast.asha), {"Idempotency-Key": "one"}
    first = caller.post("/appointments", wanted(cast), headers=key)
    again = caller.post("/appointments", wanted(cast), headers=key)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    other = caller.post("/appointments", wanted(cast, "11:30"), headers=key)
    assert (other.status_code, other.get_json()["type"]) == (409, "urn:clinic:problem:key_reused")


@pytest.fixture
def diary(app, cast):
    """The codes of three visits of Asha's: today confirmed, tomorrow, and in December."""
    with app.app_context():
        return [
            take(scheduled(cast.asha, cast.dr_chandra, "11:00"), "confirm", by=cast.asha).code,
            book(cast.asha, cast.dr_dev, at("09:00", TOMORROW)).code,
            book(cast.asha, cast.dr_dev, at("09:00", TODAY + timedelta(days=15))).code,
        ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1, 0]),
        ("status=confirmed", [0]),
        ("status=confirmed,pending&status=completed", [2, 1, 0]),
        ("month=2026-11", [1, 0]),
        ("month=2026-12&from=2026-12-01", [2]),
        ("month=2026-11&from=2026-11-17", [1]),
        ("from=2026-11-17&to=2026-11-17", [1]),
        ("to=2026-11-16", [0]),
        ("to=2026-11-17T09:00:00Z", [0]),
        ("from=2026-11-17T09:00:00+00:00", [2, 1]),  # the plus comes as a space
        ("from=2026-11-17T09:00:00%2B00:00", [2, 1]),
    ],
)
def test_filters(api, cast, diary, query, found):
    for path in ("/appointments", "/patients/me/appointments"):
        items = api(cast.asha).get(f"{path}?{query}").get_json()["items"]
        assert [one["code"] for one in items] == [diary[at_] for at_ in found]


def test_pages(api, cast, diary):
    caller, seen, query = api(cast.asha), [], "limit=1"
    while query:
        answer = caller.get(f"/appointments?{query}").get_json()
        seen += [one["code"] for one in answer["items"]]
        query = answer["next_cursor"] and f"limit=1&cursor={answer['next_cursor']}"
    assert seen == diary[::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=lost", "status.0"),
        ("doctor_id=me", "doctor_id"),
        ("patient_id=%00", None),
        ("month=2026-13", "month"),
        ("month=11", "month"),
        ("from=yesterday", "from"),
        ("to=2026-11-31", "to"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("cursor=nonsense", None),
    ],
)
def test_a_bad_filter_names_its_field(api, cast, query, field):
    answer = api(cast.asha).get(f"/appointments?{query}")
    assert answer.status_code == 400
    if field:
        assert field in fields(answer)


def test_a_doctor_finds_their_own_and_may_not_ask_for_a_patients(api, cast, diary):
    mine = api(cast.dr_chandra).get("/doctors/me/appointments").get_json()["items"]
    assert [one["code"] for one in mine] == diary[:1]
    assert mine[0]["reason"] == "Blood pressure"
    assert api(cast.dr_chandra).get("/patients/me/appointments").status_code == 403
    of_dev = f"/appointments?doctor_id={cast.dr_dev.doctor_id}"
    assert api(cast.dr_chandra).get(of_dev).get_json()["items"] == []


def test_statistics(app, api, cast, diary):
    path = f"/appointments/stats/doctor/{cast.dr_chandra.doctor_id}"
    answer = api(cast.dr_chandra).get(f"{path}?from=2026-11-16&to=2026-11-17").get_json()
    assert (answer["first"], answer["last"], answer["total"]) == ("2026-11-16", "2026-11-17", 1)
    assert answer["counts"]["confirmed"] == 1
    assert [one["period"] for one in answer["trend"]] == ["2026-11-16", "2026-11-17"]
    months = api(cast.esha).get(f"{path}?group_by=month&from=2026-10-01&to=2026-11-30").get_json()
    assert [one["total"] for one in months["trend"]] == [0, 1]
    assert months["no_show_rate"] == 0.0


@pytest.mark.parametrize(
    "query",
    ["group_by=week", "from=2026-01-01&to=2026-06-01", "from=x", "from=2026-11-17&to=2026-11-16"],
)
def test_statistics_that_cannot_be_asked_for(api, cast, query):
    path = f"/appointments/stats/doctor/{cast.dr_chandra.doctor_id}"
    assert api(cast.esha).get(f"{path}?{query}").status_code == 400


def test_times_are_instants(api, cast):
    visit = api(cast.asha).post("/appointments", wanted(cast)).get_json()
    assert datetime.fromisoformat(visit["created_at"]) <= clock.now()
