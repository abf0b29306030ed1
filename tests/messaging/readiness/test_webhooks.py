"""What people write is brought here: offered by the proof, asked, and set in the account."""

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.core.errors import NotFound, Unavailable
from clinic.events.models import EventRow
from clinic.messaging import jobs
from clinic.messaging.errors import ChangedMeanwhile
from clinic.messaging.proving.prove import prove
from clinic.messaging.readiness import queries, service
from clinic.messaging.senders import chosen
from tests.fakes.twilio_account import refusal
from tests.fakes.twilio_holdings import sid
from tests.messaging.identities.test_identities import used
from tests.messaging.proving.test_prove import HERE, NUMBER, SERVICE, WHATSAPP
from tests.pages import soup, text_of

OLD = "https://old.example/sms"


@pytest.fixture(autouse=True)
def fresh(in_app):
    chosen.senders().forget()
    yield
    chosen.senders().forget()


@pytest.fixture
def gita(cast):
    return cast.gita.actor


@pytest.fixture
def account(twilio):
    twilio.holdings.numbers[NUMBER] = {"sms_url": OLD}
    return twilio


def proven(actor):
    service.ask(actor)
    jobs.prove()
    return [one.fix for one in queries.proof(actor.organisation_id).checks if one.fix]


def told(channel="sms"):
    return [
        str(one.state) for one in prove() if (one.name, one.channel) == ("inbound_address", channel)
    ]


def test_a_number_is_pointed_here_once_somebody_says_so(account, gita):
    (fix,) = proven(gita)
    assert (fix.before, fix.after) == (OLD, HERE)
    assert account.holdings.numbers[NUMBER]["sms_url"] == OLD
    service.point_here("number", fix.sid, gita)
    assert account.holdings.numbers[NUMBER] == {"sms_url": HERE, "sms_method": "POST"}
    assert told() == ["ok"]
    assert queries.proof(None).is_running  # it is looked at anew
    query = sa.select(EventRow.payload).where(EventRow.name == "sender.pointed_here")
    assert db.session.scalars(query).one()["sender"] == NUMBER


def test_a_service_and_a_whatsapp_number_are_pointed_here(account, set_up, gita):
    set_up(twilio_messaging_service_sid=SERVICE, twilio_whatsapp_from=WHATSAPP)
    account.account.services[SERVICE] = NUMBER
    account.holdings.services[SERVICE] = {"use_inbound_webhook_on_number": False}
    account.holdings.whatsapp[WHATSAPP] = {"webhook": {"callback_url": OLD}}
    for fix in proven(gita):
        service.point_here(fix.kind, fix.sid, gita)
    assert account.holdings.services[SERVICE] == {
        "inbound_request_url": HERE,
        "inbound_method": "POST",
        "use_inbound_webhook_on_number": False,
    }
    hook = account.holdings.whatsapp[WHATSAPP]["webhook"]
    assert (hook["callback_url"], hook["callback_method"]) == (HERE, "POST")
    assert (told(), told("whatsapp")) == (["ok"], ["ok"])


def test_what_was_changed_meanwhile_is_left_alone(account, gita):
    (fix,) = proven(gita)
    account.holdings.numbers[NUMBER]["sms_url"] = "https://newer.example"
    with pytest.raises(ChangedMeanwhile):
        service.point_here("number", fix.sid, gita)
    assert account.holdings.numbers[NUMBER]["sms_url"] == "https://newer.example"


def test_what_no_proof_offered_is_not_set(account, gita):
    with pytest.raises(NotFound):
        service.point_here("number", sid("PN", NUMBER), gita)
    proven(gita)
    with pytest.raises(NotFound):
        service.point_here("service", sid("PN", NUMBER), gita)


def test_a_provider_that_does_not_answer(account, gita):
    (fix,) = proven(gita)
    account.account.questions = refusal(503)
    with pytest.raises(Unavailable):
        service.point_here("number", fix.sid, gita)


def test_an_organisation_points_its_own_senders_alone(account, cast):
    amir = cast.amir.actor
    assert proven(amir) == []  # the number is the settings'
    account.holdings.numbers["+442079460142"] = {"sms_url": OLD}
    used(amir)
    (fix,) = proven(amir)
    assert fix.sid == sid("PN", "+442079460142")


def test_the_page_asks_and_shows_before_and_after(account, app, signed_in, cast, gita):
    (fix,) = proven(gita)
    db.session.remove()
    client = signed_in(cast.gita)
    page = client.get("/admin/messaging/")
    url = f"/admin/messaging/webhooks/number/{fix.sid}"
    assert soup(page).find("a", href=url)
    asked = text_of(client.get(url))
    assert OLD in asked
    assert HERE in asked
    account.holdings.numbers[NUMBER]["sms_url"] = "https://newer.example"
    refused = client.post(url)
    assert (refused.status_code, "Check again" in text_of(refused)) == (409, True)
    account.holdings.numbers[NUMBER]["sms_url"] = OLD
    done = client.post(url, follow_redirects=True)
    assert "comes here now" in text_of(done)
    assert account.holdings.numbers[NUMBER]["sms_url"] == HERE
