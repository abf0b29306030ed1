"""Signing in and up by program."""

from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask

from clinic.accounts.proof import two_factor
from clinic.core.data.db import db
from tests.cast import NOW, PASSWORD, Cast

NEW = {
    "full_name": "Nia Okoro",
    "email": "Nia@Okoro.example",
    "phone": "+447400555001",
    "password": "three quiet harbours",
}


@pytest.mark.parametrize("path", ["/auth/patient/signup", "/auth/register/patient/"])
def test_a_patient_signs_up_and_is_signed_in(api, path):
    answer = api(None).post(path, NEW)
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 900
    assert body["user"]["email"] == "nia@okoro.example"
    assert body["user"]["role"] == "patient"
    me = (
        api(None)
        .get("/auth/me", headers={"Authorization": f"Bearer {body['access_token']}"})
        .get_json()
    )
    assert me == body["user"]


@pytest.mark.parametrize(
    "field, value",
    [
        ("full_name", ""),
        ("full_name", "x" * 121),
        ("full_name", "a\u0007b"),
        ("email", "nobody"),
        ("email", f"{'x' * 250}@example.org"),
        ("phone", "12"),
        ("phone", "+44 what"),
        ("password", "short"),
        ("password", "x" * 129),
        ("password", "password1"),  # among the first that anybody tries
        ("password", "nia@okoro.example"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(api, field, value):
    answer = api(None).post("/auth/patient/signup", {**NEW, field: value})
    assert answer.status_code == 400
    assert [one["field"] for one in answer.get_json()["errors"]] == [field]
    if len(value) > 6:
        assert value not in answer.get_data(as_text=True)


def test_a_role_cannot_be_chosen(api):
    answer = api(None).post("/auth/patient/signup", {**NEW, "role": "admin"})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0] == {
        "field": "role",
        "code": "extra_forbidden",
        "message": "Extra inputs are not permitted",
    }


@pytest.mark.parametrize("is_proven", [True, False], ids=["proven", "second try"])
def test_known_details_are_refused(api, cast: Cast, is_proven):
    assert api(None).post("/auth/patient/signup", NEW).status_code == 201
    again = {**NEW, "email": cast.asha.email} if is_proven else NEW
    assert api(None).post("/auth/patient/signup", again).status_code == 409


def test_a_number_is_shared(api):
    assert api(None).post("/auth/patient/signup", NEW).status_code == 201
    other = {**NEW, "email": "other@example.org"}
    assert api(None).post("/auth/patient/signup", other).status_code == 201


@pytest.mark.parametrize("path", ["/auth/login", "/auth/token", "/auth/patient/login"])
def test_a_patient_signs_in(api, cast: Cast, path):
    answer = api(None).post(path, {"email": cast.asha.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.get_json()["user"]["id"] == str(cast.asha.user_id)


@pytest.mark.parametrize("name", ["email", "username"])
def test_a_form_does_as_well_as_json(api, cast: Cast, name):
    answer = api(None).ask(
        "POST",
        "/auth/token",
        data={name: cast.dr_chandra.email, "password": PASSWORD, "grant_type": "password"},
    )
    assert answer.status_code == 200
    assert answer.get_json()["user"]["organisation_id"] == str(cast.harbour)


@pytest.mark.parametrize(
    "path, person, status",
    [
        ("/auth/patient/login", "asha", 200),
        ("/auth/patient/login", "dr_chandra", 403),
        ("/auth/patient/login", "esha", 403),
        ("/auth/doctor/login", "dr_chandra", 200),
        ("/auth/doctor/login", "asha", 403),
        ("/auth/doctor/login", "amir", 403),
    ],
)
def test_each_login_refuses_the_other_kind(api, cast: Cast, path, person, status):
    given = {"email": getattr(cast, person).email, "password": PASSWORD}
    assert api(None).post(path, given).status_code == status


def test_the_wrong_kind_is_told_only_to_who_knows_the_password(api, cast: Cast):
    given = {"email": cast.dr_chandra.email, "password": "not the password"}
    assert api(None).post("/auth/patient/login", given).status_code == 401


def test_unknown_and_wrong_read_alike(api, cast: Cast):
    answers = [
        api(None).post("/auth/login", {"email": email, "password": "not the password"}).get_json()
        for email in (cast.asha.email, "nobody@cast.example")
    ]
    for one in answers:
        one.pop("error_id")
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 401


def test_guessing_ends_after_ten_tries(api, cast: Cast):
    given = {"email": cast.asha.email, "password": "not the password"}
    statuses = [api(None).post("/auth/login", given).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    last = api(None).post("/auth/login", {**given, "password": PASSWORD})
    assert last.status_code == 429
    assert 0 < int(last.headers["Retry-After"]) <= 60


class TestWithTwoFactor:
    @pytest.fixture
    def secret(self, app: Flask, cast: Cast) -> str:
        with app.app_context():
            secret = two_factor.begin(cast.asha.user_id).secret
            code = pyotp.TOTP(secret).at(NOW)
            self.codes = two_factor.switch_on(cast.asha.user_id, None, code, cast.asha.actor)
            db.session.remove()
        return secret

    def login(self, api, cast: Cast, otp: str | None = None):
        given = {"email": cast.asha.email, "password": PASSWORD}
        return api(None).post("/auth/login", given | ({"otp": otp} if otp else {}))

    def test_the_password_is_half_of_it(self, api, cast: Cast, secret):
        answer = self.login(api, cast)
        assert answer.status_code == 401
        assert answer.get_json()["type"] == "urn:clinic:problem:otp_required"

    def test_a_code_works_once(
        self, api, cast: Cast, secret, monday_morning: time_machine.Traveller
    ):
        monday_morning.move_to(NOW + timedelta(minutes=2))
        code = pyotp.TOTP(secret).at(NOW + timedelta(minutes=2))
        assert self.login(api, cast, code).status_code == 200
        again = self.login(api, cast, code)
        assert again.status_code == 401
        assert again.get_json()["type"] == "urn:clinic:problem:wrong_otp"

    def test_the_code_that_switched_it_on_is_spent(self, api, cast: Cast, secret):
        assert self.login(api, cast, pyotp.TOTP(secret).at(NOW)).status_code == 401

    def test_a_recovery_code_works_once(self, api, cast: Cast, secret):
        assert self.login(api, cast, self.codes[0].upper()).status_code == 200
        assert self.login(api, cast, self.codes[0]).status_code == 401

    def test_guessing_codes_ends(self, api, cast: Cast, secret):
        statuses = [self.login(api, cast, f"{number:06}").status_code for number in range(11)]
        assert statuses == [401] * 10 + [429]

    def test_a_wrong_password_does_not_tell_that_there_is_a_second_factor(
        self, api, cast: Cast, secret
    ):
        given = {"email": cast.asha.email, "password": "not the password"}
        answer = api(None).post("/auth/login", given)
        assert answer.get_json()["type"] == "urn:clinic:problem:wrong_password"
