"""Two-factor by program: the same steps, letters and walls as on the account's page."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.accounts.errors import NotYourPassword
from clinic.accounts.proof import two_factor
from clinic.accounts.sessions import browsers, programs
from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging.models import Message
from tests.accounts.account_words import otp, user_of, with_two_factor
from tests.api.conftest import Caller
from tests.cast import PASSWORD, Cast
from tests.conftest import Stage, client_of
from tests.factories import set_rules, unproven

WRONG = "not the password"


def begun(caller: Caller) -> str:
    return caller.post("/auth/two-factor/begin").get_json()["secret"]


def switch_on(caller: Caller, secret: str, password: str = PASSWORD):
    given = {"password": password, "otp": pyotp.TOTP(secret).at(clock.now())}
    return caller.post("/auth/two-factor/on", given)


def state(caller: Caller):
    return caller.get("/auth/two-factor").get_json()


def letters(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Message.template)))


def type_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["type"].rpartition(":")[2]


def test_it_is_set_up_step_by_step(app: Flask, api, cast: Cast):
    asha = api(cast.asha)
    off = {
        "is_on": False, "is_required": False, "email_verified": True, "recovery_codes_left": 0,
    }  # fmt: skip
    assert state(asha) == off
    begin = asha.post("/auth/two-factor/begin").get_json()
    uri = urlsplit(begin["otpauth_uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path).endswith(cast.asha.email)
    assert parse_qs(uri.query)["secret"] == [begin["secret"]]
    assert state(asha) == off
    done = switch_on(asha, begin["secret"])
    assert done.status_code == 200
    assert len(set(done.get_json()["recovery_codes"])) == 10
    assert state(asha) == {**off, "is_on": True, "recovery_codes_left": 10}
    assert letters(app) == ["two_factor_on"]
    given = {"email": cast.asha.email, "password": PASSWORD}
    assert type_of(api(None).post("/auth/login", given)) == (401, "otp_required")
    code = {"otp": done.get_json()["recovery_codes"][0]}
    assert api(None).post("/auth/login", given | code).status_code == 200
    assert state(asha)["recovery_codes_left"] == 9


def test_switching_on_ends_what_the_password_alone_opened(app: Flask, api, cast: Cast):
    browser, other, here = client_of(app, cast.asha), api(cast.asha), api(cast.asha)
    assert switch_on(here, begun(here)).status_code == 200
    assert here.get("/auth/me").status_code == 200
    assert other.get("/auth/me").status_code == 401
    assert browser.get("/account/").status_code == 303


def test_nothing_is_switched_on_by_halves(app: Flask, api, cast: Cast):
    asha = api(cast.asha)
    given = {"password": PASSWORD, "otp": "000000"}
    assert type_of(asha.post("/auth/two-factor/on", given)) == (403, "wrong_otp")  # not begun
    secret = begun(asha)
    assert type_of(asha.post("/auth/two-factor/on", given)) == (403, "wrong_otp")
    assert type_of(switch_on(asha, secret, WRONG)) == (403, "wrong_password")
    assert user_of(app, cast.asha).totp_enabled_at is None
    assert letters(app) == []


def test_a_secret_that_somebody_else_saw_is_replaced(api, cast: Cast):
    thief, owner = api(cast.asha), api(cast.asha)
    planted = begun(thief)
    assert begun(owner) != planted
    assert switch_on(owner, planted).status_code == 403


def test_an_address_is_proven_first(app: Flask, api, cast: Cast):
    with app.app_context():
        unproven(cast.asha)
    asha = api(cast.asha)
    assert state(asha)["email_verified"] is False
    assert type_of(asha.post("/auth/two-factor/begin")) == (409, "email_not_proven")
    assert user_of(app, cast.asha).totp_secret is None


def test_what_is_on_is_not_begun_again(app: Flask, api, cast: Cast):
    with_two_factor(app, cast.asha)
    asha = api(cast.asha)
    assert type_of(asha.post("/auth/two-factor/begin")) == (409, "two_factor_on")
    given = {"password": PASSWORD, "otp": otp(app, cast.asha)}
    assert type_of(asha.post("/auth/two-factor/on", given)) == (409, "two_factor_on")


def test_new_recovery_codes_end_the_older_ones(app: Flask, api, cast: Cast):
    asha, path = api(cast.asha), "/auth/two-factor/codes"
    given = {"password": PASSWORD, "otp": "000000"}
    assert type_of(asha.post(path, given)) == (409, "two_factor_off")
    old = with_two_factor(app, cast.asha)
    asha = api(cast.asha)
    assert asha.post(path, {"password": PASSWORD}).status_code == 400
    assert type_of(asha.post(path, {"password": WRONG, "otp": old[1]})) == (403, "wrong_password")
    assert type_of(asha.post(path, given)) == (403, "wrong_otp")
    new = asha.post(path, {**given, "otp": old[1]}).get_json()["recovery_codes"]
    assert len(set(new) - set(old)) == 10
    assert letters(app) == ["two_factor_on", "recovery_code_used", "recovery_codes_renewed"]
    login = {"email": cast.asha.email, "password": PASSWORD}
    assert api(None).post("/auth/login", {**login, "otp": old[0]}).status_code == 401
    assert api(None).post("/auth/login", {**login, "otp": new[0]}).status_code == 200


def test_it_goes_off_by_password_and_code_alone(app: Flask, api, cast: Cast):
    codes = with_two_factor(app, cast.asha)
    asha, path = api(cast.asha), "/auth/two-factor/off"
    assert asha.post(path, {"password": PASSWORD}).status_code == 400
    assert asha.post(path, {"otp": codes[0]}).status_code == 400
    wrong = asha.post(path, {"password": WRONG, "otp": codes[0]})
    assert type_of(wrong) == (403, "wrong_password")
    wrong = asha.post(path, {"password": PASSWORD, "otp": "000000"})
    assert type_of(wrong) == (403, "wrong_otp")
    assert state(asha)["is_on"]
    assert asha.post(path, {"password": PASSWORD, "otp": codes[0]}).status_code == 204
    assert not state(asha)["is_on"]
    assert user_of(app, cast.asha).totp_secret is None
    assert "two_factor_off" in letters(app)


def test_guessing_here_and_on_the_page_is_counted_together(app: Flask, api, cast: Cast):
    with_two_factor(app, cast.asha)
    asha, browser = api(cast.asha), client_of(app, cast.asha)
    by_program = {"password": PASSWORD, "otp": "000000"}
    by_page = {"off-password": PASSWORD, "off-code": "000000"}
    for _ in range(5):
        assert asha.post("/auth/two-factor/off", by_program).status_code == 403
        assert browser.post("/account/two-factor/off", data=by_page).status_code == 422
    assert asha.post("/auth/two-factor/off", by_program).status_code == 429
    assert browser.post("/account/two-factor/off", data=by_page).status_code == 429


def test_guessing_the_password_here_and_on_the_page_is_counted_together(app, api, cast: Cast):
    asha, browser = api(cast.asha), client_of(app, cast.asha)
    by_page = {"old_password": WRONG, "password": "another three words"}
    for _ in range(5):
        given = {"password": WRONG, "otp": "000000"}
        assert asha.post("/auth/two-factor/on", given).status_code == 403
        assert browser.post("/account/password", data=by_page).status_code == 422
    assert asha.post("/auth/two-factor/codes", {**given, "password": PASSWORD}).status_code == 429


class TestWhereItIsRequired:
    @pytest.fixture(autouse=True)
    def _required(self, app: Flask, cast: Cast) -> None:
        with app.app_context():
            set_rules(cast.harbour, two_factor_required=True)

    def test_a_program_can_go_the_way_there(self, api, cast: Cast):
        esha = api(cast.esha)
        assert type_of(esha.get("/auth/me")) == (403, "two_factor_setup_required")
        assert type_of(esha.get("/auth/sessions")) == (403, "two_factor_setup_required")
        assert state(esha)["is_required"]
        assert switch_on(esha, begun(esha)).status_code == 200
        assert esha.get("/auth/me").status_code == 200

    def test_an_address_can_be_proven_on_the_way(self, app: Flask, api, cast: Cast):
        with app.app_context():
            unproven(cast.esha)
        esha = api(cast.esha)
        assert esha.post("/users/me/verify/send", {"kind": "email"}).status_code == 204
        given = {"kind": "email", "code": "000000"}
        assert type_of(esha.post("/users/me/verify", given)) == (400, "wrong_code")
        assert type_of(esha.patch("/users/me", {"language": "hi"}))[0] == 403

    def test_it_stays_on(self, app: Flask, api, cast: Cast):
        codes = with_two_factor(app, cast.esha)
        given = {"password": PASSWORD, "otp": codes[0]}
        answer = api(cast.esha).post("/auth/two-factor/off", given)
        assert type_of(answer) == (409, "two_factor_required")
        assert user_of(app, cast.esha).totp_enabled_at is not None


def test_who_was_signed_out_meanwhile_locks_nobody_out(app: Flask, api, cast: Cast):
    """The owner took the account back between the thief's password and the thief's code."""
    thief = api(cast.asha)
    secret = begun(thief)
    with app.app_context():
        family = programs.load(thief.pair.access_token).session_id
        browsers.end_all(cast.asha.user_id)
        code = pyotp.TOTP(secret).at(clock.now())
        with pytest.raises(NotYourPassword):
            two_factor.switch_on(cast.asha.user_id, family, code, cast.asha.actor)
    assert user_of(app, cast.asha).totp_enabled_at is None


def test_of_many_who_switch_on_at_once_one_gets_the_codes(both: Stage):
    asha = Caller(both.app, both.cast.asha)
    secret = begun(asha)

    def at_once(_: int):
        caller = Caller(both.app, None)
        caller.headers = asha.headers
        return switch_on(caller, secret)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(at_once, range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert state(asha)["recovery_codes_left"] == 10
