"""One message out and its answer back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.core.errors import Forbidden, Invalid, Unavailable
from clinic.messaging import jobs
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from clinic.messaging.models import Conversation, Message
from clinic.messaging.queueing import caps
from clinic.messaging.readiness import trial
from tests.fakes.twilio_account import refusal
from tests.messaging.ledger_helpers import queued
from tests.pages import HTMX, root_id, soup, text_of

MINE, OURS = "+447700900555", "+447700900999"
PAGE = "/admin/messaging/"


@pytest.fixture
def amir(cast):
    return cast.amir.actor


def texted(body, sid="SM1", **more):
    return receive(Inbound(sid=sid, address=MINE, to=OURS, body=body, **more))


def rows(direction="out"):
    query = sa.select(Message).where(Message.address == MINE, Message.direction == direction)
    return db.session.scalars(query.order_by(Message.created_at)).all()


@pytest.mark.parametrize("answer", ["OK", "ok.", "Yes", "👍"])
def test_the_answer_is_seen_and_no_desk_reads_it(twilio, cast, amir, answer):
    trial.send("sms", "+44 7700 900555", amir)
    jobs.deliver_due()
    (text,) = twilio.account.texts.values()
    assert text.body.startswith("Harbour Clinic: this is a test. Reply OK")
    assert trial.last(amir.organisation_id).is_open
    assert "your answer arrived" in texted(answer)
    found = trial.last(amir.organisation_id)
    assert (found.answered_at is not None, found.is_open) == (True, False)
    (came,) = rows("in")
    assert (came.organisation_id, came.needs_attention) == (amir.organisation_id, False)
    assert not db.session.scalars(sa.select(Conversation.unread)).first()


def test_a_test_that_never_left_asked_nothing(twilio, amir):
    trial.send("sms", MINE, amir)
    assert "your answer arrived" not in texted("OK")


def test_what_else_is_written_goes_its_usual_way(twilio, amir, monday_morning):
    trial.send("sms", MINE, amir)
    assert "your answer arrived" not in texted("Can I come at ten?", "SM2")
    assert trial.last(amir.organisation_id).answered_at  # it came, whatever it says
    trial.send("sms", MINE, amir)
    monday_morning.shift(timedelta(hours=1, minutes=1))
    assert "your answer arrived" not in texted("OK", "SM3")


def test_a_superadmin_tests_what_the_settings_name(twilio, cast, signed_in):
    trial.send("sms", MINE, cast.gita.actor)
    jobs.deliver_due()
    assert "your answer arrived" in texted("OK")
    assert trial.last(None).answered_at
    assert trial.last(cast.harbour) is None


@pytest.mark.parametrize(
    ("channel", "address"),
    [("sms", "12"), ("sms", "me@harbour.example"), ("email", MINE), ("fax", MINE)],
)
def test_what_is_no_address_is_said(twilio, amir, channel, address, set_up):
    set_up(smtp_host="127.0.0.1")
    with pytest.raises(Invalid):
        trial.send(channel, address, amir)


def test_nothing_goes_by_a_way_that_is_not_set_up(in_app, amir, set_up):
    set_up(environment="production")
    with pytest.raises(Unavailable):
        trial.send("sms", MINE, amir)


def test_whatsapp_must_be_written_to_first(twilio, amir, set_up):
    """Else the test itself would hold the sender: free text is refused outside the window."""
    set_up(twilio_whatsapp_from="+447700900777")
    with pytest.raises(Invalid):
        trial.send("whatsapp", MINE, amir)
    texted("Hello", channel="whatsapp")
    trial.send("whatsapp", MINE, amir)
    assert len(rows()) == 1


@pytest.mark.parametrize("who", ["asha", "esha"])
def test_others_send_no_tests(in_app, cast, who):
    with pytest.raises(Forbidden):
        trial.send("sms", MINE, cast.people[who].actor)


def test_a_name_asks_for_no_answer(twilio, amir, set_up):
    set_up(twilio_from="HARBOUR")
    trial.send("sms", MINE, amir)
    jobs.deliver_due()
    (text,) = twilio.account.texts.values()
    assert "Reply" not in text.body
    assert not trial.last(amir.organisation_id).can_be_answered


def test_a_test_that_is_refused_says_why(twilio, amir):
    twilio.account.answer_with(refusal(400, 21211))
    trial.send("sms", MINE, amir)
    jobs.deliver_due()
    found = trial.last(amir.organisation_id)
    assert (found.status, found.error_code, found.is_open) == ("failed", "21211", False)


def test_pressed_twice_one_goes_out(twilio, amir):
    first = trial.send("sms", MINE, amir)
    assert trial.send("sms", "+44 7700 900555", amir) == first
    jobs.deliver_due()
    assert trial.send("sms", MINE, amir) != first
    assert len(rows()) == 2


def test_nobody_texts_the_whole_world_by_tests(twilio, amir, cast, monday_morning):
    """One account that got into wrong hands: each number is another one, and each text costs."""
    for number in range(trial.MOST_A_DAY):
        trial.send("sms", f"+4477009005{number:02}", amir)
    with pytest.raises(Invalid, match="Too many tests"):
        trial.send("sms", "+447700900569", amir)
    assert trial.send("sms", "+447700900569", cast.gita.actor)
    monday_morning.shift(timedelta(days=1, minutes=1))
    assert trial.send("sms", "+447700900569", amir)


def test_a_number_of_a_stranger_is_tested_as_rarely_as_strangers_are_texted(twilio, amir):
    for _ in range(caps.STRANGERS.an_hour):
        trial.send("sms", MINE, amir)
        jobs.deliver_due()
    with pytest.raises(Invalid, match="Too many tests"):
        trial.send("sms", MINE, amir)


def test_whether_they_wrote_to_another_clinic_is_not_told(twilio, cast, amir, monday_morning):
    trial.send("sms", MINE, amir)
    monday_morning.shift(timedelta(days=1))
    queued(address=MINE, organisation_id=cast.elsewhere)
    texted("Can somebody call me?", "SM7")
    came = sa.update(Message).where(Message.direction == "in")
    db.session.execute(came.values(organisation_id=cast.elsewhere))
    db.session.commit()
    assert trial.last(amir.organisation_id).answered_at is None


def test_on_the_page(signed_in, cast, app):
    client = signed_in(cast.amir)
    bad = client.post(PAGE + "test", data={"channel": "sms", "address": "12"})
    assert (bad.status_code, "There is a problem" in text_of(bad)) == (422, True)
    sent = client.post(
        PAGE + "test", data={"channel": "sms", "address": MINE}, follow_redirects=True
    )
    assert "The test is on its way" in text_of(sent)
    part = client.get(PAGE + "test", headers=HTMX)
    assert root_id(part) == "trial"
    assert soup(part).find(id="trial")["hx-trigger"] == "every 3s"
    assert "waits to be sent" in text_of(part)
    with app.app_context():
        jobs.deliver_due()
        texted("OK")
    done = client.get(PAGE)
    assert "messages go and come" in text_of(done)
    assert not soup(done).find(id="trial").get("hx-get")


def test_a_letter_is_a_test_too(post_office, amir):
    trial.send("email", "amir@harbour.example", amir)
    jobs.deliver_due()
    found = trial.last(amir.organisation_id)
    assert (found.channel, found.status, found.can_be_answered) == ("email", "sent", False)


def test_what_was_texted_since_is_what_an_ok_means(twilio, amir, monday_morning):
    """People answer the last text that went there."""
    trial.send("sms", MINE, amir)
    monday_morning.shift(timedelta(minutes=1))
    queued(address=MINE, organisation_id=amir.organisation_id)
    assert "your answer arrived" not in texted("OK")
