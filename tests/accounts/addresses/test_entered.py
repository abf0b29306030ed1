"""An administrator enters another address for a doctor. It opens nothing before the doctor agrees,
or a day has passed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.accounts.models import User
from clinic.accounts.proof.keys import Purpose
from clinic.core.data.db import db
from clinic.events import jobs as events
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from tests.accounts.account_words import code_sent, link_sent, log_in, user_of
from tests.cast import PASSWORD, Cast
from tests.pages import text_of

OWN = "amir.too@cast.example"


def enter(api, cast: Cast, email: str = OWN) -> None:
    answer = api(cast.amir).patch(f"/users/{cast.dr_dev.user_id}", {"email": email})
    assert (answer.status_code, answer.get_json()["email"]) == (200, email)


def resets(app: Flask, client: FlaskClient, email: str) -> list[str]:
    """Where links to a new password went, once somebody asked for them with this address."""
    assert client.post("/forgot", data={"email": email}).location == "/forgot/sent"
    with app.app_context():
        events.run_tasks()
        sent = sa.select(Message.address).filter_by(template="reset")
        return list(db.session.scalars(sent.order_by(Message.created_at)))


def link_in_letter(app: Flask) -> str:
    with app.app_context():
        letter = db.session.scalars(sa.select(Message).filter_by(template="contact_changed")).one()
        assert letter.address == "dr.dev@cast.example"
        return (
            "/contact/" + rendering.with_secrets(letter.body).partition("/contact/")[2].split()[0]
        )


def test_the_address_opens_nothing_while_its_owner_has_not_agreed(app, api, client, cast) -> None:
    enter(api, cast)
    assert resets(app, client, OWN) == []
    assert resets(app, client, cast.dr_dev.email) == [cast.dr_dev.email]  # they can come back
    with app.app_context():
        changed = sa.select(EventRow).filter_by(name="user.contact_changed")
        assert db.session.scalars(changed).one().actor_id == cast.amir.user_id


def test_the_owner_is_told_on_the_account_page(app, api, signed_in, cast) -> None:
    enter(api, cast)
    page = text_of(signed_in(cast.dr_dev).get("/account/"))
    assert "An administrator entered this address." in page
    assert "links to a new password go to dr.dev@cast.example" in page


def test_after_a_day_it_counts(app, api, client, cast, monday_morning) -> None:
    enter(api, cast)
    monday_morning.shift(timedelta(hours=23))
    assert resets(app, client, OWN) == []
    monday_morning.shift(timedelta(hours=2))
    assert resets(app, client, OWN) == [OWN]
    assert resets(app, client, cast.dr_dev.email) == [OWN]


def test_a_second_change_starts_the_day_again(app, api, client, cast, monday_morning) -> None:
    enter(api, cast, "first@cast.example")
    monday_morning.shift(timedelta(hours=20))
    enter(api, cast)
    monday_morning.shift(timedelta(hours=20))
    assert resets(app, client, OWN) == []
    assert resets(app, client, cast.dr_dev.email) == [cast.dr_dev.email]


def test_the_owner_agrees_in_the_old_mailbox(app, api, client, cast) -> None:
    enter(api, cast)
    link = link_in_letter(app)
    assert "Is it yours?" in text_of(client.get(link))
    assert client.post(link, data={"answer": "yes"}).location == "/login"
    assert resets(app, client, OWN) == [OWN]
    assert client.post(link, data={"answer": "no"}).status_code == 400  # it worked once


def test_the_owner_takes_the_old_address_back(app, api, client, cast, signed_in) -> None:
    enter(api, cast)
    inside = signed_in(cast.dr_dev)
    assert client.post(link_in_letter(app), data={"answer": "no"}).location == "/login"
    user = user_of(app, cast.dr_dev)
    assert (user.email, user.email_before) == (cast.dr_dev.email, None)
    assert user.email_verified_at is not None
    assert inside.get("/board/").location.startswith("/login")
    assert resets(app, client, OWN) == []


def test_the_owner_confirms_it_while_signed_in(app, api, client, cast, signed_in) -> None:
    enter(api, cast)
    inside = signed_in(cast.dr_dev)
    inside.post("/account/email/verify")
    inside.post("/account/email/code", data={"code": code_sent(app, Purpose.EMAIL)})
    assert user_of(app, cast.dr_dev).email_waits_until is None
    assert resets(app, client, OWN) == [OWN]


def test_a_link_to_the_old_address_proves_nothing_of_the_new(app, api, client, cast) -> None:
    enter(api, cast)
    resets(app, client, cast.dr_dev.email)
    client.post(link_sent(app, Purpose.RESET), data={"password": "another three words"})
    user = user_of(app, cast.dr_dev)
    assert (user.email, user.email_verified_at) == (OWN, None)
    assert user.email_waits_until is not None
    for name in (cast.dr_dev.email, OWN):
        assert log_in(app.test_client(), name, "another three words").status_code == 303
    assert log_in(app.test_client(), OWN, PASSWORD).status_code == 422


def test_nobody_signs_up_with_the_address_before(app, api, client, cast) -> None:
    enter(api, cast)
    form = {
        "full_name": "A Stranger", "email": cast.dr_dev.email, "phone": "+447400123456",
        "password": PASSWORD,
    }  # fmt: skip
    assert client.post("/signup", data=form).status_code == 422


@pytest.mark.parametrize("email", ["noor@cast.example", "noor.aziz@cast.example"])
def test_an_invitation_waits_for_nobody(app, api, cast, email) -> None:
    new = {"email": "noor@cast.example", "full_name": "Noor Aziz", "role": "staff"}
    user_id = api(cast.amir).post("/users", new).get_json()["id"]
    api(cast.amir).patch(f"/users/{user_id}", {"email": email})
    with app.app_context():
        user = db.session.scalars(sa.select(User).filter_by(email=email)).one()
        assert user.email_waits_until is None
