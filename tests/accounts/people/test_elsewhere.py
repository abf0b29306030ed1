"""What an administrator learns of accounts elsewhere: nothing. Their owners are told by letter."""

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.accounts.models import User
from clinic.accounts.proof.keys import Purpose
from clinic.core.data.db import db
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from tests.accounts.account_words import code_sent, link_sent
from tests.cast import PASSWORD, Cast
from tests.pages import text_of

NOOR = {"full_name": "Noor Aziz", "role": "staff"}
FREE = "nobody@cast.example"


def letters(app: Flask) -> dict[str, str]:
    with app.app_context():
        found = db.session.scalars(sa.select(Message).filter_by(template="invitation")).all()
        return {one.address: rendering.with_secrets(one.body) for one in found}


def without_own(answer: dict, *names: str) -> dict:
    return {name: value for name, value in answer.items() if name not in names}


@pytest.mark.parametrize("who", ["asha", "dr_hana", "farid", "gita"])
def test_the_answer_is_that_of_a_free_address(app: Flask, api, cast: Cast, who: str) -> None:
    amir, taken = api(cast.amir), getattr(cast, who).email
    known = amir.post("/users", {**NOOR, "email": taken})
    unknown = amir.post("/users", {**NOOR, "email": FREE})
    assert known.status_code == unknown.status_code == 201
    own = ("id", "email", "created_at")
    assert without_own(known.get_json(), *own) == without_own(unknown.get_json(), *own)
    with app.app_context():
        rows = db.session.scalars(sa.select(Message).order_by(Message.created_at)).all()
        kept = [(one.template, one.organisation_id, one.status) for one in rows]
        assert len(set(kept)) == 1  # what the ledger shows them


def test_the_owner_reads_what_was_wanted_and_gets_no_link(app: Flask, api, cast: Cast) -> None:
    api(cast.amir).post("/users", {**NOOR, "email": cast.asha.email})
    letter = letters(app)[cast.asha.email]
    assert "Harbour Clinic wanted to give you an account" in letter
    assert "You already have one with this email address" in letter
    assert "/invitation/" not in letter
    with app.app_context():
        user = db.session.get_one(User, cast.asha.user_id)
        assert (user.email, user.role) == (cast.asha.email, "patient")


@pytest.mark.parametrize(
    "changes", [{"email": "asha@cast.example"}, {"phone": "+447700900000"}], ids=["email", "phone"]
)
def test_a_change_tells_nothing_either(api, cast: Cast, changes: dict) -> None:
    amir = api(cast.amir)
    assert amir.patch(f"/users/{cast.esha.user_id}", changes).status_code == 200


def test_an_address_of_the_page_tells_nothing_either(app, signed_in, cast: Cast) -> None:
    amir = signed_in(cast.amir)
    for email in (cast.asha.email, FREE):
        made = amir.post("/admin/users/new", data={**NOOR, "email": email})
        assert made.status_code == 303
        assert "on its way" in text_of(amir.get(made.location))


@pytest.mark.parametrize(("field", "value"), [("email", "farid@cast.example")])
def test_a_superadmin_is_told(api, cast: Cast, field: str, value: str) -> None:
    new = {**NOOR, "email": FREE, "organisation_id": str(cast.harbour), field: value}
    assert api(cast.gita).post("/users", new).status_code == 409


def test_who_proved_the_address_elsewhere_is_told_to_use_another(app, client, api, cast) -> None:
    api(cast.amir).post("/users", {**NOOR, "email": FREE})
    invitation = link_sent(app, Purpose.INVITATION)
    form = {"full_name": "Noor Aziz", "email": FREE, "phone": "+447400123456"}
    client.post("/signup", data={**form, "password": PASSWORD})
    client.post("/account/email/verify")
    client.post("/account/email/code", data={"code": code_sent(app, Purpose.EMAIL)})
    refused = app.test_client().post(invitation, data={"password": "another three words"})
    assert refused.status_code == 409
    assert "already belongs to another account of yours" in text_of(refused)
