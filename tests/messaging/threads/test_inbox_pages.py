"""The inbox in a browser without JavaScript, and its parts for htmx."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from clinic.messaging.models import Conversation, Message
from tests.factories import known_to, scheduled
from tests.messaging.ledger_helpers import ASHA, queued
from tests.pages import HTMX, fields, happened, is_whole_page, root_id, soup, text_of

INBOX, REPLIES = "/inbox/", "/inbox/replies/"


@pytest.fixture
def page(app, cast):
    """The address of the conversation with Asha, who has a visit and asks something."""
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra)
        receive(Inbound(uuid4().hex, ASHA, "+447700900999", "Can somebody call me?"))
        key = db.session.scalars(sa.select(Conversation.id)).one()
    return f"/inbox/{key}"


def sent(app):
    with app.app_context():
        query = sa.select(Message).where(Message.template == "desk_reply")
        return list(db.session.scalars(query.order_by(Message.created_at)))


def test_the_list_says_who_waits_since_when_and_what_they_wrote(signed_in, cast, page):
    answer = signed_in(cast.esha).get(INBOX)
    said = text_of(answer)
    for words in ("Asha Rao", "Can somebody call me?", "Waits since", "1 unread"):
        assert words in said
    assert soup(answer).select_one("#count-inbox").text == "1"
    part = signed_in(cast.esha).get(INBOX, headers=HTMX)
    assert (is_whole_page(answer), root_id(part)) == (True, "threads")


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ({"q": "asha"}, True),
        ({"q": "07700 900000"}, True),
        ({"q": "bela"}, False),
        ({"show": "mine"}, False),
        ({"show": "all"}, True),
        ({"show": "nonsense"}, True),
    ],
)
def test_it_is_searched_and_narrowed(signed_in, cast, page, query, is_there):
    answer = signed_in(cast.esha).get(INBOX, query_string=query)
    assert (soup(answer).select_one("#threads li") is not None) is is_there


def test_the_conversation_shows_both_sides_and_the_next_visit(signed_in, cast, page):
    answer = signed_in(cast.esha).get(page)
    said = text_of(answer)
    for words in ("Asha Rao", "Can somebody call me?", "Answered at once", "Visit:"):
        assert words in said
    part = signed_in(cast.esha).get(page, headers=HTMX)
    assert root_id(part) == "thread"
    assert soup(part).find("textarea") is None  # what is being typed is never swapped away


def test_a_refresh_of_what_did_not_change_is_304(signed_in, cast, page):
    client, live = signed_in(cast.esha), {**HTMX, "X-Live": "1"}
    tag = client.get(page, headers=live).headers["ETag"]
    assert client.get(page, headers={**live, "If-None-Match": tag}).status_code == 304
    client.post(f"{page}/claim")
    assert client.get(page, headers={**live, "If-None-Match": tag}).status_code == 200


def test_a_reply_goes_out_once_however_often_it_is_sent(app, signed_in, cast, page):
    client = signed_in(cast.esha)
    form = fields(client.get(page), f"{page}/reply") | {"text": "Of course. When?"}
    assert client.post(f"{page}/reply", data=form).status_code == 303
    assert client.post(f"{page}/reply", data=form).status_code == 303
    (one,) = sent(app)
    assert (one.channel, one.address) == ("sms", ASHA)
    answer = client.get(page)
    assert "Of course. When?" in text_of(answer)
    assert soup(answer).select_one("#count-inbox").text == ""


def test_what_came_while_somebody_typed_still_waits(app, signed_in, cast, page):
    client = signed_in(cast.esha)
    shown = client.get(page)
    read_to = soup(shown).select_one("#read-to[form=reply]")["value"]
    with app.app_context():
        receive(Inbound(uuid4().hex, ASHA, "+447700900999", "My chest hurts"))
    form = fields(shown, f"{page}/reply") | {"text": "Of course. When?", "read_to": read_to}
    assert client.post(f"{page}/reply", data=form).status_code == 303
    said = text_of(client.get(page))
    assert "1 unread" in said
    assert "Waits since" in said


@pytest.mark.parametrize("act", ["close", "read"])
def test_what_came_while_somebody_looked_is_not_settled(app, signed_in, cast, page, act):
    client = signed_in(cast.esha)
    shown = client.get(page)
    form = fields(shown, f"{page}/{act}")
    with app.app_context():
        receive(Inbound(uuid4().hex, ASHA, "+447700900999", "My chest hurts"))
    said = text_of(client.post(f"{page}/{act}", data=form, follow_redirects=True))
    assert "1 unread" in said
    assert "Waits since" in said
    assert ("so it stays open" in said) == (act == "close")
    form = fields(client.get(page), f"{page}/{act}")
    said = text_of(client.post(f"{page}/{act}", data=form, follow_redirects=True))
    assert "unread" not in said
    assert ("Waits since" in said) == (act == "read")


def test_what_cannot_be_sent_stays_in_the_box(app, signed_in, cast, page):
    with app.app_context():
        receive(Inbound(uuid4().hex, ASHA, "+447700900999", "STOP"))
    answer = signed_in(cast.esha).post(
        f"{page}/reply", data={"text": "Of course", "channel": "sms"}
    )
    assert answer.status_code == 409
    assert "STOP" in soup(answer).select_one("[role=alert]").text
    assert soup(answer).find("textarea").text.strip() == "Of course"
    assert sent(app) == []


def test_only_ways_by_which_a_reply_can_go_are_offered(app, signed_in, cast, page):
    client = signed_in(cast.esha)
    assert {one["value"] for one in soup(client.get(page)).select("#channel option")} == {
        "sms", "email",
    }  # fmt: skip
    with app.app_context():
        receive(Inbound(uuid4().hex, ASHA, "+447700900999", "STOP"))
    answer = client.get(page)
    assert "They texted STOP" in text_of(answer)
    assert [one["value"] for one in soup(answer).select("#channel option")] == ["email"]


def test_the_link_of_the_next_visit_is_put_in_when_it_is_sent(app, signed_in, cast, page):
    signed_in(cast.esha).post(f"{page}/reply", data={"text": "Here: {link}", "channel": "sms"})
    (one,) = sent(app)
    assert "{link:visit:" in one.body


def test_of_two_windows_the_second_hears_who_was_faster(signed_in, cast, page):
    answer = signed_in(cast.amir).post(f"{page}/claim", headers=HTMX)
    assert root_id(answer) == "thread"
    assert "You answer this" in text_of(answer)
    late = signed_in(cast.esha).post(f"{page}/claim", headers=HTMX)
    assert late.status_code == 409
    assert "Amir" in happened(late)["toast"]["text"]
    assert "Amir" in text_of(signed_in(cast.esha).get(page))


@pytest.mark.parametrize("act", ["claim", "release", "close", "reopen", "read"])
def test_each_act_works_without_javascript(signed_in, cast, page, act):
    answer = signed_in(cast.esha).post(f"{page}/{act}")
    assert (answer.status_code, answer.location) == (303, page)


def test_it_is_attached_to_a_patient_that_the_desk_finds(app, signed_in, cast, page):
    with app.app_context():
        known_to(cast.harbour, cast.bela)
    client = signed_in(cast.esha)
    found = client.get(page, query_string={"find": "bela"})
    action = f"{page}/attach"
    key = soup(found).find("form", action=action).find("input", attrs={"name": "patient_id"})
    assert client.post(action, data={"patient_id": key["value"]}).status_code == 303
    assert "Bela" in soup(client.get(page)).h1.text
    client.post(action)
    assert "Asha" in soup(client.get(page)).h1.text


def test_a_number_that_nobody_knows_is_shown_as_it_is_dialled(app, signed_in, cast):
    with app.app_context():
        queued(organisation_id=cast.harbour, address="+447700900777")
        receive(Inbound(uuid4().hex, "+447700900777", "+447700900999", "Hello?"))
    answer = signed_in(cast.esha).get(INBOX)
    assert "07700\N{NO-BREAK SPACE}900777" in soup(answer).select_one("#threads li a").text


def test_saved_replies_are_kept_changed_used_and_deleted(app, signed_in, cast, page):
    client = signed_in(cast.esha)
    new = {"title": "Parking", "body": "Dear {name}, park behind {clinic}. {link}"}
    assert client.post(REPLIES, data=new).location == REPLIES
    key = soup(client.get(page)).select_one("#saved option")["value"]
    put = client.post(f"{page}/reply", data={"text": "Hello.", "saved": key, "put": "1"})
    box = soup(put).find("textarea").text.strip()
    assert box == "Hello. Dear Asha Rao, park behind Harbour Clinic. {link}"
    assert sent(app) == []
    assert client.post(REPLIES, data=new).status_code == 409
    assert client.post(REPLIES, data={"title": "", "body": "x"}).status_code == 400
    client.post(f"{REPLIES}{key}", data=new | {"title": "Cars"})
    assert "Cars" in text_of(client.get(f"{REPLIES}{key}"))
    assert client.post(f"{REPLIES}{key}/delete").status_code == 303
    assert "Cars" not in text_of(client.get(REPLIES))


def test_another_clinics_are_not_there(signed_in, cast, page):
    client = signed_in(cast.esha)
    client.post(REPLIES, data={"title": "Parking", "body": "Behind the house."})
    key = soup(client.get(page)).select_one("#saved option")["value"]
    other = signed_in(cast.farid)
    assert "Parking" not in text_of(other.get(REPLIES))
    for path in (f"{REPLIES}{key}", page):
        assert other.get(path).status_code == 404
    for path in (f"{REPLIES}{key}", f"{REPLIES}{key}/delete", f"{page}/reply", f"{page}/close"):
        assert other.post(path, data={"title": "a", "body": "b"}).status_code == 404


def test_how_long_a_reply_is_and_how_many_texts(signed_in, cast):
    client = signed_in(cast.esha)
    assert "1 text" in text_of(client.post("/inbox/length", data={"text": "Of course."}))
    assert "2 texts" in text_of(client.post("/inbox/length", data={"text": "a" * 200}))
    assert text_of(client.post("/inbox/length", data={"text": " "})) == ""


HOURS = "/inbox/hours/"


def test_an_administrator_keeps_the_hours_of_the_desk(signed_in, cast):
    client = signed_in(cast.amir)
    assert soup(client.get(INBOX)).find("a", href=HOURS)
    assert soup(signed_in(cast.esha).get(INBOX)).find("a", href=HOURS) is None
    form = fields(client.get(HOURS), HOURS)
    assert (form["opens-0"], form["closes-4"], form["opens-6"]) == ("09:00", "17:00", "")
    new = form | {"is_on": "1", "closes-0": "00:00", "words": "Nobody is here"}
    assert client.post(HOURS, data=new).location == HOURS
    page = client.get(HOURS)
    assert fields(page, HOURS)["closes-0"] == "00:00"
    assert "Harbour Clinic: Nobody is here. In an emergency call" in text_of(page)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"opens-2": "18:00"}, "Wed: the second time must be after the first"),
        ({"opens-2": ""}, "Wed: write two times"),
        ({"opens-2": "noon"}, "Wed: write two times"),
        ({"words": "a" * 101}, "100"),
        ({f"{side}-{day}": "" for side in ("opens", "closes") for day in range(7)}, "one day"),
    ],
)
def test_hours_that_are_none_come_back_as_they_were_entered(signed_in, cast, changes, said):
    client = signed_in(cast.amir)
    form = fields(client.get(HOURS), HOURS) | {"is_on": "1"} | changes
    answer = client.post(HOURS, data=form)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert soup(answer).find("input", attrs={"name": "opens-2"})["value"] == form["opens-2"]
