"""Accounts by the API."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.accounts.models import InvitedDoctor, User
from clinic.accounts.proof import passwords
from clinic.core.data.db import db
from clinic.messaging.models import Message
from tests.cast import PASSWORD

NOOR = {"email": "Noor@Cast.Example", "full_name": "Noor Aziz", "role": "staff"}
KEYS = {
    "id", "email", "phone", "full_name", "role", "organisation_id", "is_active", "is_invited",
    "has_two_factor", "language", "timezone", "email_verified_at", "phone_verified_at",
    "created_at",
}  # fmt: skip


@pytest.fixture
def amir(api, cast):
    return api(cast.amir)


@pytest.fixture
def gita(api, cast):
    return api(cast.gita)


def fields(answer):
    return [one["field"] for one in answer.json["errors"]]


def invitations(app):
    with app.app_context():
        return db.session.scalars(sa.select(Message.address).filter_by(template="invitation")).all()


def test_somebody_is_invited(app, amir, cast):
    answer = amir.post("/users", {**NOOR, "phone": "07400 123456"})
    assert (answer.status_code, answer.json.keys()) == (201, KEYS)
    assert answer.json["email"] == "noor@cast.example"
    assert answer.json["phone"] == "+447400123456"
    assert answer.json["organisation_id"] == str(cast.harbour)
    assert (answer.json["is_invited"], answer.json["timezone"]) == (True, "Europe/London")
    assert invitations(app) == ["noor@cast.example"]
    shown = amir.get(f"/users/{answer.json['id']}")
    assert (shown.status_code, shown.json) == (200, answer.json)


def test_with_a_password_they_log_in_at_once(app, amir, api):
    made = amir.post("/users", {**NOOR, "password": PASSWORD})
    assert (made.status_code, made.json["is_invited"]) == (201, False)
    assert invitations(app) == []
    login = {"email": NOOR["email"], "password": PASSWORD}
    answer = api(None).post("/auth/login", login)
    assert (answer.status_code, answer.json["user"]["role"]) == (200, "staff")


def test_who_was_invited_cannot_log_in_without_a_password(amir, api):
    amir.post("/users", NOOR)
    for password in ("", " ", "none", PASSWORD):
        login = {"email": NOOR["email"], "password": password}
        assert api(None).post("/auth/login", login).status_code in (400, 401)


def test_a_retry_makes_one_account(app, amir):
    key = {"Idempotency-Key": "a retried call"}
    first, second = (amir.post("/users", NOOR, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert len(invitations(app)) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("email", "DR.DEV@cast.example"), ("phone", "+447700900011")]
)
def test_what_somebody_else_has_is_refused(amir, cast, field, value):
    made = amir.post("/users", {**NOOR, field: value})
    assert (made.status_code, fields(made)) == (409, [field])
    changed = amir.patch(f"/users/{cast.esha.user_id}", {field: value})
    assert (changed.status_code, fields(changed)) == (409, [field])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", None),
        ("email", "noor"),
        ("email", "n" * 250 + "@cast.example"),
        ("full_name", ""),
        ("full_name", "x" * 121),
        ("full_name", "Noor\x00Aziz"),
        ("full_name", 7),
        ("role", "caretaker"),
        ("role", None),
        ("phone", "12"),
        ("phone", "call me"),
        ("password", "short"),
        ("password", "password1"),
        ("password", "x" * 129),
        ("organisation_id", "harbour"),
        ("is_active", "perhaps"),
        ("language", "English"),
        ("timezone", "Mars/Base"),
        ("id", "7d0f9c7e-54a4-4bb1-9a53-6a0a6a2f4a10"),
        ("totp_secret", "x"),
    ],
)
def test_a_bad_body_names_its_field(app, amir, cast, field, value):
    made = amir.post("/users", {**NOOR, field: value})
    assert made.status_code == 400
    # A NUL is refused before anybody looks whose it is.
    assert fields(made) in ([field], ["body"], [])
    if field == "password":
        return
    changed = amir.patch(f"/users/{cast.esha.user_id}", {field: value})
    assert changed.status_code == 400
    assert invitations(app) == []


def test_a_superadmin_says_where(gita, cast):
    assert fields(gita.post("/users", NOOR)) == ["organisation_id"]
    there = {**NOOR, "organisation_id": str(cast.elsewhere), "phone": "98765 43210"}
    made = gita.post("/users", there)
    assert (made.status_code, made.json["phone"]) == (201, "+919876543210")
    nowhere = {**NOOR, "role": "superadmin", "email": "root@cast.example"}
    assert gita.post("/users", nowhere).json["organisation_id"] is None


def test_lists(amir, gita, cast):
    found = amir.get("/users").json
    assert {one["full_name"] for one in found["items"]} == {
        "Chandra Iyer", "Dev Patel", "Esha Gill", "Amir Admin",
    }  # fmt: skip
    assert found["next_cursor"] is None
    for query, names in (
        ("q=PATEL", ["Dev Patel"]),
        ("role=admin", ["Amir Admin"]),
        ("is_active=false", []),
        (f"organisation_id={cast.elsewhere}", []),
    ):
        answer = amir.get(f"/users?{query}").json
        assert [one["full_name"] for one in answer["items"]] == names, query
    seen, cursor = [], ""
    while cursor is not None:
        page = gita.get(f"/users?limit=3&cursor={cursor}" if cursor else "/users?limit=3").json
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == len(cast.people)


@pytest.mark.parametrize("query", ["q=x", "role=nobody", "limit=0", "limit=101", "cursor=zz"])
def test_a_bad_question_is_refused(amir, query):
    assert amir.get(f"/users?{query}").status_code == 400


def test_changes(amir, cast):
    path = f"/users/{cast.esha.user_id}"
    changes = {"full_name": "Esha Hill", "phone": "07400 123456", "timezone": "Asia/Kolkata"}
    answer = amir.patch(path, changes)
    assert answer.status_code == 200
    assert (answer.json["full_name"], answer.json["phone"], answer.json["timezone"]) == (
        "Esha Hill", "+447400123456", "Asia/Kolkata",
    )  # fmt: skip
    assert answer.json["email"] == "esha@cast.example"
    emptied = amir.patch(path, {"phone": None, "timezone": None}).json
    assert (emptied["phone"], emptied["timezone"]) == (None, "Europe/London")
    assert amir.patch(path, {}).json == emptied


def test_a_new_role_ends_their_tokens(api, amir, cast):
    esha = api(cast.esha)
    assert esha.get("/auth/me").status_code == 200
    assert amir.patch(f"/users/{cast.esha.user_id}", {"role": "admin"}).json["role"] == "admin"
    assert esha.get("/auth/me").status_code == 401
    assert amir.patch(f"/users/{cast.esha.user_id}", {"role": "superadmin"}).status_code == 403


def test_deactivated_means_out_and_not_gone(app, api, amir, cast):
    esha = api(cast.esha)
    path = f"/users/{cast.esha.user_id}"
    gone = amir.delete(path)
    assert (gone.status_code, gone.data) == (204, b"")
    assert amir.delete(path).status_code == 204
    assert esha.get("/auth/me").status_code == 401
    assert amir.get(path).json["is_active"] is False
    assert amir.patch(path, {"is_active": True}).json["is_active"] is True
    with app.app_context():
        assert db.session.get(User, cast.esha.user_id)


def test_somebody_stays_who_can_do_this(amir, gita, cast):
    for caller, whom, code in (
        (amir, cast.amir, "own_account"),
        (gita, cast.gita, "own_account"),
        (gita, cast.amir, "last_administrator"),
    ):
        for answer in (
            caller.delete(f"/users/{whom.user_id}"),
            caller.patch(f"/users/{whom.user_id}", {"is_active": False}),
        ):
            assert answer.status_code == 409
            assert answer.json["type"].endswith(code)


def test_the_trailing_slash_is_optional(amir):
    assert amir.get("/users/").json == amir.get("/users").json
    assert UUID(amir.post("/users/", NOOR).json["id"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "zz-ZZ"),
        ("language", "xx"),
        ("timezone", "localtime"),
        ("timezone", "Factory"),
        ("timezone", "right/UTC"),
        ("email", "z <zed@cast.example>"),
        ("full_name", "\u202e"),
    ],
)
def test_what_no_account_may_have_is_refused_in_both_ways(amir, cast, field, value):
    made = amir.post("/users", {**NOOR, field: value})
    assert (made.status_code, fields(made)) == (400, [field])
    changed = amir.patch(f"/users/{cast.esha.user_id}", {field: value})
    assert (changed.status_code, fields(changed)) == (400, [field])


def test_one_mailbox_has_one_account(amir, api):
    made = amir.post(
        "/users", {**NOOR, "email": "noor@b\u00fccher.example", "password": PASSWORD}
    )  # fmt: skip
    assert made.json["email"] == "noor@xn--bcher-kva.example"
    twin = amir.post("/users", {**NOOR, "email": "noor@xn--bcher-kva.example"})
    assert (twin.status_code, fields(twin)) == (409, ["email"])
    for written in ("Noor@B\u00dcCHER.example", "noor@xn--bcher-kva.example"):
        login = {"email": written, "password": PASSWORD}
        assert api(None).post("/auth/login", login).status_code == 200


def test_a_name_writes_no_letter(app, amir):
    made = amir.post("/users", {**NOOR, "full_name": "Noor\n\nCall 0900 123\u202e Aziz"})
    assert made.json["full_name"] == "Noor Call 0900 123 Aziz"


def test_a_key_is_not_cut(amir):
    key = {"Idempotency-Key": "k" * 81}
    answer = amir.post("/users", NOOR, headers=key)
    assert (answer.status_code, answer.json["type"]) == (400, "urn:clinic:problem:key_too_long")


def test_passwords_are_hashed_before_anything_is_locked(amir, monkeypatch):
    free = []

    def note(password):
        free.append(not db.session().info.get("writing"))
        return hash_password(password)

    hash_password = passwords.hash_password
    monkeypatch.setattr(passwords, "hash_password", note)
    key = {"Idempotency-Key": "k"}
    assert amir.post("/users", {**NOOR, "password": PASSWORD}, headers=key).status_code == 201
    assert free == [True]


DOCTOR = {"email": "noor@doctors.example", "full_name": "Noor Aziz", "role": "doctor"}


def test_an_invitation_says_what_is_known_of_a_doctor(app, amir, cast):
    known = {
        "specialisations": ["Cardiology"], "licence_number": " GMC 7001 ",
        "languages": ["pl"], "location_id": str(cast.quay_street),
    }  # fmt: skip
    made = amir.post("/users", DOCTOR | {"doctor": known})
    assert made.status_code == 201
    with app.app_context():
        said = db.session.get(InvitedDoctor, UUID(made.json["id"]))
        assert (said.specialisations, said.languages) == (["cardiology"], ["pl"])
        assert (said.licence_number, said.location_id) == ("GMC 7001", cast.quay_street)


@pytest.mark.parametrize(
    ("role", "known", "field"),
    [
        ("doctor", {"specialisations": ["phrenology"]}, "doctor.specialisations"),
        ("doctor", {"languages": ["xx"]}, "doctor.languages"),
        ("doctor", {"location_id": "00000000-0000-0000-0000-000000000001"}, "location_id"),
        ("staff", {"specialisations": ["cardiology"]}, "doctor"),
    ],
)
def test_what_cannot_be_of_a_doctor_is_refused(amir, role, known, field):
    refused = amir.post("/users", DOCTOR | {"role": role, "doctor": known})
    assert refused.status_code == 400
    assert refused.json["errors"][0]["field"].startswith(field)
