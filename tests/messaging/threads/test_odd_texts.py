"""What strangers and colleagues can do to a conversation: markup, scripts, lengths, two at once."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.core.errors import Invalid
from clinic.messaging.errors import Meanwhile
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from clinic.messaging.models import Conversation, Message
from clinic.messaging.threads import meanwhile, queries, replying, service
from clinic.messaging.threads.replying import Reply
from clinic.patients.people import service as people
from clinic.patients.people.service import Contact
from tests.factories import scheduled
from tests.messaging.ledger_helpers import ASHA, queued
from tests.pages import fields, soup, text_of

INBOX = "/inbox/"
BODIES = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\" autofocus onfocus=alert(1) x='",
    "{{ 7 * 7 }} {% raw %} %(name)s {name} {link:reset:1}",
    "\u05e9\u05dc\u05d5\u05dd, \u05d0\u05e4\u05e9\u05e8 \u05dc\u05d4\u05ea\u05e7\u05e9\u05e8?",
    "\u202egnp.exe \u2066hidden\u2069 \u200f!",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3fd \U0001f1ec\U0001f1e7",
    "a" * 1600,
    "line one\nline two",
]


@pytest.fixture
def write(app, cast):
    """Asha writes; returns the address of her conversation."""
    with app.app_context():
        queued(organisation_id=cast.harbour)
        scheduled(cast.asha, cast.dr_chandra)

    def write(body):
        with app.app_context():
            receive(Inbound(uuid4().hex, ASHA, "+447700900999", body))
            key = sa.select(Conversation.id).where(Conversation.organisation_id == cast.harbour)
            return f"{INBOX}{db.session.scalars(key).one()}"

    return write


def key_of(page):
    return UUID(page.rpartition("/")[2])


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_text_is_shown_as_it_came_and_does_nothing(signed_in, cast, write, body):
    page = write(body)
    client = signed_in(cast.esha)
    answer = client.get(page)
    line = soup(answer).select_one("#thread .msg:not([data-dir]) p")
    shown = body.replace("{link:reset:1}", "\u2022\u2022\u2022")
    assert line.text == shown
    assert line["dir"] == "auto"  # each in its own direction
    assert [one.name for one in line.find_all()] == []
    listed = client.get(INBOX)
    assert soup(listed).select_one("#threads img, #threads script, [onfocus]") is None
    assert shown[:20].split("\n")[0] in soup(listed).select_one("#threads li").text


def test_a_name_in_another_script_stands_by_itself(app, signed_in, cast, write):
    page = write("Hello?")
    client = signed_in(cast.esha)
    assert soup(client.get(page)).select_one("h1 > bdi").text == "Asha Rao"
    assert soup(client.get(INBOX)).select_one("#threads a > bdi").text == "Asha Rao"


def test_the_longest_reply_goes_and_one_more_letter_does_not(app, signed_in, cast, write):
    page = write("Hello?")
    most = 1600 - len("Harbour Clinic: ")
    client = signed_in(cast.esha)
    assert soup(client.get(page)).find("textarea")["maxlength"] == str(most)
    assert client.post(f"{page}/reply", data={"text": "a" * most}).status_code == 303
    too_long = client.post(f"{page}/reply", data={"text": "a" * (most + 1)})
    assert too_long.status_code == 400
    assert f"at most {most} characters" in text_of(too_long)


def test_emoji_count_as_telephones_count_them(app, cast, write):
    page = write("Hello?")
    with app.app_context(), pytest.raises(Invalid):
        replying.reply(key_of(page), Reply("\U0001f600" * 800), cast.esha.actor)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x07b"])
def test_what_cannot_be_stored_is_no_reply(app, cast, write, text):
    page = write("Hello?")
    with app.app_context(), pytest.raises(Invalid):
        replying.reply(key_of(page), Reply(text), cast.esha.actor)


def test_of_a_number_of_two_patients_neither_is_meant_by_guess(app, signed_in, cast, write):
    page = write("Hello?")
    with app.app_context():
        register = people.register
        other = register(cast.harbour, "Una Known", Contact(phone=ASHA), cast.esha.actor).id
    client = signed_in(cast.esha)
    answer = client.get(page)
    assert "Who it may be" in text_of(answer)
    assert {one["value"] for one in soup(answer).select("#channel option")} == {"sms"}
    refused = client.post(f"{page}/reply", data={"text": "Dear {name}", "channel": "sms"})
    assert refused.status_code == 400
    client.post(f"{page}/attach", data={"patient_id": str(other)})
    assert soup(client.get(page)).h1.text == "Una Known"


# --- two at the desk


def replies(app):
    with app.app_context():
        query = sa.select(Message.body).where(Message.template == "desk_reply")
        return sorted(db.session.scalars(query))


def test_who_typed_while_a_colleague_replied_is_asked_once(app, signed_in, cast, write):
    page = write("When do you open?")
    mine, theirs = signed_in(cast.esha), signed_in(cast.amir)
    form = fields(mine.get(page), f"{page}/reply") | {"text": "At nine."}
    theirs.post(f"{page}/reply", data={"text": "At ten."})
    late = mine.post(f"{page}/reply", data=form)
    assert late.status_code == 409
    assert f"{cast.amir.name} has replied meanwhile" in soup(late).select_one("[role=alert]").text
    assert soup(late).find("textarea").text.strip() == "At nine."
    assert "At ten." in text_of(late)
    assert len(replies(app)) == 1
    again = fields(late, f"{page}/reply")
    assert mine.post(f"{page}/reply", data=again).status_code == 303
    assert len(replies(app)) == 2


def test_who_typed_while_a_colleague_claimed_it_is_asked_once(app, signed_in, cast, write):
    page = write("When do you open?")
    mine = signed_in(cast.esha)
    form = fields(mine.get(page), f"{page}/reply") | {"text": "At nine."}
    signed_in(cast.amir).post(f"{page}/claim")
    late = mine.post(f"{page}/reply", data=form)
    assert late.status_code == 409
    assert f"{cast.amir.name} answers this now" in soup(late).select_one("[role=alert]").text
    again = fields(late, f"{page}/reply")
    assert mine.post(f"{page}/reply", data=again).status_code == 303


def test_ones_own_claim_and_reply_stop_nobody(app, signed_in, cast, write):
    page = write("When do you open?")
    mine = signed_in(cast.esha)
    form = fields(mine.get(page), f"{page}/reply")
    mine.post(f"{page}/claim")
    assert mine.post(f"{page}/reply", data=form | {"text": "At nine."}).status_code == 303
    # Back, and other words in the same form: another reply, not silently none.
    assert mine.post(f"{page}/reply", data=form | {"text": "On Monday."}).status_code == 303
    assert mine.post(f"{page}/reply", data=form | {"text": "On Monday."}).status_code == 303
    assert replies(app) == ["Harbour Clinic: At nine.", "Harbour Clinic: On Monday."]


@pytest.mark.parametrize("seen", ["", ":", "x", "::::", "\u00e9" * 300])
def test_a_mark_that_nobody_made_asks_at_most(app, cast, write, seen):
    page = write("When do you open?")
    with app.app_context():
        replying.reply(key_of(page), Reply("At nine.", seen=seen), cast.esha.actor)
        with pytest.raises(Meanwhile):
            replying.reply(key_of(page), Reply("At ten.", seen=seen), cast.amir.actor)


def test_a_mark_is_of_colleagues_alone(app, cast, write):
    key = key_of(write("When do you open?"))
    with app.app_context():
        service.claim(key, cast.esha.actor)
        sent = replying.reply(key, Reply("At nine."), cast.esha.actor)
        claimed = cast.esha.actor.user_id
        assert meanwhile.mark(key, claimed, cast.esha.actor) == ":"
        assert meanwhile.mark(key, claimed, cast.amir.actor) == f"{claimed}:{sent}"


def test_who_replied_stands_beside_it(app, signed_in, cast, write):
    page = write("When do you open?")
    signed_in(cast.esha).post(f"{page}/reply", data={"text": "At nine."})
    line = soup(signed_in(cast.amir).get(page)).select("#thread .msg[data-dir=out]")[-1]
    assert cast.esha.name in line.footer.text


def test_a_letter_is_read_in_the_conversation_it_was_written_in_alone(app, cast, write):
    key = key_of(write("When do you open?"))
    with app.app_context():
        queued(organisation_id=cast.harbour, address="+447700900777")
        receive(Inbound(uuid4().hex, "+447700900777", "+447700900999", "Me too?"))
        other = db.session.scalars(
            sa.select(Conversation.id).where(Conversation.address == "+447700900777")
        ).one()
        new = Reply("At nine.", channel="email", email="family@example.com")
        sent = replying.reply(key, new, cast.esha.actor)
        actor = cast.esha.actor
        assert sent in [one.id for one in queries.lines(actor, queries.one(actor, key))]
        assert sent not in [one.id for one in queries.lines(actor, queries.one(actor, other))]
