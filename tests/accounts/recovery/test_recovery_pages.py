"""Forgotten passwords and invitations, by their pages."""

import statistics
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.models import OneTimeKey, User, UserSession
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.messaging.models import Message
from tests.accounts.account_words import (
    NEW,
    link_for,
    link_sent,
    log_in,
    otp,
    with_two_factor,
)
from tests.cast import NOW, PASSWORD
from tests.conftest import client_of
from tests.pages import soup, text_of

PURPOSES = pytest.mark.parametrize("purpose", [Purpose.RESET, Purpose.INVITATION])
NEARLY = 0.1  # of the time an answer takes


def ask(client, email, address="192.0.2.1"):
    return client.post("/forgot", data={"email": email}, environ_base={"REMOTE_ADDR": address})


@transactional
def change(person, **values):
    for name, value in values.items():
        setattr(db.session.get_one(User, person.user_id), name, value)


def letters(app):
    with app.app_context():
        events.run_tasks()
        return db.session.scalars(sa.select(Message)).all()


def test_a_forgotten_password_is_replaced_by_a_link(app, client, cast):
    answer = ask(client, " ASHA@cast.example ")
    assert (answer.status_code, answer.location) == (303, "/forgot/sent")
    (letter,) = letters(app)
    assert (letter.address, letter.template) == (cast.asha.email, "reset")
    link = link_sent(app, Purpose.RESET)
    assert client.get(link).status_code == 200
    done = client.post(link, data={"password": NEW})
    assert (done.status_code, done.location) == (303, "/login")
    assert client.get("/login").location == "/appointments/"
    assert "Your password is set, and you are logged in." in text_of(client.get("/appointments/"))
    again = app.test_client()
    assert log_in(again, cast.asha.email).status_code == 422
    assert log_in(again, cast.asha.email, NEW).status_code == 303


def test_who_came_by_the_link_takes_the_place_of_whoever_was_signed_in(app, cast):
    client = client_of(app, cast.esha)
    assert client.post(link_for(app, cast.asha), data={"password": NEW}).status_code == 303
    assert client.get("/login").location == "/appointments/"
    assert client.get("/schedules/").status_code == 403


def test_known_and_unknown_addresses_get_the_same_answer(app, client, cast):
    for email in (cast.asha.email, "nobody@cast.example"):
        answer = ask(client, email)
        assert (answer.status_code, answer.location) == (303, "/forgot/sent")
        page = client.get(answer.location).text
        assert email not in page
    assert [letter.address for letter in letters(app)] == [cast.asha.email]


def test_a_deactivated_person_hears_nothing(app, client, cast):
    with app.app_context():
        change(cast.asha, is_active=False)
    assert ask(client, cast.asha.email).location == "/forgot/sent"
    assert letters(app) == []


def test_asking_costs_the_same_for_known_and_unknown(app, client, cast):
    """The same statements, so that no database is quicker for the one."""
    said = {}
    with app.app_context():
        engine = db.engine
    for email in (cast.asha.email, "nobody@cast.example"):
        heard = said.setdefault(email, [])

        def note(_connection, _cursor, statement, *_, heard=heard):
            heard.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        ask(client, email)
        sa.event.remove(engine, "before_cursor_execute", note)
    known, unknown = said.values()
    assert known == unknown
    assert any(one.startswith("INSERT INTO one_time_keys") for one in known)


def test_asking_takes_the_same_time(app, client):
    """Within ten per cent; the middle of many, and a noisy machine may try again."""
    known = [f"person{number}@cast.example" for number in range(30)]
    with app.app_context():
        add_people(known)
    unknown = [f"nobody{number}@cast.example" for number in range(30)]
    assert any(_alike(client, known, unknown, turn) for turn in range(3))


@transactional
def add_people(emails):
    for email in emails:
        db.session.add(
            User(
                role="patient", full_name="A Person", email=email, password_hash="x",
                created_at=clock.now(),
            )
        )  # fmt: skip


def _alike(client, known, unknown, turn):
    took = {True: [], False: []}
    for number, pair in enumerate(zip(known, unknown, strict=True)):
        for email in pair if number % 2 else pair[::-1]:
            address = f"2001:db8:{turn}:{number}::1"
            began = time.perf_counter()
            assert ask(client, email, address).status_code == 303
            took[email in known].append(time.perf_counter() - began)
    one, other = statistics.median(took[True]), statistics.median(took[False])
    return abs(one - other) <= NEARLY * max(one, other)


def test_the_fourth_question_in_an_hour_waits_whoever_is_asked_for(client, cast):
    for email in (cast.asha.email, "nobody@cast.example"):
        for _ in range(3):
            assert ask(client, email, "192.0.2.1").status_code == 303
        answer = ask(client, email, "192.0.2.1")
        assert answer.status_code == 429
        assert email not in answer.text
        assert "newest email" in text_of(answer)


def test_nor_can_a_mailbox_be_filled_from_everywhere(client, cast):
    for email in (cast.asha.email, "nobody@cast.example"):
        for number in range(10):
            assert ask(client, email, f"192.0.2.{number}").status_code == 303
        assert ask(client, email, "198.51.100.7").status_code == 429


@pytest.mark.parametrize("email", ["", "a" * 300, "\x00"])
def test_an_unreadable_address_comes_back(client, email):
    answer = ask(client, email)
    assert answer.status_code in (400, 422)


@PURPOSES
def test_looking_at_a_link_changes_nothing(app, client, cast, purpose):
    link = link_for(app, cast.asha, purpose)
    with app.app_context():
        before = db.session.get_one(User, cast.asha.user_id).password_hash
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    with app.app_context():
        assert db.session.get_one(User, cast.asha.user_id).password_hash == before
        assert db.session.scalars(sa.select(OneTimeKey)).one().used_at is None


@PURPOSES
def test_a_link_works_once(app, client, cast, purpose):
    link = link_for(app, cast.asha, purpose)
    assert client.post(link, data={"password": NEW}).status_code == 303
    for answer in (client.get(link), client.post(link, data={"password": PASSWORD})):
        assert answer.status_code == 400
        assert "no longer valid" in text_of(answer)
        assert soup(answer).find("a", href="/forgot")
        assert cast.asha.email not in answer.text
    assert log_in(client, cast.asha.email, NEW).status_code == 303


@pytest.mark.parametrize(
    ("purpose", "lifetime"),
    [(Purpose.RESET, timedelta(hours=1)), (Purpose.INVITATION, timedelta(days=7))],
)
def test_a_link_dies_by_itself(app, client, cast, purpose, lifetime):
    with clock.travelled(NOW):
        link = link_for(app, cast.asha, purpose)
    with clock.travelled(NOW + lifetime - timedelta(seconds=1)):
        assert client.get(link).status_code == 200
    with clock.travelled(NOW + lifetime):
        assert client.post(link, data={"password": NEW}).status_code == 400


def test_a_link_is_no_key_for_the_other_door(app, client, cast):
    reset = link_for(app, cast.asha)
    assert client.get(reset.replace("/reset/", "/invitation/")).status_code == 400
    invitation = link_for(app, cast.asha, Purpose.INVITATION)
    assert client.get(invitation.replace("/invitation/", "/reset/")).status_code == 400


@pytest.mark.parametrize("token", ["A" * 22, "x", "%00", "é", "-" * 300])
@pytest.mark.parametrize("door", ["reset", "invitation"])
def test_a_made_up_link_opens_nothing(client, token, door):
    assert client.get(f"/{door}/{token}").status_code == 400


def test_an_invitation_greets_by_name(app, client, cast):
    page = client.get(link_for(app, cast.esha, Purpose.INVITATION))
    assert "Welcome, Esha Gill" in text_of(page)
    reset = client.get(link_for(app, cast.esha))
    assert "Esha Gill" not in text_of(reset)


@PURPOSES
@pytest.mark.parametrize("weak", ["", "short", "password", "Asha Rao", "x" * 129])
def test_an_easy_password_comes_back_and_the_link_lives_on(app, client, cast, purpose, weak):
    link = link_for(app, cast.asha, purpose)
    answer = client.post(link, data={"password": weak})
    assert answer.status_code == 422
    assert soup(answer).select_one("#password[aria-invalid=true]")
    assert client.post(link, data={"password": NEW}).status_code == 303


def test_two_factor_still_applies_after_a_reset(app, client, cast):
    with_two_factor(app, cast.esha)
    client.post(link_for(app, cast.esha), data={"password": NEW})
    assert log_in(client, cast.esha.email, NEW).location == "/login/code"
    entered = client.post("/login/code", data={"code": otp(app, cast.esha)})
    assert entered.location == "/board/"


def test_a_reset_signs_everybody_out(app, client, cast):
    """P14: the cookie of a thief is worth nothing after it."""
    thief = client_of(app, cast.asha)
    assert thief.get("/appointments/").status_code == 200
    client.post(link_for(app, cast.asha), data={"password": NEW})
    assert thief.get("/appointments/").status_code == 303
    with app.app_context():
        ended = db.session.scalars(sa.select(UserSession.ended_at)).all()
    assert [one is None for one in ended].count(True) == 1  # who chose the password is in
    assert len(ended) == 2


def test_the_newest_link_alone_works(app, client, cast):
    first = link_for(app, cast.asha)
    second = link_for(app, cast.asha)
    assert client.get(first).status_code == 400
    assert client.get(second).status_code == 200


def test_a_link_of_somebody_deactivated_meanwhile_is_spent(app, client, cast):
    link = link_for(app, cast.asha)
    with app.app_context():
        change(cast.asha, is_active=False)
    assert client.get(link).status_code == 400


@PURPOSES
def test_pages_with_a_token_tell_no_other_page(app, client, cast, purpose):
    link = link_for(app, cast.asha, purpose)
    answer = client.get(link)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert link.rpartition("/")[2] not in answer.text
    assert client.get("/forgot").headers["Referrer-Policy"] == "same-origin"


def test_the_log_knows_the_route_and_not_the_token(app, client, cast, capsys, monkeypatch):
    from clinic.core.watch import logging

    said = []
    monkeypatch.setattr(logging.log, "info", lambda *words, **more: said.append((words, more)))
    link = link_for(app, cast.asha)
    client.get(link)
    client.post(link, data={"password": NEW})
    assert [more["route"] for _, more in said] == ["/reset/<token>"] * 2
    assert link.rpartition("/")[2] not in repr(said) + capsys.readouterr().out


def test_of_two_who_use_a_link_at_once_one_wins(app, client, cast):
    token = link_for(app, cast.asha).rpartition("/")[2]
    with app.app_context():
        recovery.set_password(token, Purpose.RESET, NEW)
        with pytest.raises(recovery.keys.LinkSpent):
            recovery.set_password(token, Purpose.RESET, PASSWORD)
    assert log_in(client, cast.asha.email, NEW).status_code == 303


def test_the_login_page_leads_to_it(client):
    assert soup(client.get("/login")).find("a", href="/forgot")
