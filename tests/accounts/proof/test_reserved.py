"""Tries are counted before what they cost, and given back when they were right."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.models import FailedTry
from clinic.accounts.proof import checks, limits, passwords
from clinic.accounts.signin import service
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import TooMany, Unavailable
from tests.accounts.account_words import otp, with_two_factor
from tests.cast import NOW, PASSWORD
from tests.conftest import Stage
from tests.crowd import at_once

HERE = "192.0.2.1"


def outcomes(answers):
    return Counter(type(one).__name__ for one in answers)


def kept():
    db.session.rollback()
    rows = db.session.execute(sa.select(FailedTry.kind, FailedTry.is_open)).all()
    return [tuple(row) for row in rows]


@pytest.fixture
def hashed(monkeypatch):
    """What was hashed, slowly."""
    looked_at, matches = [], passwords.matches

    def slowly(password, password_hash):
        looked_at.append(password)
        threading.Event().wait(0.05)
        return matches(password, password_hash)

    monkeypatch.setattr(passwords, "matches", slowly)
    return looked_at


class TestBeforeHashing:
    def test_forty_logins_hash_ten_times(self, both: Stage, hashed):
        email = both.cast.asha.email
        answers = at_once(both.app, [lambda: service.recognise(email, "a wrong one", HERE)] * 40)
        assert outcomes(answers) == {"WrongPassword": 10, "TooMany": 30}
        assert len(hashed) == 10

    def test_forty_unlocks_hash_ten_times(self, both: Stage, hashed):
        person = both.cast.asha.user_id
        answers = at_once(
            both.app, [lambda: checks.confirm_password(person, "a wrong one", HERE)] * 40
        )
        assert outcomes(answers) == {"NotYourPassword": 10, "TooMany": 30}
        assert len(hashed) == 10

    def test_forty_codes_are_looked_at_ten_times(self, both: Stage, monkeypatch):
        with_two_factor(both.app, both.cast.esha)
        looked_at, check = [], service.two_factor.check
        monkeypatch.setattr(
            service.two_factor, "check", lambda *given: looked_at.append(1) or check(*given)
        )
        with both.app.app_context():
            known = service.recognise(both.cast.esha.email, PASSWORD, HERE)
        answers = at_once(both.app, [lambda: service.check_code(known, "0000000000", HERE)] * 40)
        assert outcomes(answers) == {"WrongOtp": 10, "TooMany": 30}
        assert len(looked_at) == 10

    def test_who_is_right_waits_for_a_place_instead_of_being_refused(self, both: Stage, hashed):
        email = both.cast.esha.email
        answers = at_once(both.app, [lambda: service.recognise(email, PASSWORD, HERE)] * 25)
        assert outcomes(answers) == {"Known": 25}
        with both.app.app_context():
            assert kept() == []

    def test_right_and_wrong_ones_at_once(self, both: Stage, hashed):
        email = both.cast.esha.email
        answers = at_once(
            both.app,
            [lambda: service.recognise(email, "a wrong one", HERE)] * 9
            + [lambda: service.recognise(email, PASSWORD, HERE)] * 9,
        )
        assert outcomes(answers) == {"WrongPassword": 9, "Known": 9}
        with both.app.app_context():
            assert kept() == [("login", False)] * 9


class TestTheReservation:
    def test_is_given_back_and_nothing_stays(self, app, cast):
        with_two_factor(app, cast.esha)
        with app.app_context():
            known = service.recognise(cast.esha.email, PASSWORD, HERE)
            service.check_code(known, otp(app, cast.esha), HERE)
            checks.confirm_password(cast.esha.user_id, PASSWORD, HERE)
            assert kept() == []

    def test_stands_when_it_was_wrong(self, in_app):
        with pytest.raises(ZeroDivisionError), limits.reserved("login", HERE, "x"):
            assert kept() == [("login", True)]
            raise ZeroDivisionError
        assert kept() == [("login", False)]

    def test_is_given_back_when_we_were_busy(self, in_app, cast, monkeypatch):
        monkeypatch.setattr(passwords._hashing, "wait_s", 0.01)
        with passwords._hashing.one(), passwords._hashing.one():
            for _ in range(12):
                with pytest.raises(Unavailable):
                    service.recognise(cast.asha.email, PASSWORD, HERE)
        assert kept() == []

    def test_of_a_process_that_died_counts_as_wrong(self, in_app, monkeypatch):
        monkeypatch.setattr(limits, "TURN_S", 0.01)
        for _ in range(10):
            limits._reserve("login", HERE, "x")
        with pytest.raises(Unavailable), limits.reserved("login", HERE, "x"):
            pass
        with (
            clock.travelled(NOW + limits.OPEN_FOR + timedelta(seconds=5)),
            pytest.raises(TooMany),
            limits.reserved("login", HERE, "x"),
        ):
            pass


def test_who_hashes_waits_for_a_turn_but_not_for_long(client, cast, monkeypatch):
    monkeypatch.setattr(passwords._hashing, "wait_s", 0.01)
    with passwords._hashing.one(), passwords._hashing.one():
        answer = client.post("/login", data={"email": cast.asha.email, "password": PASSWORD})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
