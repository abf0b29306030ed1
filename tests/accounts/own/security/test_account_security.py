"""A person's own password and signed-in devices; P14: what was stolen is worth nothing."""

import pytest
import sqlalchemy as sa

from clinic.accounts import words
from clinic.accounts.models import TokenFamily, UserSession
from clinic.accounts.people.users import deactivate, update
from clinic.accounts.sessions import programs
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from tests.accounts.account_words import (
    NEW,
    link_for,
    log_in,
)
from tests.cast import PASSWORD
from tests.conftest import client_of
from tests.pages import HTMX, soup, text_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def events(app, name):
    with app.app_context():
        return db.session.scalars(sa.select(EventRow).filter_by(name=name)).all()


def is_in(client, page="/account/"):
    return client.get(page, headers=HTMX).status_code == 200


def stolen_from(app, client):
    """Another browser with a copy of the cookie."""
    thief = app.test_client()
    thief.set_cookie("session", client.get_cookie("session").value)
    return thief


def change_password(client, old=PASSWORD, new=NEW):
    return client.post("/account/password", data={"old_password": old, "password": new})


def end_session(_client, app, cast):
    """By its owner, in another browser."""
    with app.app_context():
        key = db.session.scalars(sa.select(UserSession.id)).one()
    client_of(app, cast.esha).post(f"/account/sessions/{key}/end")


def end_others(_client, app, cast):
    client_of(app, cast.esha).post("/account/sessions/end-others")


def log_out(client, _app, _cast):
    client.post("/logout")


def change_it(_client, app, cast):
    change_password(client_of(app, cast.esha))


def reset_it(_client, app, cast):
    app.test_client().post(link_for(app, cast.esha), data={"password": NEW})


def deactivate_them(_client, app, cast):
    with app.app_context():
        deactivate(cast.esha.user_id, cast.gita.actor)


def change_role(_client, app, cast):
    with app.app_context():
        update(cast.esha.user_id, {"role": "admin"}, cast.gita.actor)


ENDS = {
    "logout": log_out,
    "password": change_it,
    "reset": reset_it,
    "end this session": end_session,
    "end all others": end_others,
    "deactivation": deactivate_them,
    "role": change_role,
}


@pytest.mark.parametrize("how", ENDS)
def test_a_stolen_cookie_is_worth_nothing_after(app, signed_in, cast, how):
    client = signed_in(cast.esha)
    thief = stolen_from(app, client)
    assert is_in(thief)
    ENDS[how](client, app, cast)
    assert not is_in(thief)
    assert thief.get("/account/", headers=HTMX).status_code == 401
    assert thief.post("/account/profile", data={}).status_code == 401


LEAVES = '"cache", "storage"'


@pytest.mark.parametrize("how", sorted(set(ENDS) - {"logout"}))
def test_a_browser_that_was_signed_out_elsewhere_keeps_nothing(app, signed_in, cast, how):
    client = signed_in(cast.esha)
    assert "Clear-Site-Data" not in client.get("/board/").headers
    ENDS[how](client, app, cast)
    answer = client.get("/board/")
    assert answer.location.startswith("/login")
    assert answer.headers["Clear-Site-Data"] == LEAVES
    assert "Clear-Site-Data" not in client.get("/board/").headers  # once is enough


def test_a_new_password_and_leaving_by_the_list_clear_this_browser(app, signed_in, cast):
    client = signed_in(cast.esha)
    assert change_password(client).headers["Clear-Site-Data"] == LEAVES
    reset = app.test_client().post(link_for(app, cast.asha), data={"password": NEW})
    assert reset.headers["Clear-Site-Data"] == LEAVES
    with app.app_context():
        open_ones = sa.select(UserSession.id).filter_by(ended_at=None, user_id=cast.esha.user_id)
        key = db.session.scalars(open_ones).one()
    assert client.post(f"/account/sessions/{key}/end").headers["Clear-Site-Data"] == LEAVES


@pytest.mark.parametrize("how", ["password", "reset", "end all others", "deactivation", "role"])
def test_programs_are_out_as_well(app, signed_in, cast, how):
    client = signed_in(cast.esha)
    with app.app_context():
        token = programs.open_family(cast.esha.user_id, "a program").access_token
        assert programs.load(token) is not None
    ENDS[how](client, app, cast)
    with app.app_context():
        assert programs.load(token) is None


def test_a_new_password_leaves_this_browser_signed_in(app, signed_in, cast):
    client = signed_in(cast.asha)
    answer = change_password(client)
    assert (answer.status_code, answer.location) == (303, "/account/security")
    assert "Your password is changed" in text_of(client.get("/account/security"))
    assert log_in(app.test_client(), cast.asha.email).status_code == 422
    assert log_in(app.test_client(), cast.asha.email, NEW).status_code == 303
    with app.app_context():
        told = db.session.scalars(sa.select(Message)).one()
    assert (told.template, told.address) == ("password_changed", cast.asha.email)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("a wrong one", NEW, "old_password"),
        ("", NEW, "old_password"),
        (PASSWORD, "short", "password"),
        (PASSWORD, "password1", "password"),
        (PASSWORD, "Asha Rao", "password"),
    ],
)
def test_a_password_that_will_not_do_comes_back(app, signed_in, cast, old, new, field):
    answer = change_password(signed_in(cast.asha), old, new)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}[aria-invalid=true]")
    assert events(app, "user.password_changed") == []
    assert NEW not in answer.text


def test_guessing_the_password_here_is_counted_too(signed_in, cast):
    client = signed_in(cast.asha)
    for _ in range(10):
        assert change_password(client, "a wrong one").status_code == 422
    assert change_password(client).status_code == 429


def test_devices_are_listed_with_this_one_marked(app, client, cast):
    form = {"email": cast.asha.email, "password": PASSWORD}
    client.post("/login", data=form, headers={"User-Agent": FIREFOX})
    with app.app_context():
        programs.open_family(cast.asha.user_id, "pocket-clinic/2.1 (Linux)")
    client_of(app, cast.bela)
    page = soup(client.get("/account/security"))
    rows = [" ".join(row.get_text(" ").split()) for row in page.select("#main .list > li")]
    assert len(rows) == 2
    assert rows[0].startswith("Firefox on Windows This one Since Mon 16 Nov, 06:30")
    assert rows[1].startswith("pocket-clinic/2.1 Program")
    assert page.select("#main .list > li")[0].find("form") is None


def test_one_device_is_signed_out(app, signed_in, cast):
    here, there = signed_in(cast.asha), signed_in(cast.asha)
    page = soup(here.get("/account/security"))
    form = page.select_one("#main .list form")
    assert here.post(form["action"]).location == "/account/security"
    assert is_in(here)
    assert not is_in(there)
    assert len(events(app, "user.session_ended")) == 1


def test_a_program_is_signed_out(app, signed_in, cast):
    client = signed_in(cast.asha)
    with app.app_context():
        token = programs.open_family(cast.asha.user_id, "a program").access_token
        family = db.session.scalars(sa.select(TokenFamily.id)).one()
    client.post(f"/account/sessions/{family}/end")
    with app.app_context():
        assert programs.load(token) is None


def test_nobody_signs_out_somebody_else(app, signed_in, cast):
    bela = signed_in(cast.bela)
    with app.app_context():
        key = db.session.scalars(sa.select(UserSession.id)).one()
    answer = signed_in(cast.asha).post(f"/account/sessions/{key}/end")
    assert answer.status_code == 404
    assert is_in(bela)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
         "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("python-requests/2.32", "python-requests/2.32"),
        ("x" * 200, "x" * 40),
        ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_browsers_have_names(in_app, agent, name):
    assert words.device(agent) == name
