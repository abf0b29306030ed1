"""M10: the owner of an account hears by e-mail of what changes who can get in."""

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from tests.accounts.account_words import log_in, otp, user_of, with_two_factor
from tests.cast import PASSWORD
from tests.factories import unproven


def letters(app):
    with app.app_context():
        return db.session.scalars(sa.select(Message).order_by(Message.created_at)).all()


def names(app):
    with app.app_context():
        return set(db.session.scalars(sa.select(EventRow.name)))


def test_two_factor_on_is_told(app, cast):
    with_two_factor(app, cast.asha)
    (letter,) = letters(app)
    assert (letter.template, letter.channel, letter.address) == (
        "two_factor_on", "email", cast.asha.email,
    )  # fmt: skip
    assert letter.subject == "Two-factor is switched on"
    assert cast.asha.name not in letter.body


def test_two_factor_off_is_told(app, signed_in, cast):
    with_two_factor(app, cast.asha)
    form = {"off-password": PASSWORD, "off-code": otp(app, cast.asha)}
    signed_in(cast.asha).post("/account/two-factor/off", data=form)
    assert [one.template for one in letters(app)] == ["two_factor_on", "two_factor_off"]
    assert "user.two_factor_disabled" in names(app)


def test_new_recovery_codes_are_told(app, signed_in, cast):
    old = with_two_factor(app, cast.asha)
    form = {"renew-password": PASSWORD, "renew-code": otp(app, cast.asha)}
    page = signed_in(cast.asha).post("/account/two-factor/codes", data=form)
    told = letters(app)[-1]
    assert told.template == "recovery_codes_renewed"
    assert "user.recovery_codes_renewed" in names(app)
    assert not any(code in told.body for code in (*old, *page.text.split()) if "-" in code)


def test_a_recovery_code_that_was_used_is_told(app, client, cast):
    code = with_two_factor(app, cast.asha)[0]
    log_in(client, cast.asha.email)
    assert client.post("/login/code", data={"code": code}).status_code == 303
    assert "recovery_code_used" in [one.template for one in letters(app)]
    assert "user.recovery_code_used" in names(app)


def test_a_code_of_the_app_is_no_news(app, client, cast):
    with_two_factor(app, cast.asha)
    log_in(client, cast.asha.email)
    client.post("/login/code", data={"code": otp(app, cast.asha)})
    assert "recovery_code_used" not in [one.template for one in letters(app)]


def test_letters_speak_the_owners_language(app, cast):
    with app.app_context():
        set_language(cast.asha.user_id, "hi")
    with_two_factor(app, cast.asha)
    assert letters(app)[-1].language == "hi"


@transactional
def set_language(user_id, language):
    db.session.get_one(User, user_id).language = language


@pytest.mark.parametrize("code", ["", "000000"])
def test_switching_off_asks_for_a_code_as_well(app, signed_in, cast, code):
    with_two_factor(app, cast.asha)
    form = {"off-password": PASSWORD, "off-code": code}
    answer = signed_in(cast.asha).post("/account/two-factor/off", data=form)
    assert answer.status_code == 422
    assert user_of(app, cast.asha).totp_enabled_at is not None


def test_a_recovery_code_switches_it_off_where_the_phone_is_lost(app, signed_in, cast):
    code = with_two_factor(app, cast.asha)[0]
    form = {"off-password": PASSWORD, "off-code": code}
    answer = signed_in(cast.asha).post("/account/two-factor/off", data=form)
    assert answer.location == "/account/two-factor"
    assert user_of(app, cast.asha).totp_enabled_at is None


def test_codes_are_not_guessed_there(app, signed_in, cast):
    with_two_factor(app, cast.asha)
    client = signed_in(cast.asha)
    for number in range(10):
        form = {"off-password": PASSWORD, "off-code": f"{number:06}"}
        assert client.post("/account/two-factor/off", data=form).status_code == 422
    form = {"off-password": PASSWORD, "off-code": otp(app, cast.asha)}
    assert client.post("/account/two-factor/off", data=form).status_code == 429


def new_devices(app):
    return [one.template for one in letters(app)].count("new_device")


def test_a_first_log_in_on_a_new_device_is_told(app, cast):
    laptop, phone = app.test_client(), app.test_client()
    log_in(laptop, cast.asha.email)
    assert new_devices(app) == 0  # the very first: there is nothing to compare with
    log_in(phone, cast.asha.email)
    assert new_devices(app) == 1
    assert "user.new_device" in names(app)
    for known in (laptop, phone):
        known.post("/logout")
        log_in(known, cast.asha.email)
    assert new_devices(app) == 1


def test_a_program_is_a_device_by_its_name(app, cast):
    def log_in_as(agent):
        form = {"email": cast.asha.email, "password": PASSWORD}
        headers = {"User-Agent": agent}
        app.test_client().post("/api/v1/auth/login", json=form, headers=headers)
        return new_devices(app)

    assert [log_in_as(agent) for agent in ("app", "app", "script", "script", "app")] == [
        0, 0, 1, 1, 1,
    ]  # fmt: skip


def test_an_address_that_nobody_proved_is_not_written_to_by_log_ins(app, cast):
    with app.app_context():
        unproven(cast.asha)
    for _ in range(3):
        log_in(app.test_client(), cast.asha.email)
    assert new_devices(app) == 0
    assert "user.new_device" in names(app)
