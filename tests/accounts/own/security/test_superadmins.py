"""Whoever sees everything: a second factor in production, and no password that is guessed."""

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.errors import WeakPassword
from clinic.accounts.models import User
from clinic.accounts.people import create
from clinic.core.data.db import db
from tests.accounts.account_words import otp, user_of
from tests.cast import PASSWORD
from tests.pages import soup, text_of


@pytest.fixture
def production(app, monkeypatch):
    settings = app.config["SETTINGS"].model_copy(update={"environment": "production"})
    monkeypatch.setitem(app.config, "SETTINGS", settings)


@pytest.mark.usefixtures("production")
def test_in_production_a_superadmin_is_led_to_two_factor_first(app, signed_in, cast):
    client = signed_in(cast.gita)
    for page in ("/admin/organisations/", "/admin/health", "/account/"):
        answer = client.get(page)
        assert (answer.status_code, answer.location) == (303, "/account/two-factor")
    assert "Superadmins need two-factor" in text_of(client.get("/account/two-factor"))
    client.post("/account/two-factor/begin")
    form = {"code": otp(app, cast.gita), "password": PASSWORD}
    assert client.post("/account/two-factor/on", data=form).status_code == 200
    assert client.get("/admin/organisations/").status_code == 200


@pytest.mark.usefixtures("production")
def test_a_program_of_theirs_is_told_so(client, cast):
    form = {"email": cast.gita.email, "password": PASSWORD}
    token = client.post("/api/v1/auth/login", json=form).json["access_token"]
    answer = client.get("/api/v1/organisations", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json["type"]) == (
        403, "urn:clinic:problem:two_factor_setup_required",
    )  # fmt: skip
    assert "Superadmins" in answer.json["detail"]


@pytest.mark.usefixtures("production")
def test_it_stays_on(app, signed_in, cast):
    client = signed_in(cast.gita)
    client.post("/account/two-factor/begin")
    client.post("/account/two-factor/on", data={"code": otp(app, cast.gita), "password": PASSWORD})
    page = client.get("/account/two-factor")
    assert soup(page).find("form", action="/account/two-factor/off") is None
    form = {"off-password": PASSWORD, "off-code": otp(app, cast.gita, 1)}
    answer = client.post("/account/two-factor/off", data=form)
    assert answer.status_code == 409
    assert user_of(app, cast.gita).totp_enabled_at is not None


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("name", ["asha", "esha", "dr_chandra", "amir"])
def test_others_follow_their_organisation(signed_in, cast, name):
    assert signed_in(cast.people[name]).get("/account/").status_code == 200


def test_elsewhere_a_superadmin_may_do_without(signed_in, cast):
    assert signed_in(cast.gita).get("/admin/health").status_code == 200


WEAK = ("password", "short", "password1", "Grace Root", "x" * 200, "root@clinic.test")


@pytest.mark.parametrize("password", WEAK)
def test_no_superadmin_gets_a_password_that_is_guessed(in_app, password):
    with pytest.raises(WeakPassword):
        create.create_superadmin("root@clinic.test", password, "Grace Root", THE_SYSTEM)
    assert known("root@clinic.test") == 0


@pytest.mark.parametrize("password", WEAK[:2])
def test_the_command_says_so_and_fails(app, password):
    args = ["create-superadmin", "--email", "root@clinic.test", "--password", password]
    answer = app.test_cli_runner().invoke(args=args)
    assert answer.exit_code == 1
    assert "easy to guess" in answer.output or "Use 8 to 128 characters" in answer.output


@pytest.mark.parametrize("password", WEAK[:2])
def test_the_first_start_does_not_take_one_from_the_settings(app, monkeypatch, password):
    given = {"superadmin_email": "root@clinic.test", "superadmin_password": password}
    settings = app.config["SETTINGS"].model_copy(update=given)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    assert app.test_cli_runner().invoke(args=["init-db"]).exit_code == 1
    with app.app_context():
        assert known("root@clinic.test") == 0


def test_a_superadmin_of_before_does_not_stop_the_start(app, monkeypatch, cast):
    given = {"superadmin_email": cast.gita.email, "superadmin_password": "password"}
    settings = app.config["SETTINGS"].model_copy(update=given)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    answer = app.test_cli_runner().invoke(args=["init-db"])
    assert (answer.exit_code, "already an account" in answer.output) == (0, True)


def known(email):
    return db.session.scalar(sa.select(sa.func.count()).where(User.email == email))
