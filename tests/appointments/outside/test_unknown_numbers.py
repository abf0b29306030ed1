"""A text of a number that nobody knows stands before the desk of every clinic of that sender."""

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.messaging.desk import queries, service
from clinic.messaging.inbound import often
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.inbox import queries as inbox
from clinic.messaging.models import Message
from clinic.messaging.words import gsm
from clinic.organisations.models import Organisation
from clinic.patients.people import service as people
from clinic.patients.people.service import Contact
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.pages import soup, text_of

STRANGER = "+447700900777"
ASKS = "can somebody call me?"


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


_numbers = iter(range(1, 10_000))


def text(body=ASKS, sid=None):
    answer = receiving.receive(Inbound(sid or f"SM{next(_numbers)}", STRANGER, "+44", body))
    assert not answer or gsm.fits(answer)
    return answer.replace("\N{NO-BREAK SPACE}", " ")


def read_at(organisation_id, flagged=True):
    db.session.rollback()
    found = sa.select(Message.body).where(Message.organisation_id == organisation_id)
    if flagged:
        found = found.where(Message.needs_attention)
    return list(db.session.scalars(found.order_by(Message.created_at)))


@transactional
def change(**values):
    db.session.execute(sa.update(Organisation).values(**values))


@transactional
def close(organisation_id):
    db.session.get_one(Organisation, organisation_id).is_active = False


@transactional
def registered(organisation_id, by):
    return people.register(organisation_id, "Una Known", Contact(phone=STRANGER), by.actor).id


def test_every_desk_reads_it_and_looks_for_itself(cast):
    text()
    for desk in (cast.esha, cast.farid):
        assert read_at(desk.organisation_id) == [ASKS]
        assert queries.needing_look(desk.actor) == 1
    (mine,) = db.session.scalars(
        sa.select(Message.id).where(Message.organisation_id == cast.harbour)
    )
    service.mark_seen(mine, cast.esha.actor)
    assert [read_at(place) for place in (cast.harbour, cast.elsewhere)] == [[], [ASKS]]


def test_the_answer_names_who_it_may_be_for_and_their_numbers(cast):
    change(phone="+442079460142")
    said = text()
    assert "Please call: Far Hospital " in said
    assert said.endswith(", Harbour Clinic 020 7946 0142.")


def test_where_not_all_can_be_named_none_is(cast):
    @transactional
    def without_phone():
        db.session.get_one(Organisation, cast.elsewhere).phone = None

    without_phone()
    assert text().endswith("Please call your clinic.")


def test_the_only_clinic_reads_it_itself(cast):
    close(cast.elsewhere)
    assert text().startswith("Harbour Clinic: we know no upcoming visit for this number.")
    assert read_at(cast.harbour) == [ASKS]
    db.session.rollback()
    assert db.session.query(Message).count() == 1


def test_who_has_the_number_on_a_record_reads_it_alone(cast):
    registered(cast.harbour, cast.esha)
    assert text().startswith("Harbour Clinic: ")
    assert (read_at(cast.harbour), read_at(cast.elsewhere, flagged=False)) == ([ASKS], [])


def test_where_two_have_it_the_sender_says_for_whom(cast):
    registered(cast.harbour, cast.esha)
    registered(cast.elsewhere, cast.farid)
    assert text() == "Which clinic is it for? Reply 1: Far Hospital, 2: Harbour Clinic"
    assert read_at(cast.harbour) == read_at(cast.elsewhere) == []
    assert text("2") == "Your message is with Harbour Clinic."
    assert (read_at(cast.harbour), read_at(cast.elsewhere)) == ([ASKS], [])


def test_an_automatic_reply_is_flagged_once_at_each_desk_and_answered_once(cast):
    answers = [text("I am driving and will answer later") for _ in range(25)]
    assert sum(bool(answer) for answer in answers) == 1
    for place in (cast.harbour, cast.elsewhere):
        assert len(read_at(place)) == len(read_at(place, flagged=False)) == 1


def test_a_machine_fills_no_ledger(cast):
    answers = [text(f"Ticket {number} was opened for you") for number in range(40)]
    assert sum(bool(answer) for answer in answers) == 1
    for place in (cast.harbour, cast.elsewhere):
        assert len(read_at(place)) == 1
        assert len(read_at(place, flagged=False)) == often.MOST_SHARED


def test_what_follows_is_read_with_it_and_flagged_where_somebody_has_looked(cast):
    text()
    first = db.session.scalars(
        sa.select(Message.id).where(Message.organisation_id == cast.harbour)
    ).one()
    text("it is about Monday")
    assert [one.body for one in queries.story(cast.esha.actor, first).later] == [
        "it is about Monday"
    ]
    assert read_at(cast.harbour) == [ASKS]
    service.mark_seen(first, cast.esha.actor)
    text("please")
    assert (read_at(cast.harbour), read_at(cast.elsewhere)) == (["please"], [ASKS])


@pytest.mark.parametrize("body", ["", "Liked \u201cHarbour Clinic: see you\u201d"])
def test_what_no_person_typed_stands_before_none_of_several(cast, body):
    assert text(body) == ""
    assert read_at(cast.harbour, flagged=False) == read_at(cast.elsewhere, flagged=False) == []


def test_a_text_that_is_posted_twice_at_once_is_shown_once(both: Stage, cast):
    calls = [lambda: text(sid="SM-twice")] * 6
    answers = at_once(both.app, calls)
    assert faults(answers) == []
    assert len(set(answers)) == 1
    for place in (cast.harbour, cast.elsewhere):
        assert read_at(place, flagged=False) == [ASKS]


def test_the_telephone_shows_it_once(cast):
    text()
    assert [one.mine for one in inbox.phone(STRANGER).bubbles].count(True) == 1


def test_the_page_says_why_it_is_there(app, signed_in, sqlite_stage):
    cast = sqlite_stage.cast
    with app.app_context():
        text()
        db.session.remove()
    client = signed_in(cast.farid)
    assert soup(client.get("/board/")).select_one("a[href='/messages/'] .count")
    (row,) = soup(client.get("/messages/?attention=1")).select("#rows tbody tr")
    page = client.get(row.select_one("a[id^=open-]")["href"])
    for said in (ASKS, "Nobody here has this number.", "Each one that shares our number"):
        assert said in text_of(page)
