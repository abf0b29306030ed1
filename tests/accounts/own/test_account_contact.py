"""A person's own addresses: each counts once its code came back."""

import pytest
import sqlalchemy as sa

from clinic.accounts.proof.keys import Purpose
from clinic.core import phones
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from tests.accounts.account_words import code_sent, user_of
from tests.cast import PASSWORD
from tests.factories import unproven
from tests.pages import soup, text_of

NEW_EMAIL, NEW_PHONE = "asha.new@cast.example", "+447400123456"


def written(target: str) -> str:
    """As somebody in Britain reads it."""
    return phones.as_dialled(target, "GB")


def _in_one_piece(target: str) -> str:
    return written(target).replace(" ", "\N{NO-BREAK SPACE}")


def events(app, name):
    with app.app_context():
        return db.session.scalars(sa.select(EventRow).filter_by(name=name)).all()


@pytest.mark.parametrize(
    ("kind", "target", "purpose", "channel"),
    [("email", NEW_EMAIL, Purpose.EMAIL, "email"), ("phone", NEW_PHONE, Purpose.PHONE, "sms")],
)
def test_a_new_address_counts_once_its_code_came_back(
    app, signed_in, cast, kind, target, purpose, channel
):
    client = signed_in(cast.asha)
    before = getattr(user_of(app, cast.asha), kind)
    form = {"target": target, "password": PASSWORD}
    answer = client.post(f"/account/{kind}", data=form)
    assert (answer.status_code, answer.location) == (303, f"/account/{kind}/code")
    assert getattr(user_of(app, cast.asha), kind) == before
    with app.app_context():
        message = db.session.scalars(sa.select(Message)).one()
    assert (message.address, message.channel) == (target, channel)
    assert written(target) in text_of(client.get(answer.location))
    done = client.post(answer.location, data={"code": code_sent(app, purpose)})
    assert (done.status_code, done.location) == (303, "/account/")
    user = user_of(app, cast.asha)
    assert getattr(user, kind) == target
    assert getattr(user, f"{kind}_verified_at") is not None
    page = client.get("/account/")
    assert written(target) in text_of(page)
    assert "Confirmed" in text_of(page)
    with app.app_context():
        told = db.session.scalars(sa.select(Message).filter_by(template="contact_changed")).all()
    assert [one.address for one in told] == [before]


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_the_present_address_is_confirmed_without_a_password(app, signed_in, cast, kind):
    with app.app_context():
        unproven(cast.asha)
    client = signed_in(cast.asha)
    assert "Not confirmed" in text_of(client.get("/account/"))
    answer = client.post(f"/account/{kind}/verify")
    assert answer.location == f"/account/{kind}/code"
    purpose = Purpose(kind)
    client.post(answer.location, data={"code": code_sent(app, purpose)})
    assert getattr(user_of(app, cast.asha), f"{kind}_verified_at") is not None
    assert len(events(app, "user.contact_verified")) == 1


@pytest.mark.parametrize("kind", ["email", "phone"])
@pytest.mark.parametrize("password", ["", "a wrong one"])
def test_a_new_address_needs_the_password(app, signed_in, cast, kind, password):
    target = NEW_EMAIL if kind == "email" else NEW_PHONE
    form = {"target": target, "password": password}
    answer = signed_in(cast.asha).post(f"/account/{kind}", data=form)
    assert answer.status_code == 422
    assert soup(answer).select_one("#password[aria-invalid=true]")
    assert soup(answer).select_one("#target")["value"] == target
    with app.app_context():
        assert db.session.scalars(sa.select(Message)).all() == []


@pytest.mark.parametrize(
    ("kind", "target"),
    [("email", ""), ("email", "nonsense"), ("email", "x" * 250 + "@cast.example"), ("phone", ""),
     ("phone", "12"), ("phone", "call me")],
)  # fmt: skip
def test_an_address_nobody_can_have_comes_back(signed_in, cast, kind, target):
    form = {"target": target, "password": PASSWORD}
    answer = signed_in(cast.asha).post(f"/account/{kind}", data=form)
    assert answer.status_code == 422
    assert soup(answer).select_one("#target[aria-invalid=true]")


@pytest.mark.parametrize(
    ("kind", "known", "unknown"),
    [("email", "bela@cast.example", NEW_EMAIL), ("phone", "+447700900001", NEW_PHONE)],
)
def test_whether_somebody_has_it_is_told_to_its_holder_alone(
    app, signed_in, cast, kind, known, unknown
):
    """Before the code the two cannot be told apart."""
    client, pages = signed_in(cast.asha), []
    for target in (unknown, known):
        answer = client.post(f"/account/{kind}", data={"target": target, "password": PASSWORD})
        assert answer.status_code == 303
        pages.append(client.get(answer.location).text.replace(_in_one_piece(target), "TARGET"))
    assert pages[0] == pages[1]
    wrong = client.post(f"/account/{kind}/code", data={"code": "000000"})
    assert "not right" in text_of(wrong)
    code = {"code": code_sent(app, Purpose(kind))}
    right = client.post(f"/account/{kind}/code", data=code)
    if kind == "phone":  # a family shares one
        assert right.status_code == 303
        return
    assert right.status_code == 422
    assert "already belongs to an account" in text_of(right)


def test_a_code_is_tried_five_times(app, signed_in, cast):
    client = signed_in(cast.asha)
    client.post("/account/email/verify")
    for _ in range(5):
        assert client.post("/account/email/code", data={"code": "000000"}).status_code == 422
    code = {"code": code_sent(app, Purpose.EMAIL)}
    assert client.post("/account/email/code", data=code).status_code == 429


def test_codes_are_not_sent_without_end(signed_in, cast):
    client = signed_in(cast.asha)
    for _ in range(6):
        assert client.post("/account/email/verify").status_code == 303
    assert client.post("/account/email/verify").status_code == 429


def test_without_a_code_on_its_way_there_is_nothing_to_enter(signed_in, cast):
    answer = signed_in(cast.asha).get("/account/email/code")
    assert answer.location == "/account/email"


def test_there_is_no_third_kind(signed_in, cast):
    assert signed_in(cast.asha).get("/account/fax").status_code == 404
