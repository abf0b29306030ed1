"""One's own account, by program."""

import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from clinic.accounts.models import User
from clinic.accounts.proof import keys
from clinic.accounts.proof.keys import Purpose
from clinic.core.data.db import db
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from tests.cast import PASSWORD, Cast
from tests.conftest import client_of
from tests.factories import unproven


def last_words(app: Flask, address: str) -> str:
    """What the message to this address says once its placeholders are filled."""
    with app.app_context():
        body = db.session.scalars(
            sa.select(Message.body)
            .where(Message.address == address)
            .order_by(Message.created_at.desc())
        ).first()
        assert body is not None
        stored = rendering.with_dots(body)
        assert not re.search(r"\d{6}", stored)  # what is stored opens nothing
        words = rendering.with_secrets(body)
        db.session.remove()
    return words


def code_sent(app: Flask, address: str) -> str:
    found = re.search(r"\b\d{6}\b", last_words(app, address))
    assert found
    return found[0]


def test_changes_are_kept(api, cast: Cast):
    asha = api(cast.asha)
    changes = {"full_name": "Asha R. Rao", "language": "hi", "timezone": "Asia/Kolkata"}
    answer = asha.patch("/users/me", changes)
    assert answer.status_code == 200
    kept = asha.get("/users/me").get_json()
    assert kept == answer.get_json()
    assert changes.items() <= kept.items()
    assert kept["email"] == cast.asha.email


def test_a_wrong_zone_is_named(api, cast: Cast):
    answer = api(cast.asha).patch("/users/me", {"timezone": "Mars/Olympus"})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"] == "timezone"


def test_role_and_organisation_are_not_ones_own_to_change(api, cast: Cast):
    for name, value in (("role", "superadmin"), ("organisation_id", None), ("is_active", False)):
        assert api(cast.esha).patch("/users/me", {name: value}).status_code == 400


def test_a_new_phone_counts_once_its_code_came_back(app: Flask, api, cast: Cast):
    asha, new = api(cast.asha), "+447400999111"
    assert asha.patch("/users/me", {"phone": new}).status_code == 400  # without the password
    given = {"phone": new, "current_password": PASSWORD}
    before = asha.patch("/users/me", given).get_json()["phone"]
    assert before != new
    wrong = asha.post("/users/me/verify", {"kind": "phone", "code": "000000"})
    assert wrong.status_code == 400
    code = code_sent(app, new)
    after = asha.post("/users/me/verify", {"kind": "phone", "code": code}).get_json()
    assert (after["phone"], after["phone_verified"]) == (new, True)
    assert "changed" in last_words(app, before)
    again = asha.post("/users/me/verify", {"kind": "phone", "code": code})
    assert again.status_code == 400  # it worked once


def test_somebody_elses_address_is_told_only_to_who_reads_it(app: Flask, api, cast: Cast):
    asha = api(cast.asha)
    given = {"email": cast.bela.email, "current_password": PASSWORD}
    assert asha.patch("/users/me", given).status_code == 200
    code = code_sent(app, cast.bela.email)
    assert asha.post("/users/me/verify", {"kind": "email", "code": code}).status_code == 409


def test_five_wrong_codes_spend_it(app: Flask, api, cast: Cast):
    asha, new = api(cast.asha), "+447400999222"
    asha.patch("/users/me", {"phone": new, "current_password": PASSWORD})
    code = code_sent(app, new)
    wrong = "000000" if code != "000000" else "000001"
    statuses = [
        asha.post("/users/me/verify", {"kind": "phone", "code": wrong}).status_code
        for _ in range(6)
    ]
    assert statuses == [400] * 5 + [429]
    refused = asha.post("/users/me/verify", {"kind": "phone", "code": code})
    assert refused.status_code == 429
    left = keys.LIFETIME[Purpose.PHONE].total_seconds()  # until then this code stands in the way
    assert left - 5 <= int(refused.headers["Retry-After"]) <= left + 1


def test_the_password_is_changed_and_all_others_are_out(api, cast: Cast):
    here, elsewhere = api(cast.asha), api(cast.asha)
    given = {"current_password": PASSWORD, "new_password": "four quiet harbours"}
    assert here.post("/users/me/password", given).status_code == 204
    assert here.get("/users/me").status_code == 200
    assert elsewhere.get("/users/me").status_code == 401
    login = {"email": cast.asha.email, "password": "four quiet harbours"}
    assert api(None).post("/auth/login", login).status_code == 200


def test_an_easy_new_password_is_named(api, cast: Cast):
    given = {"current_password": PASSWORD, "new_password": "password1"}
    answer = api(cast.asha).post("/users/me/password", given)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.get_json()["errors"]] == ["new_password"]


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_the_address_of_the_account_is_proven(app: Flask, api, cast: Cast, kind):
    with app.app_context():
        unproven(cast.asha)
    asha = api(cast.asha)
    me = asha.get("/users/me").get_json()
    assert me[f"{kind}_verified"] is False
    assert asha.post("/users/me/verify/send", {"kind": kind}).status_code == 204
    given = {"kind": kind, "code": code_sent(app, me[kind])}
    assert asha.post("/users/me/verify", given).get_json()[f"{kind}_verified"] is True


def test_what_an_account_does_not_have_is_not_proven(app: Flask, api, cast: Cast):
    with app.app_context():
        db.session.execute(
            sa.update(User)
            .where(User.id == cast.asha.user_id)
            .values(phone=None, phone_verified_at=None)
        )
        db.session.commit()
    answer = api(cast.asha).post("/users/me/verify/send", {"kind": "phone"})
    assert (answer.status_code, answer.get_json()["type"]) == (409, "urn:clinic:problem:no_address")


def test_codes_are_counted_together_with_the_page(app: Flask, api, cast: Cast):
    with app.app_context():
        unproven(cast.asha)
    asha, browser = api(cast.asha), client_of(app, cast.asha)
    for _ in range(3):
        assert asha.post("/users/me/verify/send", {"kind": "email"}).status_code == 204
        assert browser.post("/account/phone/verify").status_code == 303
    assert asha.post("/users/me/verify/send", {"kind": "email"}).status_code == 429


def test_a_number_is_read_as_ones_own_clinic_writes_it(app: Flask, api, cast: Cast):
    """Farid works in India."""
    given = {"phone": "098765 43210", "current_password": PASSWORD}
    assert api(cast.farid).patch("/users/me", given).status_code == 200
    with app.app_context():
        sent = db.session.scalars(sa.select(Message.address)).one()
    assert sent == "+919876543210"


def picture(size: int = 600) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (size, size), "teal").save(made, "PNG")
    return made.getvalue()


def send(caller, data: bytes, name: str = "photo"):
    """As bytes: the test client would leave large forms behind as open files."""
    body = (
        f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="../../me.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode() + data + b"\r\n--edge--\r\n"  # fmt: skip
    return caller.ask(
        "POST", "/users/me/photo", data=body, content_type="multipart/form-data; boundary=edge"
    )


def test_a_photo_is_kept(api, cast: Cast):
    sent = send(api(cast.asha), picture())
    assert sent.status_code == 200
    assert sent.get_json()["has_photo"] is True
    asha = api(cast.asha)
    assert asha.delete("/users/me/photo").status_code == 204
    assert asha.get("/users/me").get_json()["has_photo"] is False


def test_what_is_no_photo_is_refused(api, cast: Cast):
    asha = api(cast.asha)
    text = send(asha, b"text")
    assert (text.status_code, text.get_json()["type"]) == (400, "urn:clinic:problem:bad_photo")
    assert send(asha, b"x" * (2 * 1024 * 1024 + 1)).status_code == 413
    assert send(asha, b"x" * (3 * 1024 * 1024)).status_code == 413
    assert send(asha, picture(), "picture").status_code == 400
