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


@pytest.mark.parametrize(
    ("chosen", "typed"),
    [
        ("cafe\u0301 au lait", "caf\u00e9 au lait"),  # as a Mac and a telephone write it
        ("\uff4f\uff50\uff45\uff4e sesame", "open sesame"),
        ("\ufb01ne weather", "fine weather"),
    ],
)
def test_one_password_however_a_keyboard_writes_it(chosen, typed):
    kept = passwords.hash_password(chosen)
    assert passwords.matches(typed, kept)
    assert passwords.matches(chosen, kept)
    assert passwords.matches(chosen, passwords.hash_password(typed))


def test_what_was_kept_before_goes_on_working(in_app):
    for typed in ("cafe\u0301 au lait", "open sesame"):
        kept = passwords.bcrypt.hashpw(passwords._digest(typed), passwords.bcrypt.gensalt(4))
        assert passwords.matches(typed, kept.decode())


def test_only_what_is_written_in_two_ways_is_looked_at_twice(monkeypatch):
    looked_at = []
    check = passwords.bcrypt.checkpw
    monkeypatch.setattr(
        passwords.bcrypt, "checkpw", lambda *given: looked_at.append(1) or check(*given)
    )
    kept = passwords.hash_password("three quiet harbours")
    for typed, times in (("a wrong one", 1), ("cafe\u0301 au lait", 2)):
        for known in (kept, None):  # known and unknown alike
            looked_at.clear()
            assert not passwords.matches(typed, known)
            assert len(looked_at) == times
