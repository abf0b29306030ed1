"""Buttons, pictures and the provider's own words, through its signed post."""

from itertools import count
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.messaging.consents.models import OptOut
from clinic.messaging.models import Message
from clinic.messaging.words import gsm
from tests.appointments.outside.test_answering import kept, reminded, status
from tests.conftest import Stage
from tests.factories import scheduled
from tests.fakes.twilio import ACCOUNT, TOKEN
from tests.fakes.twilio_posts import inbound_form, signed_headers

BASE, WEBHOOK = "https://clinic.example", "/api/v1/twilio/webhook"
ASHA = "+447700900000"
_numbers = count(1)


@pytest.fixture
def cast(both: Stage, monkeypatch):
    settings = both.app.config["SETTINGS"].model_copy(update={"twilio_auth_token": TOKEN})
    monkeypatch.setitem(both.app.config, "SETTINGS", settings)
    monkeypatch.setitem(both.app.config, "PUBLIC_BASE_URL", BASE)
    with both.app.app_context():
        yield both.cast


@pytest.fixture
def post(both: Stage, cast):
    """Returns the text of the answer, or nothing."""

    def send(body, channel="sms", sid=None, **more):
        sender = f"whatsapp:{ASHA}" if channel == "whatsapp" else ASHA
        sid = sid or f"SM-tapped-{next(_numbers)}"
        form = inbound_form(ACCOUNT, sender, "+447700900999", body, sid, **more)
        signed = signed_headers(TOKEN, BASE + WEBHOOK, form)
        answer = both.app.test_client().post(WEBHOOK, data=urlencode(form), headers=signed)
        assert answer.status_code == 200
        db.session.rollback()
        said = answer.text.partition("<Message>")[2].partition("</Message>")[0]
        assert not said or gsm.fits(said)
        return said

    return send


@pytest.fixture
def visit(cast):
    return reminded(scheduled(cast.asha, cast.dr_chandra, "09:30"))


def opted_out():
    return list(db.session.scalars(sa.select(OptOut.address)))


@pytest.mark.parametrize(
    ("act", "shown", "after"),
    [("confirm", "Confirm", "confirmed"), ("cancel", "Cancel", "cancelled")],
)
def test_a_button_does_what_it_names_to_the_visit_it_names(cast, visit, post, act, shown, after):
    other = reminded(scheduled(cast.asha, cast.dr_dev, "11:00"))
    said = post(shown, "whatsapp", ButtonPayload=f"{act}:{visit.code}", ButtonText=shown)
    assert said == f"Harbour Clinic: your visit on Mon 16 Nov, 09:30 is {after}."
    assert (status(visit), status(other), opted_out()) == (after, "scheduled", [])


def test_other_time_answers_with_the_link(visit, post):
    said = post("Other time", "whatsapp", ButtonPayload=f"other:{visit.code}")
    assert said.startswith("Harbour Clinic: choose another time for Mon 16 Nov, 09:30: http")
    assert (status(visit), kept().about_id) == ("scheduled", visit.id)


@pytest.mark.parametrize("act", ["confirm", "cancel", "other"])
def test_a_button_of_somebody_elses_visit_does_nothing(cast, visit, post, act):
    theirs = reminded(scheduled(cast.bela, cast.dr_dev, "11:00"), "+447700900001")
    said = post("Confirm", "whatsapp", ButtonPayload=f"{act}:{theirs.code}", ButtonText="Confirm")
    assert "we know no visit with that code" in said
    assert (status(visit), status(theirs)) == ("scheduled", "scheduled")


def test_the_providers_stop_wins_over_the_body(visit, post):
    assert post("C", OptOutType="STOP") == ""
    assert (status(visit), opted_out()) == ("scheduled", [ASHA])
    assert post("hola", OptOutType="START") == ""  # the provider has said so
    assert opted_out() == []
    assert post("hola", OptOutType="HELP") == ""
    assert "is confirmed" in post("YES", OptOutType="START")
    assert status(visit) == "confirmed"


def test_cancel_that_the_provider_took_for_its_word_cancels_too(visit, post):
    assert post("CANCEL", OptOutType="STOP") == ""
    assert (status(visit), opted_out(), kept().needs_attention) == ("cancelled", [ASHA], True)


def test_on_whatsapp_nobody_but_us_answers_stop_and_once(visit, post):
    assert post("STOP", "whatsapp") == (
        "Harbour Clinic: you will get no more of our texts. Reply START to get them again."
    )
    assert post("STOP", "whatsapp") == ""
    assert "you will get our texts again" in post("START", "whatsapp")
    assert post("STOP") == ""
    assert opted_out() == [ASHA]


def test_cancel_on_whatsapp_says_what_it_did(visit, post):
    assert "is cancelled" in post("Cancel", "whatsapp")
    assert (status(visit), opted_out(), kept().needs_attention) == ("cancelled", [ASHA], True)


def test_a_picture_is_answered_once_and_seen_at_the_desk(visit, post):
    said = post("", NumMedia="1")
    assert "pictures and recordings cannot be read here. See your visit: http" in said
    assert (kept().body, kept().needs_attention) == ("\U0001f4f7", True)
    assert [post("my rash", NumMedia="2"), post("", NumMedia="1")] == ["", ""]
    assert status(visit) == "scheduled"


def test_what_came_along_with_a_yes_is_seen_at_the_desk(visit, post):
    assert "is confirmed" in post("C", NumMedia="1")
    assert (status(visit), kept().needs_attention) == ("confirmed", True)


@pytest.mark.parametrize("given", ["", "x", "-1", "99999999999"])
def test_a_count_of_media_that_is_none(visit, post, given):
    assert "is confirmed" in post("C", NumMedia=given)


def test_a_long_text_is_kept_whole(visit, post):
    body = "A" * 1590 + " the end."
    post(body)
    assert kept().body == body


def test_a_button_tapped_twice_by_the_provider_is_one(visit, post):
    tapped = {"ButtonPayload": f"confirm:{visit.code}", "ButtonText": "Confirm"}
    answers = {post("Confirm", "whatsapp", "SM-again", **tapped) for _ in range(5)}
    assert len(answers) == 1
    assert db.session.scalar(sa.select(sa.func.count()).where(Message.direction == "in")) == 1
