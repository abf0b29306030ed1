"""P14: a session lives by its row: it ends at once, when idle, and after twelve hours."""

from datetime import timedelta

import pytest

from clinic.accounts.models import User, UserSession
from clinic.accounts.sessions import browsers
from clinic.core import clock
from clinic.core.data.db import db, transactional
from tests.cast import NOW
from tests.conftest import client_of
from tests.pages import HTMX


def is_in(client, page="/board/", **headers):
    return client.get(page, headers={**HTMX, **headers}).status_code == 200


def stolen_from(app, client):
    """Another browser with a copy of the cookie."""
    thief = app.test_client()
    thief.set_cookie("session", client.get_cookie("session").value)
    return thief


@transactional
def change(table, key, **values):
    for name, value in values.items():
        setattr(db.session.get(table, key), name, value)


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(app, signed_in, cast):
    client = signed_in(cast.esha)
    thief = stolen_from(app, client)
    assert is_in(thief)
    client.post("/logout")
    answer = thief.get("/board/", headers=HTMX)
    assert answer.status_code == 401
    assert thief.post(f"/appointments/{cast.harbour}/confirm").status_code == 401


def test_signing_out_here_leaves_other_devices_signed_in(signed_in, cast):
    phone, desk = signed_in(cast.esha), signed_in(cast.esha)
    phone.post("/logout")
    assert is_in(desk)


def test_a_deactivated_person_is_out_at_once(app, signed_in, cast):
    client = signed_in(cast.esha)
    with app.app_context():
        change(User, cast.esha.user_id, is_active=False)
    assert not is_in(client)


def test_a_new_role_counts_at_once(app, signed_in, cast):
    client = signed_in(cast.esha)
    assert client.get("/admin/users/", headers=HTMX).status_code == 403
    with app.app_context():
        change(User, cast.esha.user_id, role="admin")
    assert client.get("/admin/users/", headers=HTMX).status_code == 200


@pytest.mark.parametrize(
    ("name", "page", "minutes"),
    [("asha", "/appointments/", 30), ("esha", "/board/", 15), ("dr_chandra", "/board/", 15)],
)
def test_an_idle_session_ends(app, cast, name, page, minutes):
    for minute, alive in ((minutes - 1, True), (minutes + 1, False)):
        with clock.travelled(NOW):
            client = client_of(app, cast.people[name])
        with clock.travelled(NOW + timedelta(minutes=minute)):
            assert is_in(client, page) == alive


def test_somebody_who_works_stays_signed_in(app, cast):
    with clock.travelled(NOW):
        client = client_of(app, cast.esha)
    for minute in range(14, 120, 14):
        with clock.travelled(NOW + timedelta(minutes=minute)):
            assert is_in(client)


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(app, cast):
    with clock.travelled(NOW):
        client = client_of(app, cast.esha)
    for minute in range(1, 15):
        with clock.travelled(NOW + timedelta(minutes=minute)):
            assert is_in(client, **{"X-Live": "1"})
    with clock.travelled(NOW + timedelta(minutes=16)):
        assert not is_in(client)


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_a_probe_keeps_nobody_signed_in(app, cast, path):
    with clock.travelled(NOW):
        client = client_of(app, cast.esha)
    with clock.travelled(NOW + timedelta(minutes=14)):
        client.get(path)
    with clock.travelled(NOW + timedelta(minutes=16)):
        assert not is_in(client)


def test_a_session_ends_after_twelve_hours_of_work(app, cast):
    with clock.travelled(NOW):
        client = client_of(app, cast.esha)
    for minute in range(10, 12 * 60, 10):
        with clock.travelled(NOW + timedelta(minutes=minute)):
            assert is_in(client)
    with clock.travelled(NOW + timedelta(hours=12)):
        assert not is_in(client)


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "é"])
def test_a_made_up_token_opens_nothing(app, token):
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert client.get("/board/", headers=HTMX).status_code == 401


def test_a_cookie_signed_with_another_key_opens_nothing(app, signed_in, cast, monkeypatch):
    client = signed_in(cast.esha)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key, of another installation")
    assert not is_in(client)
    older = ["a key of the tests, long enough to sign with"]
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", older)
    assert is_in(client)


def test_ended_sessions_are_forgotten_after_a_month(app, cast):
    with app.app_context():
        browsers.open_session(cast.esha.user_id, "tests")
        with clock.travelled(NOW + timedelta(days=29)):
            assert browsers.forget_old() == 0
        with clock.travelled(NOW + timedelta(days=31)):
            assert browsers.forget_old() == 1
            assert db.session.query(UserSession).count() == 0
