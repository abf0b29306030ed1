"""Limits hold however many come at once, and whoever they are behind an address."""

from collections import Counter

import pytest
import sqlalchemy as sa

from clinic.accounts.addresses import contact
from clinic.accounts.errors import NotYourPassword, WrongOtp, WrongPassword
from clinic.accounts.models import FailedTry, OneTimeKey
from clinic.accounts.people import newcomers, users
from clinic.accounts.people.newcomers import NewUser
from clinic.accounts.proof import checks, limits, passwords
from clinic.accounts.recovery import service as recovery
from clinic.accounts.signin import service
from clinic.core.data.db import db, transactional
from clinic.core.errors import TooMany
from clinic.core.web.security import client_address
from tests.accounts.account_words import log_in, otp, with_two_factor
from tests.cast import PASSWORD
from tests.conftest import Stage
from tests.crowd import at_once
from tests.pages import fields

HERE = "192.0.2.1"
NOOR = NewUser("staff", "Noor Aziz", "noor@cast.example")


def outcomes(answers):
    return Counter(type(one).__name__ for one in answers)


def counted(kind):
    query = sa.select(sa.func.count()).select_from(FailedTry).filter_by(kind=kind)
    return db.session.scalar(query)


class TestAtOnce:
    def test_ten_of_sixty_wrong_passwords_get_an_answer(self, both: Stage):
        answers = at_once(
            both.app,
            [
                lambda number=number: service.recognise(
                    both.cast.asha.email, f"a wrong one {number}", HERE
                )
                for number in range(60)
            ],
        )
        assert outcomes(answers) == {"WrongPassword": 10, "TooMany": 50}

    def test_ten_of_sixty_wrong_codes_get_an_answer(self, both: Stage):
        with_two_factor(both.app, both.cast.esha)
        with both.app.app_context():
            known = service.recognise(both.cast.esha.email, PASSWORD, HERE)
        answers = at_once(
            both.app,
            [
                lambda code=f"{number:010}": service.check_code(known, code, HERE)
                for number in range(60)
            ],
        )
        assert outcomes(answers) == {"WrongOtp": 10, "TooMany": 50}

    def test_ten_of_sixty_wrong_passwords_of_a_locked_screen(self, both: Stage):
        person = both.cast.esha.user_id
        answers = at_once(
            both.app, [lambda: checks.confirm_password(person, "a wrong one", HERE)] * 60
        )
        assert outcomes(answers) == {"NotYourPassword": 10, "TooMany": 50}

    def test_three_of_thirty_ask_for_a_reset(self, both: Stage):
        email = both.cast.asha.email
        answers = at_once(both.app, [lambda: recovery.forget(email, HERE)] * 30)
        assert outcomes(answers) == {"NoneType": 3, "TooMany": 27}
        with both.app.app_context():
            assert db.session.query(OneTimeKey).count() == 3

    def test_six_of_thirty_codes_are_sent(self, both: Stage):
        bela = both.cast.bela
        answers = at_once(
            both.app, [lambda: contact.send_code(bela.user_id, "email", bela.email, HERE)] * 30
        )
        assert outcomes(answers) == {"NoneType": 6, "TooMany": 24}

    def test_a_hospital_logs_in_at_eight(self, both: Stage):
        email = both.cast.esha.email
        answers = at_once(both.app, [lambda: service.recognise(email, PASSWORD, HERE)] * 30)
        assert outcomes(answers) == {"Known": 30}
        with both.app.app_context():
            assert counted("login") == 0


class TestWhileItWasLookedAt:
    """Its place is reserved: right or wrong, others have one less, and beyond nothing tells."""

    @pytest.fixture
    def guessed(self, monkeypatch):
        """Others guess while a password is hashed."""
        matches = passwords.matches

        def slowly(password, password_hash):
            for kind, account in self.others:
                for _ in range(9):
                    limits.count_try(kind, HERE, account)
                with pytest.raises(TooMany):
                    limits.count_try(kind, HERE, account)
            return matches(password, password_hash)

        monkeypatch.setattr(passwords, "matches", slowly)

    others = ()

    @pytest.mark.usefixtures("in_app", "guessed")
    def test_of_a_login(self, cast):
        self.others = [("login", cast.asha.email)]
        with pytest.raises(WrongPassword):
            service.recognise(cast.asha.email, "a wrong one", HERE)
        self.others = []
        with pytest.raises(TooMany):
            service.recognise(cast.asha.email, PASSWORD, HERE)
        assert counted("login") == 10

    @pytest.mark.usefixtures("in_app", "guessed")
    def test_of_a_login_that_is_right(self, cast):
        self.others = [("login", cast.asha.email)]
        assert service.recognise(cast.asha.email, PASSWORD, HERE)
        assert counted("login") == 9

    @pytest.mark.usefixtures("in_app", "guessed")
    def test_of_a_locked_screen(self, cast):
        self.others = [("confirm", str(cast.asha.user_id))]
        with pytest.raises(NotYourPassword):
            checks.confirm_password(cast.asha.user_id, "a wrong one", HERE)
        self.others = []
        with pytest.raises(TooMany):
            checks.confirm_password(cast.asha.user_id, PASSWORD, HERE)

    def test_of_a_code(self, app, cast, monkeypatch):
        with_two_factor(app, cast.esha)
        code = otp(app, cast.esha)
        check = service.two_factor.check

        def slowly(user_id, given):
            for _ in range(9):
                limits.count_try("otp", HERE, str(user_id))
            check(user_id, given)

        monkeypatch.setattr(service.two_factor, "check", slowly)
        with app.app_context():
            known = service.recognise(cast.esha.email, PASSWORD, HERE)
            with pytest.raises(WrongOtp):
                service.check_code(known, "0000000000", HERE)
            with pytest.raises(TooMany):
                service.check_code(known, code, HERE)


class TestInvitations:
    def test_a_mailbox_is_not_filled_with_them(self, in_app, cast):
        user_id = newcomers.create_managed(NOOR, cast.amir.actor)
        for _ in range(4):
            users.resend_invitation(user_id, cast.amir.actor)
        with pytest.raises(TooMany):
            users.resend_invitation(user_id, cast.amir.actor)
        assert db.session.query(OneTimeKey).filter_by(user_id=user_id).count() == 5

    def test_nor_in_a_day(self, in_app, cast, monday_morning):
        user_id = newcomers.create_managed(NOOR, cast.amir.actor)
        for _ in range(9):
            monday_morning.shift(3601)
            users.resend_invitation(user_id, cast.amir.actor)
        monday_morning.shift(3601)
        with pytest.raises(TooMany):
            users.resend_invitation(user_id, cast.amir.actor)

    def test_the_page_says_to_wait(self, app, signed_in, cast):
        with app.app_context():
            user_id = newcomers.create_managed(NOOR, cast.amir.actor)
        amir, path = signed_in(cast.amir), f"/admin/users/{user_id}/invite"
        statuses = [amir.post(path).status_code for _ in range(5)]
        assert statuses == [303] * 4 + [429]


class TestSignUps:
    FORM = {
        "full_name": "Nina New",
        "email": "nina@cast.example",
        "phone": "+447400123456",
        "password": "three lovely kettles",
    }

    @staticmethod
    @transactional
    def others_signed_up(many):
        for number in range(many):
            limits.count_try("newcomer", HERE, f"other{number}@cast.example")

    def sign_up(self, app, address=HERE, **changes):
        client, form = app.test_client(), {**self.FORM, **changes}
        return client.post("/signup", data=form, environ_base={"REMOTE_ADDR": address}).status_code

    def test_an_address_makes_thirty_an_hour(self, app, cast):
        with app.app_context():
            self.others_signed_up(29)
        assert self.sign_up(app) == 303
        another = {"email": "nils@cast.example", "phone": "+447400123457"}
        assert self.sign_up(app, **another) == 429
        assert self.sign_up(app, address="198.51.100.1", **another) == 303

    def test_who_was_refused_made_none(self, app, cast):
        assert self.sign_up(app, email=cast.asha.email) == 422
        with app.app_context():
            assert (counted("newcomer"), counted("signup")) == (0, 1)


class TestAddresses:
    @pytest.mark.parametrize(
        ("given", "counts_as"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("", ""),
            ("unix:", "unix:"),
        ],
    )
    def test_whom_limits_count(self, app, given, counts_as):
        with app.test_request_context(environ_base={"REMOTE_ADDR": given}):
            assert client_address() == counts_as

    def test_who_has_a_network_has_ten_tries(self, client, cast):
        for number in range(10):
            home = f"2001:db8::{number:x}"
            assert log_in(client, cast.asha.email, "a guess", home).status_code == 422
        assert log_in(client, cast.asha.email, address="2001:db8::ffff").status_code == 429
        assert log_in(client, cast.asha.email, address="2001:db8:0:1::1").status_code == 303


def test_strangers_keep_nobody_out_of_their_own_screen(app, cast, signed_in):
    for number in range(30):
        log_in(app.test_client(), cast.esha.email, "a guess", f"198.51.100.{number}")
    assert log_in(app.test_client(), cast.esha.email).status_code == 429
    answer = signed_in(cast.esha).post("/unlock", data={"password": PASSWORD})
    assert answer.status_code == 303, fields(answer, "/unlock")
