"""What was true when somebody began may not be when they are done: the newer password wins."""

import threading
import time

import pytest
import sqlalchemy as sa

from clinic.accounts.addresses import contact
from clinic.accounts.errors import LinkSpent, NotYourPassword, WrongPassword
from clinic.accounts.models import TokenFamily, UserSession
from clinic.accounts.people import newcomers, users
from clinic.accounts.people.newcomers import NewUser
from clinic.accounts.proof import keys, passwords
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.accounts.sessions import browsers
from clinic.accounts.signin import service
from clinic.core.data.db import db
from clinic.messaging.models import Message
from tests.accounts.account_words import (
    NEW,
    code_sent,
    link_for,
    link_sent,
    log_in,
    otp,
    with_two_factor,
)
from tests.cast import PASSWORD
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.pages import fields

HERE = "192.0.2.1"
VICTIMS = "victims lovely kettles"
WHILE_S = 0.7  # what somebody has time for while another waits


def recognise(person, password=PASSWORD):
    return service.recognise(person.email, password, HERE)


def session_of(person):
    """The id of a new session."""
    return browsers.load(browsers.open_session(person.user_id, "tests")).session_id


def change(person, session_id, password=NEW):
    recovery.change_password(person.user_id, session_id, PASSWORD, password, HERE, person.actor)


def token_of(link):
    return link.rpartition("/")[2]


def works(person, password):
    try:
        return recognise(person, password).user_id == person.user_id
    except WrongPassword:
        return False


def open_doors(person):
    found = []
    for table in (UserSession, TokenFamily):
        rows = sa.select(table.id).where(table.user_id == person.user_id, table.ended_at.is_(None))
        found += db.session.scalars(rows)
    return found


@pytest.mark.parametrize("open_door", [service.open_browser, service.open_program])
class TestSigningIn:
    def test_with_what_was_the_password_a_moment_ago(self, in_app, cast, open_door):
        known, session_id = recognise(cast.asha), session_of(cast.asha)
        change(cast.asha, session_id)
        with pytest.raises(WrongPassword):
            open_door(known, None)
        assert open_doors(cast.asha) == [session_id]

    def test_of_somebody_who_is_deactivated_now(self, in_app, cast, open_door):
        known = recognise(cast.esha)
        users.deactivate(cast.esha.user_id, cast.amir.actor)
        with pytest.raises(WrongPassword):
            open_door(known, None)

    def test_without_the_second_factor_there_is_now(self, app, cast, open_door):
        with app.app_context():
            known = recognise(cast.esha)
        with_two_factor(app, cast.esha)
        with app.app_context(), pytest.raises(WrongPassword):
            open_door(known, None)

    def test_while_the_password_is_changed(self, both: Stage, open_door):
        asha = both.cast.asha
        with both.app.app_context():
            own, known = session_of(asha), recognise(asha)
        answers = at_once(
            both.app, [lambda: change(asha, own), *[lambda: open_door(known, None)] * 12]
        )
        assert faults(answers, WrongPassword) == []
        assert answers[0] is None
        with both.app.app_context():
            assert open_doors(asha) == [own]


def test_the_pages_ask_for_the_new_password(app, client, cast, monkeypatch):
    def changed(*_given):
        raise WrongPassword

    with_two_factor(app, cast.esha)
    monkeypatch.setattr(service, "open_browser", changed)
    answer = log_in(client, cast.asha.email)
    assert (answer.status_code, fields(answer, "/login")["email"]) == (422, cast.asha.email)
    assert log_in(client, cast.esha.email).location == "/login/code"
    answer = client.post("/login/code", data={"code": otp(app, cast.esha)})
    assert (answer.status_code, answer.location) == (303, "/login")


def test_a_change_waits_for_who_is_just_signing_in(both: Stage, monkeypatch):
    """And then ends that session, too."""
    asha, checked, changed = both.cast.asha, threading.Event(), threading.Event()
    open_session = browsers.open_session

    def slowly(user_id, browser):
        checked.set()
        changed.wait(WHILE_S)
        return open_session(user_id, browser)

    def change_now():
        checked.wait(60)
        change(asha, own)
        changed.set()

    with both.app.app_context():
        own, known = session_of(asha), recognise(asha)
    monkeypatch.setattr(browsers, "open_session", slowly)
    answers = at_once(both.app, [lambda: service.open_browser(known, None), change_now])
    assert faults(answers) == []
    with both.app.app_context():
        assert open_doors(asha) == [own]


class TestChangingAPassword:
    def test_that_was_reset_meanwhile(self, app, cast, monkeypatch):
        token = token_of(link_for(app, cast.asha))
        hash_password, asked = passwords.hash_password, []

        def slowly(password):
            if not asked:
                asked.append(password)
                recovery.set_password(token, Purpose.RESET, VICTIMS)
            return hash_password(password)

        monkeypatch.setattr(passwords, "hash_password", slowly)
        with app.app_context():
            session_id = session_of(cast.asha)
            with pytest.raises(NotYourPassword):
                change(cast.asha, session_id)
            assert asked == [NEW]
            assert works(cast.asha, VICTIMS)
            assert not works(cast.asha, NEW)

    def test_in_a_session_that_was_ended_meanwhile(self, in_app, cast, monkeypatch):
        session_id = session_of(cast.asha)
        hash_password = passwords.hash_password

        def slowly(password):
            browsers.end_all(cast.asha.user_id)
            return hash_password(password)

        monkeypatch.setattr(passwords, "hash_password", slowly)
        with pytest.raises(NotYourPassword):
            change(cast.asha, session_id)
        assert works(cast.asha, PASSWORD)

    def test_that_was_changed_meanwhile_in_the_same_window(self, in_app, cast, monkeypatch):
        session_id = session_of(cast.asha)
        hash_password, asked = passwords.hash_password, []

        def slowly(password):
            asked.append(password)
            if len(asked) == 1:
                change(cast.asha, session_id, VICTIMS)
            return hash_password(password)

        monkeypatch.setattr(passwords, "hash_password", slowly)
        with pytest.raises(NotYourPassword):
            change(cast.asha, session_id)
        assert works(cast.asha, VICTIMS)

    def test_by_a_program(self, in_app, cast):
        service.open_program(recognise(cast.asha), None)
        (family_id,) = open_doors(cast.asha)
        change(cast.asha, family_id)
        assert works(cast.asha, NEW)

    def test_at_the_same_time_as_a_reset(self, both: Stage):
        """Who was first has it, and the other is told."""
        asha, token = both.cast.asha, token_of(link_for(both.app, both.cast.asha))
        with both.app.app_context():
            own = session_of(asha)
        changed, reset = at_once(
            both.app,
            [
                lambda: change(asha, own),
                lambda: recovery.set_password(token, Purpose.RESET, VICTIMS),
            ],
        )
        assert faults([changed, reset], NotYourPassword, LinkSpent) == []
        with both.app.app_context():
            assert works(asha, NEW) == (changed is None) == isinstance(reset, LinkSpent)
            assert works(asha, VICTIMS) == (getattr(reset, "user_id", None) == asha.user_id)

    def test_does_not_wait_in_a_ring_with_a_reset(self, both: Stage, monkeypatch):
        asha, token = both.cast.asha, token_of(link_for(both.app, both.cast.asha))
        spend, spent = keys.spend, threading.Event()

        def slowly(key_id):
            spend(key_id)
            spent.set()
            time.sleep(WHILE_S)

        def change_now():
            spent.wait(60)
            change(asha, own)

        with both.app.app_context():
            own = session_of(asha)
        monkeypatch.setattr(keys, "spend", slowly)
        reset, changed = at_once(
            both.app, [lambda: recovery.set_password(token, Purpose.RESET, VICTIMS), change_now]
        )
        assert (reset.user_id, type(changed)) == (asha.user_id, NotYourPassword)


class TestChangingAnAddress:
    def prove(self, app, person, kind, target):
        purpose = contact.KINDS[kind]
        with app.app_context():
            contact.send_code(person.user_id, kind, target, HERE)
        with app.app_context():
            contact.prove(person.user_id, kind, code_sent(app, purpose), person.actor)

    def test_ends_the_links_in_the_old_mailbox(self, app, cast):
        token = token_of(link_for(app, cast.asha))
        self.prove(app, cast.asha, "email", "asha@new.example")
        with app.app_context(), pytest.raises(LinkSpent):
            recovery.set_password(token, Purpose.RESET, NEW)

    def test_is_not_confirming_the_same_one(self, app, cast):
        token = token_of(link_for(app, cast.asha))
        self.prove(app, cast.asha, "email", cast.asha.email)
        self.prove(app, cast.asha, "phone", "+447400123456")
        with app.app_context():
            assert recovery.set_password(token, Purpose.RESET, NEW).user_id == cast.asha.user_id

    def test_by_mail_leaves_the_code_on_the_telephone(self, app, cast):
        with app.app_context():
            contact.send_code(cast.asha.user_id, "phone", "+447400123456", HERE)
        code = code_sent(app, Purpose.PHONE)
        self.prove(app, cast.asha, "email", "asha@new.example")
        with app.app_context():
            new = contact.prove(cast.asha.user_id, "phone", code, cast.asha.actor)
        assert new == "+447400123456"

    def told(self):
        return list(
            db.session.scalars(sa.select(Message.address).filter_by(template="contact_changed"))
        )

    def test_by_an_administrator_is_told_to_the_old_one(self, in_app, cast):
        changes = {"email": "other@cast.example"}
        users.update(cast.dr_chandra.user_id, changes, cast.amir.actor)
        assert self.told() == [cast.dr_chandra.email]

    def test_of_somebody_who_never_came_is_told_to_nobody(self, app, cast):
        with app.app_context():
            noor = NewUser("staff", "Noor Aziz", "nor@cast.example")
            user_id = newcomers.create_managed(noor, cast.amir.actor)
            wrong = token_of(link_sent(app, Purpose.INVITATION))
            users.update(user_id, {"email": "noor@cast.example"}, cast.amir.actor)
            assert self.told() == []
            with pytest.raises(LinkSpent):
                recovery.set_password(wrong, Purpose.INVITATION, NEW)
