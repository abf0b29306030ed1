"""Organisations by the API."""

import pytest

from tests.factories import book

HILL = {"name": "Hill Clinic", "kind": "clinic", "country": "IE", "timezone": "Europe/Dublin"}
NOOR = {
    "full_name": "Noor Aziz",
    "email": "Noor@Hill.Example",
    "phone": "083 123 4567",
    "password": "three small words",
}
SIGN_UP = {"organisation": {**HILL, "phone": "01 234 5678"}, "admin": NOOR}


@pytest.fixture
def amir(api, cast):
    return api(cast.amir)


@pytest.fixture
def gita(api, cast):
    return api(cast.gita)


@pytest.fixture
def own(cast):
    return f"/organisations/{cast.harbour}"


def fields(answer):
    return [one["field"] for one in answer.json["errors"]]


def test_lists(amir, gita):
    assert [one["name"] for one in amir.get("/organisations").json["items"]] == ["Harbour Clinic"]
    first = gita.get("/organisations?limit=1").json
    second = gita.get(f"/organisations?limit=1&cursor={first['next_cursor']}").json
    assert [page["items"][0]["name"] for page in (first, second)] == [
        "Far Hospital", "Harbour Clinic",
    ]  # fmt: skip
    assert second["next_cursor"] is None


def test_one_is_opened_once(gita):
    key = {"Idempotency-Key": "a retried call"}
    wanted = {**HILL, "phone": "01 234 5678", "address": "1 Hill Road"}
    first, second = (gita.post("/organisations", wanted, headers=key) for _ in range(2))
    assert (first.status_code, second.json) == (201, first.json)
    assert (first.json["phone"], first.json["emergency_number"]) == ("+35312345678", "112")
    again = gita.post("/organisations", HILL)
    assert (again.status_code, fields(again)) == (409, ["name"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "Hill\x00"),
        ("name", None),
        ("kind", "bakery"),
        ("country", "Ireland"),
        ("country", "XX"),
        ("timezone", "Mars/Base"),
        ("timezone", "x" * 41),
        ("phone", "12"),
        ("email", "hill"),
        ("emergency_number", "help"),
        ("id", "1"),
    ],
)
def test_a_bad_body_names_its_field(gita, own, field, value):
    for answer in (
        gita.post("/organisations", {**HILL, field: value}),
        gita.patch(own, {field: value}),
    ):
        assert answer.status_code == 400
        assert fields(answer) in ([field], ["body"], [])


def test_data_is_changed(amir, own):
    answer = amir.patch(own, {"name": "Harbour House", "phone": "020 7946 0199", "email": None})
    assert (answer.status_code, answer.json["name"]) == (200, "Harbour House")
    assert (answer.json["phone"], answer.json["email"]) == ("+442079460199", None)
    assert amir.get(own).json == answer.json
    taken = amir.patch(own, {"name": "Far Hospital"})
    assert (taken.status_code, fields(taken)) == (409, ["name"])


def test_the_zone_stays_while_visits_are_to_come(app, amir, own, cast):
    with app.app_context():
        book(cast.asha, cast.dr_chandra, "11:30")
    answer = amir.patch(own, {"timezone": "Europe/Paris"})
    assert (answer.status_code, fields(answer)) == (409, ["timezone"])
    assert answer.json["type"].endswith("visits_to_come")


def test_settings(amir, own):
    before = amir.get(f"{own}/settings").json
    changes = {"booking_horizon_days": 365, "approval_required": True}
    answer = amir.patch(f"{own}/settings", changes)
    assert (answer.status_code, answer.json) == (200, before | changes)
    assert amir.get(f"{own}/settings").json == answer.json


@pytest.mark.parametrize(
    "change",
    [
        {"minimum_notice_minutes": 10081},
        {"minimum_notice_minutes": -1},
        {"booking_horizon_days": 0},
        {"cancel_notice_minutes": None},
        {"no_show_grace_minutes": 1.5},
        {"no_show_grace_minutes": 10**30},
        {"approval_required": "perhaps"},
        {"auto_no_show": None},
        {"organisation_id": "x"},
    ],
)
def test_bad_settings_name_their_field(amir, own, change):
    before = amir.get(f"{own}/settings").json
    answer = amir.patch(f"{own}/settings", change)
    assert (answer.status_code, fields(answer)) == (400, list(change))
    assert amir.get(f"{own}/settings").json == before


def test_closed_and_open_again(api, gita, cast):
    far = f"/organisations/{cast.elsewhere}"
    doctors = lambda: [one["id"] for one in api(None).get("/doctors").json["items"]]  # noqa: E731 - asked three times
    assert str(cast.dr_hana.doctor_id) in doctors()
    assert gita.patch(far, {"is_active": False}).json["is_active"] is False
    assert str(cast.dr_hana.doctor_id) not in doctors()
    gita.patch(far, {"is_active": True})
    assert str(cast.dr_hana.doctor_id) in doctors()


def test_a_clinic_signs_up(api):
    answer = api(None).post("/organisations/signup", SIGN_UP)
    assert answer.status_code == 201
    assert (answer.json["token_type"], answer.json["user"]["role"]) == ("bearer", "admin")
    assert answer.json["user"]["phone"] == "+353831234567"
    headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
    own = api(None).get("/organisations", headers=headers).json["items"]
    assert [(one["name"], one["phone"]) for one in own] == [("Hill Clinic", "+35312345678")]
    assert own[0]["id"] == answer.json["user"]["organisation_id"]


@pytest.mark.parametrize(
    ("part", "field", "value", "status"),
    [
        ("organisation", "name", "Harbour Clinic", 409),
        ("organisation", "name", "", 400),
        ("organisation", "country", "XX", 400),
        ("organisation", "timezone", "Mars/Base", 400),
        ("organisation", "phone", "12", 400),
        ("admin", "email", "asha@cast.example", 409),
        ("admin", "email", "noor", 400),
        ("admin", "phone", "12", 400),
        ("admin", "password", "password1", 400),
        ("admin", "role", "superadmin", 400),
    ],
)
def test_a_bad_sign_up_opens_nothing(api, gita, part, field, value, status):
    body = {**SIGN_UP, part: {**SIGN_UP[part], field: value}}
    answer = api(None).post("/organisations/signup", body)
    assert (answer.status_code, fields(answer)) == (status, [f"{part}.{field}"])
    names = {one["name"] for one in gita.get("/organisations").json["items"]}
    assert names == {"Harbour Clinic", "Far Hospital"}


def test_where_clinics_may_not_there_is_no_door(app, api, monkeypatch):
    closed = app.config["SETTINGS"].model_copy(update={"allow_clinic_signup": False})
    monkeypatch.setitem(app.config, "SETTINGS", closed)
    assert api(None).post("/organisations/signup", SIGN_UP).status_code == 404


def test_nobody_opens_clinics_by_the_dozen(api):
    for number in range(6):
        body = {
            "organisation": {**HILL, "name": f"Clinic {number}"},
            "admin": {**NOOR, "email": f"n{number}@hill.example", "phone": None},
        }
        answer = api(None).post("/organisations/signup", body)
        assert answer.status_code == (429 if number == 5 else 201)
    assert int(answer.headers["Retry-After"]) > 0
