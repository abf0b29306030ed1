"""Passwords of 8 to 128 characters, whatever they are written in."""

import pytest

from clinic.accounts.proof import passwords

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.mark.parametrize(
    "password",
    ["12345678", "x" * 128, "\U0001d4b3" * 128, "नमस्ते दुनिया", "three small words\x00"],
    ids=["shortest", "longest", "four bytes each", "devanagari", "nul"],
)
def test_a_password_opens_its_account_and_nothing_near_it(password):
    kept = passwords.hash_password(password)
    assert passwords.matches(password, kept)
    for wrong in (password[:-1], password + "x", password[:-1] + "y", password.swapcase() + " "):
        assert not passwords.matches(wrong, kept)


def test_equal_passwords_are_kept_differently():
    assert passwords.hash_password("12345678") != passwords.hash_password("12345678")


def test_nobody_has_no_password():
    assert not passwords.matches("nobody", None)
    assert not passwords.matches("", None)


def test_without_the_pepper_a_stolen_table_opens_nothing(in_app, monkeypatch):
    kept = passwords.hash_password("12345678")
    other = in_app.config["SETTINGS"].model_copy(update={"password_pepper": "another one"})
    monkeypatch.setitem(in_app.config, "SETTINGS", other)
    assert not passwords.matches("12345678", kept)
