"""A stranger signs up with the victim's address first. The owner of the mailbox gets in, alone."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.accounts.models import RecoveryCode, TokenFamily, User, UserSession
from clinic.accounts.proof.keys import Purpose
from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from tests.accounts.account_words import NEW, code_sent, link_sent, log_in, with_two_factor
from tests.api.conftest import Caller
from tests.cast import PASSWORD, Cast, Person
from tests.factories import unproven
from tests.pages import text_of

VICTIM, STRANGERS_PHONE = "victim@cast.example", "+447400123456"
FORM = {
    "full_name": "A Stranger", "email": VICTIM, "phone": STRANGERS_PHONE, "password": PASSWORD,
}  # fmt: skip


def account(app: Flask, email: str = VICTIM) -> User:
    with app.app_context():
        return db.session.scalars(sa.select(User).filter_by(email=email)).one()


def reset(app: Flask, client: FlaskClient, email: str = VICTIM, leads_to: str = "/login") -> None:
    client.post("/forgot", data={"email": email})
    with app.app_context():
        events.run_tasks()
        letter = db.session.scalars(sa.select(Message).filter_by(template="reset")).one()
        assert letter.address == email
    done = client.post(link_sent(app, Purpose.RESET), data={"password": NEW})
    assert (done.status_code, done.location) == (303, leads_to)


def assert_only_the_owner(app: Flask, owner: FlaskClient, stranger: FlaskClient) -> None:
    assert owner.get("/login").location == "/appointments/"  # the link let them in
    assert log_in(app.test_client(), VICTIM, NEW).location == "/appointments/"
    assert log_in(app.test_client(), VICTIM, PASSWORD).status_code == 422
    assert stranger.get("/appointments/").location.startswith("/login")
    user = account(app)
    assert (user.phone, user.phone_verified_at, user.totp_enabled_at) == (None, None, None)
    assert user.email_verified_at is not None
    with app.app_context():
        assert db.session.scalars(sa.select(RecoveryCode)).all() == []


def test_the_owner_of_the_mailbox_resets_the_password_and_is_alone(app: Flask) -> None:
    stranger, owner = app.test_client(), app.test_client()
    assert stranger.post("/signup", data=FORM).status_code == 303
    refused = stranger.post("/account/two-factor/begin")
    assert refused.status_code == 409
    assert "Confirm your email address first" in text_of(refused)
    assert "Send a code" in text_of(refused)
    reset(app, owner)
    assert_only_the_owner(app, owner, stranger)
    with app.app_context():
        assert db.session.scalars(sa.select(EventRow).filter_by(name="user.reclaimed")).all()


def test_a_program_of_the_stranger_is_out_too(app: Flask) -> None:
    program, owner = Caller(app, None), app.test_client()
    made = program.post("/auth/patient/signup", FORM)
    program.headers["Authorization"] = f"Bearer {made.get_json()['access_token']}"
    assert program.get("/auth/me").status_code == 200
    reset(app, owner)
    assert program.get("/auth/me").status_code == 401
    spent = Caller(app, None).post(
        "/auth/refresh", {"refresh_token": made.get_json()["refresh_token"]}
    )
    assert spent.status_code == 401
    again = {"email": VICTIM, "password": PASSWORD}
    assert Caller(app, None).post("/auth/login", again).status_code == 401
    known = Caller(app, None).post("/auth/login", {**again, "password": NEW})
    assert known.get_json()["user"]["phone"] is None
    with app.app_context():
        assert db.session.scalars(sa.select(TokenFamily).filter_by(ended_at=None)).one()


def test_two_factor_of_an_older_release_goes_with_the_stranger(app: Flask, cast: Cast) -> None:
    """There it could be switched on before anything was proven."""
    stranger, owner = app.test_client(), app.test_client()
    stranger.post("/signup", data=FORM)
    user = account(app)
    person = Person("A Stranger", "patient", user.id, VICTIM)
    _proven(app, person, True)
    with_two_factor(app, person)
    _proven(app, person, False)
    reset(app, owner)
    assert_only_the_owner(app, owner, stranger)


def test_a_number_the_stranger_proved_goes_too(app: Flask) -> None:
    stranger, owner = app.test_client(), app.test_client()
    stranger.post("/signup", data=FORM)
    stranger.post("/account/phone/verify")
    stranger.post("/account/phone/code", data={"code": code_sent(app, Purpose.PHONE)})
    assert account(app).phone_verified_at
    reset(app, owner)
    assert_only_the_owner(app, owner, stranger)
    assert "Enter your own" in text_of(owner.get("/account/"))


def test_the_second_reset_changes_the_password_alone(app: Flask, client, cast: Cast) -> None:
    with_two_factor(app, cast.asha)
    reset(app, client, cast.asha.email, leads_to="/login/code")
    assert client.get("/appointments/").status_code == 303  # the link alone is not enough
    assert client.get("/login/code").status_code == 200
    user = account(app, cast.asha.email)
    assert user.phone_verified_at is not None
    assert user.totp_enabled_at is not None


@pytest.mark.parametrize("who", ["esha", "dr_dev"])
def test_a_number_that_an_administrator_entered_stays(app: Flask, client, cast: Cast, who) -> None:
    person = getattr(cast, who)
    with app.app_context():
        unproven(person)
    reset(app, client, person.email)
    assert account(app, person.email).phone is not None


def test_a_proof_while_the_session_is_open_opens_two_factor(app: Flask) -> None:
    client = app.test_client()
    client.post("/signup", data=FORM)
    assert "Your account is new. Confirm" in text_of(client.get("/appointments/"))
    client.post("/account/email/verify")
    client.post("/account/email/code", data={"code": code_sent(app, Purpose.EMAIL)})
    assert "Your account is new" not in text_of(client.get("/appointments/"))
    assert client.post("/account/two-factor/begin").status_code == 303
    with app.app_context():
        assert db.session.scalars(sa.select(UserSession).filter_by(ended_at=None)).all()


def _proven(app: Flask, person: Person, is_proven: bool) -> None:
    @transactional
    def set_it() -> None:
        user = db.session.get_one(User, person.user_id)
        user.email_verified_at = user.created_at if is_proven else None

    with app.app_context():
        set_it()
