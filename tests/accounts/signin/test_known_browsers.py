"""P27: strangers who guess at an account, or neighbours at theirs, lock nobody else out."""

from datetime import timedelta

import pytest

from clinic.accounts.addresses import claims
from clinic.accounts.models import User
from clinic.accounts.proof import limits
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.sessions import known_browsers
from clinic.accounts.signin import service
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import TooMany
from clinic.factory import create_app
from tests.accounts.account_words import NEW, link_for, log_in, otp, user_of, with_two_factor
from tests.cast import NOW, PASSWORD
from tests.conftest import Stage, settings_for
from tests.crowd import at_once

API = "/api/v1/auth/login"


def strangers_guess(app, email):
    """Until the account is closed to browsers that it does not know."""
    with app.app_context():
        transactional(
            lambda: [limits.count_try("login", f"198.51.100.{one}", email) for one in range(30)]
        )()
    assert log_in(app.test_client(), email).status_code == 429


def known_to(app, person):
    """A browser in which the person signed in and out."""
    client = app.test_client()
    assert log_in(client, person.email).status_code == 303
    client.post("/logout")
    return client


def cookie_of(client):
    return client.get_cookie("known").value


def by_api(app, email, password=PASSWORD, address="192.0.2.1"):
    given = {"email": email, "password": password}
    return app.test_client().post(API, json=given, environ_base={"REMOTE_ADDR": address})


class TestStrangers:
    def test_do_not_close_the_account_to_a_browser_it_knows(self, app, cast):
        home = known_to(app, cast.dr_chandra)
        for number in range(30):
            log_in(app.test_client(), cast.dr_chandra.email, "a guess", f"198.51.100.{number}")
        assert log_in(app.test_client(), cast.dr_chandra.email).status_code == 429
        assert log_in(home, cast.dr_chandra.email, "a slip").status_code == 422
        assert log_in(home, cast.dr_chandra.email).status_code == 303

    def test_nor_by_number(self, app, cast):
        with app.app_context():
            number = db.session.get_one(User, cast.asha.user_id).phone
        home = known_to(app, cast.asha)
        strangers_guess(app, number)
        assert log_in(home, number).status_code == 303
        home.post("/logout")
        home.post(link_for(app, cast.asha), data={"password": NEW})
        assert log_in(app.test_client(), number, NEW).status_code == 303

    def test_nor_of_who_has_a_second_factor(self, app, cast):
        with_two_factor(app, cast.esha)
        home = app.test_client()
        log_in(home, cast.esha.email)
        assert home.get_cookie("known") is None  # half of it is not enough
        home.post("/login/code", data={"code": otp(app, cast.esha)})
        home.post("/logout")
        strangers_guess(app, cast.esha.email)
        assert log_in(home, cast.esha.email).location == "/login/code"

    def test_are_told_of_by_words_that_know_a_way_on(self, app, cast):
        strangers_guess(app, cast.asha.email)
        for answer in (log_in(app.test_client(), cast.asha.email), by_api(app, cast.asha.email)):
            assert answer.status_code == 429
            assert "Forgot your password?" in answer.get_data(as_text=True).replace('\\"', '"')

    def test_are_shaken_off_by_a_reset(self, app, cast):
        strangers_guess(app, cast.asha.email)
        phone = app.test_client()
        assert phone.post(link_for(app, cast.asha), data={"password": NEW}).status_code == 303
        assert log_in(app.test_client(), cast.asha.email, NEW).status_code == 303
        assert by_api(app, cast.asha.email, NEW).status_code == 200
        strangers_guess(app, cast.asha.email)
        assert log_in(phone, cast.asha.email, NEW).status_code == 303  # it spent the link

    def test_do_not_keep_a_known_browser_from_asking_for_a_reset(self, app, cast):
        home = known_to(app, cast.asha)

        def ask(client, address):
            form = {"email": cast.asha.email}
            answer = client.post("/forgot", data=form, environ_base={"REMOTE_ADDR": address})
            return answer.status_code

        for number in range(10):
            assert ask(app.test_client(), f"198.51.100.{number}") == 303
        assert ask(app.test_client(), "192.0.2.1") == 429
        assert [ask(home, "192.0.2.1") for _ in range(4)] == [303, 303, 303, 429]

    def test_do_not_end_the_tokens_of_a_program(self, app, cast):
        """A program has no cookie, but who is signed in stays it: what is closed is guessing."""
        pair = by_api(app, cast.asha.email).json
        strangers_guess(app, cast.asha.email)
        assert by_api(app, cast.asha.email).status_code == 429
        given = {"refresh_token": pair["refresh_token"]}
        assert app.test_client().post("/api/v1/auth/refresh", json=given).status_code == 200


class TestNeighbours:
    def test_close_no_other_account_of_their_address(self, app, cast):
        for _ in range(12):
            log_in(app.test_client(), cast.bela.email, "a guess")
        assert log_in(app.test_client(), cast.bela.email).status_code == 429
        assert log_in(app.test_client(), cast.asha.email).status_code == 303
        assert by_api(app, cast.asha.email).status_code == 200

    def test_nor_do_programs(self, app, cast):
        statuses = [by_api(app, cast.bela.email, "a guess").status_code for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert by_api(app, cast.asha.email).status_code == 200
        assert log_in(app.test_client(), cast.asha.email).status_code == 303

    def test_are_all_refused_beyond_a_hundred_guesses(self, app, cast):
        for number in range(100):
            log_in(app.test_client(), f"x{number // 9}@cast.example", "a guess")
        assert log_in(app.test_client(), cast.asha.email).status_code == 429


class TestACookie:
    """Gives a counter of its own, to one account; it opens nothing."""

    def test_has_ten_tries_a_minute_and_thirty_an_hour(self, app, cast, monday_morning):
        home, statuses = known_to(app, cast.asha), []
        for _ in range(4):
            statuses += [log_in(home, cast.asha.email, "a guess").status_code for _ in range(11)]
            monday_morning.shift(61)
        assert statuses == ([422] * 10 + [429]) * 3 + [429] * 11
        assert log_in(home, cast.asha.email).status_code == 429
        assert log_in(app.test_client(), cast.asha.email).status_code == 303

    @pytest.mark.parametrize(
        "forge",
        [
            lambda mine, other: "",
            lambda mine, other: other,
            lambda mine, other: mine[:-1] + ("0" if mine[-1] != "0" else "1"),
            lambda mine, other: "9" + mine,
            lambda mine, other: f"999999.{mine.partition('.')[2]}",
            lambda mine, other: f"{'9' * 5000}.{mine.partition('.')[2]}",
            lambda mine, other: ":".join([other] * 20 + [mine]),  # beyond what is looked at
            lambda mine, other: "\u0661\u0662" * 600,
            lambda mine, other: "\ud800:" * 30,
        ],
    )
    def test_that_is_another_accounts_or_forged_gives_nothing(self, app, cast, forge):
        mine, other = cookie_of(known_to(app, cast.asha)), cookie_of(known_to(app, cast.bela))
        strangers_guess(app, cast.asha.email)
        with app.app_context(), pytest.raises(TooMany):
            service.recognise(cast.asha.email, PASSWORD, "192.0.2.1", forge(mine, other))

    def test_of_ninety_days_ago_gives_nothing(self, app, cast):
        home, asha = cookie_of(known_to(app, cast.asha)), user_of(app, cast.asha)
        with app.app_context():
            for days, kind in ((89, "login_known"), (91, "login")):
                with clock.travelled(NOW + timedelta(days=days)):
                    found, _ = known_browsers.counted_by("login", [asha], "", home)
                    assert found == kind

    def test_ends_with_the_password(self, app, cast):
        """Whoever knew the old one may have made many."""
        stolen, home = known_to(app, cast.asha), app.test_client()
        log_in(home, cast.asha.email)
        form = {"old_password": PASSWORD, "password": NEW, "again": NEW}
        assert home.post("/account/password", data=form).status_code == 303
        home.post("/logout")
        strangers_guess(app, cast.asha.email)
        assert log_in(stolen, cast.asha.email, NEW).status_code == 429
        assert log_in(home, cast.asha.email, NEW).status_code == 303

    def test_of_a_front_desk_knows_all_who_work_there(self, app, cast, monday_morning):
        desk = app.test_client()
        people = [cast.esha, cast.dr_chandra, cast.amir, cast.esha]
        for person in people:
            assert log_in(desk, person.email).status_code == 303
            desk.post("/logout")
        assert len(cookie_of(desk).split(":")) == 3
        for person in people[:3]:
            strangers_guess(app, person.email)
            monday_morning.shift(3600)
            strangers_guess(app, person.email)
            assert log_in(desk, person.email).status_code == 303
            desk.post("/logout")

    def test_does_not_grow_for_ever(self, in_app, cast):
        value = ""
        for _ in range(30):
            value = ":".join(
                [known_browsers.with_account("", cast.asha.user_id), *value.split(":")]
            )
            value = known_browsers.with_account(value, cast.bela.user_id)
        assert len(value.split(":")) <= known_browsers.MOST_ACCOUNTS
        assert len(value) < 1200

    def test_is_kept_from_scripts_and_names_nobody(self, app, client, cast):
        cookies = log_in(client, cast.asha.email).headers.getlist("Set-Cookie")
        (flags,) = [one for one in cookies if one.startswith("known=")]
        assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7776000"} <= set(flags.split("; "))
        assert str(cast.asha.user_id) not in flags
        assert "asha" not in flags

    def test_needs_https_in_production(self, tmp_path):
        settings = settings_for(tmp_path).model_copy(update={"secure_cookies": True})
        assert create_app(settings).config["KNOWN_COOKIE_NAME"] == "__Host-known"

    def test_opens_nothing(self, app, cast):
        home = known_to(app, cast.asha)
        assert home.get("/appointments/").location.startswith("/login")
        assert log_in(home, cast.asha.email, "a guess").status_code == 422

    def test_is_given_at_sign_up(self, app):
        form = {
            "full_name": "Nina New",
            "email": "nina@cast.example",
            "phone": "+447400123456",
            "password": "three lovely kettles",
        }
        client = app.test_client()
        assert client.post("/signup", data=form).status_code == 303
        with app.app_context():
            nina = claims.log_in_with("nina@cast.example", known_browsers.ACCOUNT)
            kind, source = known_browsers.counted_by("login", nina, "", cookie_of(client))
        assert kind == "login_known"
        assert len(source) < 64

    def test_an_invitation_gives_one(self, app, cast):
        client = app.test_client()
        link = link_for(app, cast.asha, Purpose.INVITATION)
        assert client.post(link, data={"password": NEW}).status_code == 303
        assert cookie_of(client)


def test_strangers_and_the_owner_at_once(both: Stage):
    asha = both.cast.asha.email
    with both.app.app_context():
        home = known_browsers.with_account("", both.cast.asha.user_id)
    strangers = [
        lambda number=number: service.recognise(asha, "a guess", f"198.51.100.{number}")
        for number in range(40)
    ]
    answers = at_once(
        both.app,
        [*strangers, *[lambda: service.recognise(asha, PASSWORD, "192.0.2.1", home)] * 5],
    )
    told = [type(one).__name__ for one in answers]
    assert told[40:] == ["Known"] * 5
    assert sorted(told[:40]) == ["TooMany"] * 10 + ["WrongPassword"] * 30
