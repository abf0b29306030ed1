"""Patients by program: their own profile, the desk's records, lists."""

from io import BytesIO

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.messaging.queueing import refusals
from clinic.patients.models import PatientImport
from tests.factories import book, known_to

PROFILE = {
    "date_of_birth": "1984-05-18",
    "gender": "female",
    "blood_type": "AB-",
    "contact_number": "+447700900000",
    "emergency_contact": {"name": "Ravi Rao", "phone": "+44 7700 900099", "relation": "brother"},
    "address": "14 Quay Street\nLondon",
}
INES = {
    "full_name": "Ines Gomes",
    "date_of_birth": "1970-01-02",
    "phone": "07700 900055",
    "email": "Ines@Cast.Example",
    "language": "pt-BR",
    "channel": "whatsapp",
}


def wrong(answer):
    """`{field}` of a 400 that tells nothing of what was sent."""
    assert answer.status_code == 400, answer.get_json()
    return {one["field"] for one in answer.get_json()["errors"]}


# --- the own profile


def test_a_profile_is_replaced_and_read_back(api, cast):
    asha = api(cast.asha)
    shown = asha.put("/patients/me/profile", PROFILE)
    assert shown.status_code == 200
    expected = {**PROFILE, "patient_id": str(cast.asha.patient_id), "full_name": "Asha Rao"}
    expected["emergency_contact"] = {**PROFILE["emergency_contact"], "phone": "+447700900099"}
    assert shown.get_json() == asha.get("/patients/me/profile").get_json() == expected
    assert api(cast.bela).get("/patients/me/profile").get_json()["gender"] is None


def test_what_is_missing_is_emptied_but_for_the_number(api, cast):
    asha = api(cast.asha)
    asha.put("/patients/me/profile", PROFILE)
    shown = asha.put("/patients/me/profile", {"emergency_contact": "Ravi"}).get_json()
    assert shown["emergency_contact"] == {"name": "Ravi", "phone": None, "relation": None}
    assert shown["contact_number"] == "+447700900000"
    assert {shown[name] for name in ("date_of_birth", "gender", "blood_type", "address")} == {None}
    assert asha.put("/patients/me/profile", {}).get_json()["emergency_contact"] is None


def test_a_number_to_call_is_not_where_messages_go(api, cast):
    asha = api(cast.asha)
    answer = asha.put("/patients/me/profile", {"contact_number": "+447700900077"})
    assert answer.get_json()["contact_number"] == "+447700900077"
    assert asha.get("/users/me").get_json()["phone"] == "+447700900000"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("date_of_birth", "17 May", "date_of_birth"),
        ("date_of_birth", "1800-01-01", "date_of_birth"),
        ("date_of_birth", "2027-01-01", "date_of_birth"),
        ("gender", "Female", "gender"),
        ("blood_type", ["A+"], "blood_type"),
        ("contact_number", 7, "contact_number"),
        ("contact_number", "12", "contact_number"),
        ("emergency_contact", "", "emergency_contact.name"),
        ("emergency_contact", {"phone": "+447700900099"}, "emergency_contact.name"),
        ("emergency_contact", {"name": "R", "phone": "x"}, "emergency_contact.phone"),
        ("emergency_contact", {"name": "R", "age": 1}, "emergency_contact.age"),
        ("emergency_contact", ["Ravi"], "emergency_contact"),
        ("address", "a" * 301, "address"),
        ("address", "a\x07", "address"),
        ("uid", "x", "uid"),
    ],
)
def test_a_wrong_profile_names_the_field(api, cast, field, value, named):
    answer = api(cast.asha).put("/patients/me/profile", {**PROFILE, field: value})
    assert wrong(answer) == {named}
    assert api(cast.asha).get("/patients/me/profile").get_json()["gender"] is None


# --- the desk's records


def registered(api, cast, who="esha", **changes):
    return api(cast.people[who]).post("/patients", {**INES, **changes})


def test_the_desk_registers_a_person(api, cast):
    answer = registered(api, cast)
    assert answer.status_code == 201
    made = answer.get_json()
    assert made.pop("possible_duplicates") == []
    assert (made["phone"], made["email"]) == ("+447700900055", "ines@cast.example")
    assert (made["language"], made["channel"], made["is_active"]) == ("pt-BR", "whatsapp", True)
    assert (made["organisation_id"], made["has_login"]) == (str(cast.harbour), False)
    assert api(cast.amir).get(f"/patients/{made['id']}").get_json() == made


def test_who_may_be_the_same_is_named(api, cast):
    first = registered(api, cast).get_json()["id"]
    again = registered(api, cast, full_name="I. Gomes")
    assert (again.status_code, again.get_json()["possible_duplicates"]) == (201, [first])


def test_a_retry_registers_once(api, cast):
    esha = api(cast.esha)
    registered(api, cast)
    key = {"Idempotency-Key": "first try"}
    answers = [esha.post("/patients", INES, headers=key) for _ in range(2)]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(esha.get("/patients").get_json()["items"]) == 2
    other = esha.post("/patients", {**INES, "full_name": "Other"}, headers=key)
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", None),
        ("full_name", ""),
        ("full_name", "x" * 121),
        ("full_name", "In\x07es"),
        ("full_name", ["Ines"]),
        ("date_of_birth", "2.1.1970"),
        ("date_of_birth", "1070-01-02"),
        ("phone", "12"),
        ("phone", 447700900055),
        ("phone", "4" * 31),
        ("email", "ines@"),
        ("email", "n" * 250 + "@cast.example"),
        ("language", "portuguese"),
        ("language", "p2"),
        ("channel", "pigeon"),
        ("record_number", "P1"),
        ("is_active", False),
    ],
)
def test_a_wrong_record_names_the_field_and_registers_nobody(api, cast, field, value):
    assert wrong(registered(api, cast, **{field: value})) == {field}
    assert api(cast.esha).get("/patients").get_json()["items"] == []


@pytest.mark.parametrize("name", ["In\x00es", "In\ud800es"])
def test_what_no_database_stores_is_refused_whole(api, cast, name):
    assert registered(api, cast, full_name=name).status_code == 400


def test_pages_follow_each_other(app, api, cast):
    esha = api(cast.esha)
    for number in range(5):
        registered(api, cast, full_name=f"Name {number}")
    first = esha.get("/patients", query_string={"limit": 3}).get_json()
    cursor = first["next_cursor"]
    second = esha.get("/patients", query_string={"limit": 3, "cursor": cursor}).get_json()
    names = [one["full_name"] for page in (first, second) for one in page["items"]]
    assert names == [f"Name {number}" for number in range(5)]
    assert second["next_cursor"] is None
    assert esha.get("/patients", query_string={"cursor": "x"}).status_code == 400


def test_a_list_can_be_narrowed(api, cast):
    esha = api(cast.esha)
    ines = registered(api, cast).get_json()["id"]
    registered(api, cast, full_name="Bo")
    esha.delete(f"/patients/{ines}")

    def names(**query):
        items = esha.get("/patients", query_string=query).get_json()["items"]
        return [one["full_name"] for one in items]

    assert names() == ["Bo", "Ines Gomes"]
    assert names(q="gom") == ["Ines Gomes"]
    assert names(q="g") == []
    assert (names(active="true"), names(active="false")) == (["Bo"], ["Ines Gomes"])
    assert wrong(esha.get("/patients", query_string={"limit": 0, "active": "maybe"})) == {
        "limit",
        "active",
    }


def test_a_doctor_reads_those_they_treat(app, api, cast):
    registered(api, cast)
    with app.app_context():
        book(cast.asha, cast.dr_chandra, "11:00")
    items = api(cast.dr_chandra).get("/patients").get_json()["items"]
    assert [one["full_name"] for one in items] == ["Asha Rao"]


def test_the_desk_changes_what_is_sent_alone(api, cast):
    esha, made = api(cast.esha), registered(api, cast).get_json()
    changed = esha.patch(f"/patients/{made['id']}", {"phone": None, "full_name": "Inês Gomes"})
    made.pop("possible_duplicates")
    assert changed.get_json() == {
        **made,
        "phone": None,
        "noted_phone": None,
        "full_name": "Inês Gomes",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", None),
        ("full_name", " "),
        ("language", None),
        ("channel", None),
        ("is_active", None),
        ("is_active", "perhaps"),
        ("died_on", "2027-01-01"),
        ("died_on", "1969-01-01"),  # before the birth
        ("phone", "12"),
        ("email", "x"),
        ("blood_type", "A+"),
    ],
)
def test_a_wrong_change_names_the_field_and_changes_nothing(api, cast, field, value):
    esha, made = api(cast.esha), registered(api, cast).get_json()
    made.pop("possible_duplicates")
    assert wrong(esha.patch(f"/patients/{made['id']}", {"phone": None, field: value})) == {field}
    assert esha.get(f"/patients/{made['id']}").get_json() == made


def test_who_has_a_login_keeps_their_own_name(app, api, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
    answer = api(cast.esha).patch(f"/patients/{cast.asha.patient_id}", {"full_name": "A"})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (409, "full_name")


def test_who_is_deactivated_stays_in_the_records(api, cast):
    esha, made = api(cast.esha), registered(api, cast).get_json()
    for _ in range(2):
        answer = esha.delete(f"/patients/{made['id']}")
        assert (answer.status_code, answer.data) == (204, b"")
    assert esha.get(f"/patients/{made['id']}").get_json()["is_active"] is False


# --- lists


def send(caller, text, **more):
    file = (BytesIO(text.encode()), "patients.csv")
    return caller.ask("POST", "/patients/import", data={"file": file}, **more)


def test_a_list_is_worked_off_and_reported(api, cast):
    esha = api(cast.esha)
    answer = send(esha, "Name;Phone;Colour\nInes;07700 900055;red\nNoor;12;\nInes;07700 900055;")
    assert answer.status_code == 200
    report = answer.get_json()
    assert {name: report[name] for name in ("status", "total", "done", "created")} == {
        "status": "done",
        "total": 3,
        "done": 3,
        "created": 1,
    }
    told = [(one["row"], one["field"], one["code"]) for one in report["refused"]]
    assert told == [
        (1, "column_3", "unknown_column"),
        (3, "phone", "not_a_phone"),
        (4, "full_name", "duplicate"),
    ]
    assert esha.get(f"/patients/import/{report['id']}").get_json() == report
    assert api(cast.farid).get(f"/patients/import/{report['id']}").status_code == 404


def test_what_was_refused_is_said_with_its_values(app, api, cast):
    """What older versions stored was said already, and had none."""
    esha = api(cast.esha)
    report = send(esha, "name,colour\nInes,red").get_json()
    said = "Column 2 is not one we keep; it was left out."
    assert [one["message"] for one in report["refused"]] == [said]
    old = {"row": 3, "field": "phone", "code": "not_a_phone", "message": "100% wrong."}
    with app.app_context():
        db.session.execute(sa.update(PatientImport).values(refused=[old]))
        db.session.commit()
    assert esha.get(f"/patients/import/{report['id']}").get_json()["refused"] == [old]


def test_a_list_may_be_the_body_itself(api, cast):
    body = "\ufeffname\nInês\n".encode()
    answer = api(cast.amir).ask("POST", "/patients/import", data=body, content_type="text/csv")
    assert (answer.status_code, answer.get_json()["created"]) == (200, 1)
    assert api(cast.esha).get("/patients").get_json()["items"][0]["full_name"] == "Inês"


def test_a_long_list_goes_on_after_the_answer(app, api, cast):
    esha = api(cast.esha)
    rows = "\n".join(f"Name {number},+4477010{number:05}" for number in range(450))
    answer = send(esha, f"name,phone\n{rows}")
    report = answer.get_json()
    assert (answer.status_code, report["status"], report["done"]) == (202, "running", 200)
    with app.app_context():
        events.run_tasks()
    report = esha.get(f"/patients/import/{report['id']}").get_json()
    assert (report["status"], report["created"], report["refused"]) == ("done", 450, [])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"phone\n1", "no_name_column"),
        ("name\nInês".encode("latin-1"), "not_utf8"),
        ("name\nInês".encode("utf-16"), "not_utf8"),
        (b'name\n"Ines', "bad_quotes"),
        (b"name\n" + b"I\n" * 5001, "too_many_rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_words(api, cast, data, code):
    esha = api(cast.esha)
    answer = esha.ask("POST", "/patients/import", data={"file": (BytesIO(data), "x.csv")})
    assert wrong(answer) == {"file"}
    assert answer.get_json()["errors"][0]["code"] == code
    assert esha.get("/patients").get_json()["items"] == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"other": (BytesIO(b"name\nInes"), "x.csv")}}, 400),
        ({"data": {"file": "name"}, "content_type": "multipart/form-data"}, 400),
        ({"json": {"file": "name"}}, 415),
        ({"data": {"file": "name"}}, 415),
        ({}, 415),
        ({"data": b"name\n" + b"x" * 1024 * 1024, "content_type": "text/csv"}, 413),
    ],
)
def test_what_is_no_file_is_refused(api, cast, sent, status):
    assert api(cast.esha).ask("POST", "/patients/import", **sent).status_code == status


# --- what keeps texts from them


def test_a_number_that_no_text_reaches_is_shown_and_cleared(app, api, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        for kind, reason in (("unreachable", "30003"), ("opted_out", "stop_word")):
            transactional(refusals.remember_refusal)("+447700900000", kind, reason)
    desk, path = api(cast.esha), f"/patients/{cast.asha.patient_id}"
    own_word, mark = desk.get(path).get_json()["stops"]
    assert (own_word["kind"], own_word["reason"]) == ("opted_out", "stop_word")
    assert mark["since"].startswith("2026-11-16T06:30:")
    assert {name: mark[name] for name in ("address", "channels", "kind", "reason")} == {
        "address": "+447700900000",
        "channels": ["sms", "whatsapp"],
        "kind": "unreachable",
        "reason": "30003",
    }
    for _ in range(2):
        assert desk.delete(f"{path}/unreachable").status_code == 204
    assert [one["kind"] for one in desk.get(path).get_json()["stops"]] == ["opted_out"]
    changed = desk.patch(path, {"channel": "email"}).get_json()
    assert [one["kind"] for one in changed["stops"]] == ["opted_out"]
    assert "stops" not in desk.get("/patients").get_json()["items"][0]
