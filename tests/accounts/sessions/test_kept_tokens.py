"""P14: a token that was checked once is not checked again; it still ends when it ends."""

from datetime import timedelta

import jwt
import pytest
import time_machine
from flask import Flask

from clinic.accounts.sessions import programs, tokens
from clinic.accounts.sessions.tokens import Checked
from clinic.core.data.db import db
from clinic.factory import create_app
from tests.cast import NOW, Cast
from tests.conftest import settings_for

MINUTES = 15


@pytest.fixture
def checked(in_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Checked:
    fresh = Checked()
    monkeypatch.setitem(in_app.extensions, "checked_tokens", fresh)
    return fresh


def token_of(cast: Cast) -> str:
    token = programs.open_family(cast.asha.user_id, None).access_token
    db.session.remove()
    return token


def test_a_token_is_known_again(cast: Cast, checked: Checked):
    token = token_of(cast)
    first = tokens.bearer_of(token)
    assert (first.user_id, len(checked)) == (cast.asha.user_id, 1)
    assert tokens.bearer_of(token) is first
    assert len(checked) == 1


def test_it_is_over_when_it_says_so_and_is_forgotten(
    cast: Cast, checked: Checked, monday_morning: time_machine.Traveller
):
    token = token_of(cast)
    ends = jwt.decode(token, options={"verify_signature": False})["exp"]
    monday_morning.move_to(ends - 0.5)
    assert tokens.bearer_of(token)
    monday_morning.move_to(ends, tick=False)
    assert tokens.bearer_of(token) is None
    assert len(checked) == 0
    assert tokens.bearer_of(token) is None  # checked anew, it is no more than before


def test_before_it_was_made_it_counts_as_little_as_after(
    cast: Cast, checked: Checked, monday_morning: time_machine.Traveller
):
    token = token_of(cast)
    assert tokens.bearer_of(token)
    monday_morning.move_to(NOW - timedelta(minutes=1))
    assert tokens.bearer_of(token) is None


def test_what_is_not_ours_is_never_kept(cast: Cast, checked: Checked):
    token = token_of(cast)
    refresh = programs.open_family(cast.asha.user_id, None).refresh_token
    for wrong in ("", "words", token[:-2], f"{token}x", token.swapcase(), refresh):
        assert tokens.bearer_of(wrong) is None
    assert len(checked) == 0


def test_a_token_that_is_known_vouches_for_no_other(cast: Cast, checked: Checked):
    """Somebody else's claims under the signature that was found right."""
    token, other = token_of(cast), programs.open_family(cast.bela.user_id, None).access_token
    assert tokens.bearer_of(token)
    head, _, signature = token.split(".")
    assert tokens.bearer_of(f"{head}.{other.split('.')[1]}.{signature}") is None


def test_only_so_many_are_kept(cast: Cast, checked: Checked, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens, "MOST_KEPT", 3)
    made = [token_of(cast) for _ in range(5)]
    for token in made:
        assert tokens.bearer_of(token)
    assert len(checked) == 3
    assert all(tokens.bearer_of(token) for token in made)
    assert len(checked) == 3


def test_neither_tokens_nor_people_are_kept_in_words(cast: Cast, checked: Checked):
    token = token_of(cast)
    tokens.bearer_of(token)
    kept = repr(vars(checked))
    assert token not in kept
    assert token.rpartition(".")[2] not in kept


def test_another_app_has_other_keys(in_app: Flask, cast: Cast):
    token = token_of(cast)
    assert tokens.bearer_of(token)
    settings = settings_for(in_app.config["SETTINGS"].clinic_data_dir)
    rotated = create_app(
        settings.model_copy(update={"jwt_secret_key": "another key, long enough for tokens, too"})
    )
    with rotated.app_context():
        assert tokens.bearer_of(token) is None
    assert tokens.bearer_of(token)
