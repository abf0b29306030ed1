"""Hashing costs more than it did: who signs in has a new hash, and nothing else changes."""

import pytest

from clinic.accounts.proof import passwords
from clinic.accounts.sessions import known_browsers
from clinic.core.errors import Unavailable
from tests.accounts.account_words import log_in, user_of
from tests.cast import PASSWORD
from tests.pages import text_of


def cost(app, person):
    return int(user_of(app, person).password_hash[4:6])


@pytest.fixture
def dearer(app):
    """What hashing costs from now on."""
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"password_rounds": 5})
    yield
    app.config["SETTINGS"] = settings


def test_who_signs_in_has_a_new_hash_of_the_same_password(app, client, cast, dearer):
    elsewhere = app.test_client()
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"password_rounds": 4})
    log_in(elsewhere, cast.asha.email)
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"password_rounds": 5})
    assert log_in(client, cast.asha.email, "a guess").status_code == 422
    assert cost(app, cast.asha) == 4
    assert log_in(client, cast.asha.email).status_code == 303
    assert cost(app, cast.asha) == 5
    assert elsewhere.get("/appointments/").status_code == 200  # still signed in
    elsewhere.post("/logout")
    assert log_in(elsewhere, cast.asha.email).status_code == 303
    assert log_in(app.test_client(), cast.asha.email, "a guess").status_code == 422


def test_one_that_costs_as_much_stays(app, client, cast):
    before = user_of(app, cast.asha).password_hash
    log_in(client, cast.asha.email)
    assert user_of(app, cast.asha).password_hash == before


def test_browsers_that_knew_the_account_know_it_still(app, cast, dearer):
    """Nobody is told of a new device, and strangers lock nobody out."""
    with app.app_context():
        value = known_browsers.with_account("", cast.asha.user_id)
    assert log_in(app.test_client(), cast.asha.email).status_code == 303
    asha = user_of(app, cast.asha)
    assert asha.password_hash[4:6] == "05"
    with app.app_context():
        assert known_browsers.knows(value, asha.id, asha.password_hash)
        another = passwords.hash_password(PASSWORD)  # chosen anew, though it is the same
        assert not known_browsers.knows(value, asha.id, another)


def test_a_mark_of_before_is_known_until_it_ends(app, cast):
    asha = user_of(app, cast.asha)
    with app.app_context():
        told = known_browsers.with_account("", asha.id).rpartition(".")[0]
        old = f"{told}.{known_browsers._seal(told, asha.id, asha.password_hash)}"
        assert known_browsers.knows(old, asha.id, asha.password_hash)


def test_a_busy_moment_refuses_nobody(app, client, cast, dearer, monkeypatch):
    def full(*_: object) -> str:
        raise Unavailable

    monkeypatch.setattr(passwords, "hash_again", full)
    assert log_in(client, cast.asha.email).status_code == 303
    assert "There is a problem" not in text_of(client.get("/appointments/"))
    assert cost(app, cast.asha) == 4
