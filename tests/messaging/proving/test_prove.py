"""Each check against the stand-in's account: what is said, and how bad it is."""

from uuid import uuid4

import pytest

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.channels import twilio as provider
from clinic.messaging.proving import prove as proving
from clinic.messaging.proving.checks import State, as_data, of_data, worst
from clinic.messaging.proving.prove import prove
from clinic.messaging.templates import queries as templates
from clinic.messaging.templates.models import WhatsAppTemplate
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import TOKEN
from tests.fakes.twilio_account import SUSPENDED, hang, refusal
from tests.fakes.twilio_holdings import sid

NUMBER = "+447700900999"  # what the settings of these tests name
HERE = "https://clinic.example/api/v1/twilio/webhook"
SERVICE = "MG" + "0123456789abcdef" * 2
AMERICAN, CANADIAN, TOLL_FREE = "+12125550123", "+14165550123", "+18005550100"
WHATSAPP = "+447700900777"


def told(channel="sms"):
    """State and sentence of each check of a channel, by its name; the last of a name."""
    return {
        one.name: (str(one.state), one.words % one.values if one.values else one.words)
        for one in prove()
        if one.channel == channel
    }


def states(channel="sms"):
    return {name: state for name, (state, _) in told(channel).items()}


@pytest.fixture
def account(twilio, set_up):
    """Whose one number can text, and leads here."""
    twilio.holdings.numbers[NUMBER] = {"sms_url": HERE}
    set_up(sender_messages_per_second=1)
    return twilio


def test_an_account_that_is_ready(account):
    assert told() == {
        "credentials": ("ok", "The account The stand-in lets us in."),
        "sender": ("ok", f"{NUMBER} can send and receive texts."),
        "inbound_address": ("ok", f"What people text to {NUMBER} comes here."),
        "rate": ("ok", f"Up to 1 a second go from {NUMBER}."),
        "public_address": ("ok", "Each message asks for its report at https://clinic.example."),
        "reports": (
            "unknown",
            "No message of the last day waits for a report, so nothing tells whether they come.",
        ),
        "answers": ("unknown", "Nothing that people write has arrived yet."),
    }


@pytest.mark.parametrize(
    ("spoilt", "name", "state", "words"),
    [
        ({"status": "suspended"}, "credentials", "danger", "is suspended"),
        ({"status": "closed"}, "credentials", "danger", "is closed"),
        ({"is_trial": True}, "credentials", "warning", "is a trial"),
        ({"questions": refusal(401, 20003)}, "credentials", "danger", "not let us in (20003)"),
        ({"questions": SUSPENDED}, "credentials", "danger", "not let us in (20005)"),
        ({"questions": refusal(503)}, "credentials", "unknown", "no answer that says more (503)"),
        ({"questions": refusal(418)}, "credentials", "unknown", "no answer that says more (418)"),
    ],
)
def test_how_the_account_stands(account, spoilt, name, state, words):
    for key, value in spoilt.items():
        setattr(account.account, key, value)
    found = told()[name]
    assert found[0] == state
    assert words in found[1]


@pytest.mark.parametrize(
    ("number", "name", "state", "words"),
    [
        (None, "sender", "danger", "is not a number of this account"),
        ({"sms": False}, "sender", "danger", "cannot text"),
        ({}, "inbound_address", "danger", "is brought nowhere"),
        ({"sms_url": "https://old.example/sms"}, "inbound_address", "danger", "old.example/sms, n"),
        ({"sms_url": HERE, "sms_method": "GET"}, "inbound_address", "danger", "comes by GET"),
        (
            {"sms_url": HERE, "sms_application_sid": "AP1"},
            "inbound_address",
            "danger",
            "an application (AP1)",
        ),
        ({"sms_url": HERE + "/"}, "inbound_address", "ok", "comes here"),
    ],
)
def test_how_a_number_stands(account, number, name, state, words):
    account.holdings.numbers = {NUMBER: number} if number is not None else {}
    found = told()[name]
    assert found[0] == state
    assert words in found[1]


def test_what_is_wrong_says_what_would_mend_it(account):
    account.holdings.numbers[NUMBER] = {"sms_url": "https://old.example/sms"}
    (one,) = [check for check in prove() if check.fix]
    assert (one.fix.kind, one.fix.sid) == ("number", sid("PN", NUMBER))
    assert (one.fix.before, one.fix.after) == ("https://old.example/sms", HERE)


@pytest.mark.parametrize(
    ("settings", "name", "state"),
    [
        ({"public_base_url": ""}, "public_address", "danger"),
        ({"public_base_url": ""}, "inbound_address", "danger"),
        ({"public_base_url": "http://127.0.0.1:8000"}, "public_address", "warning"),
        ({"twilio_from": ""}, "sender", "danger"),
        ({"twilio_from": "nonsense, quite"}, "sender", "danger"),
        ({"twilio_from": "60999"}, "sender", "danger"),
        ({"twilio_from": "CLINIC"}, "sender", "ok"),
        ({"twilio_messaging_service_sid": SERVICE}, "sender", "danger"),
        ({"twilio_auth_token": ""}, "provider", "danger"),
        ({"twilio_account_sid": ""}, "provider", "warning"),
        ({"twilio_account_sid": "", "environment": "production"}, "provider", "danger"),
        ({"sender_messages_per_second": 80}, "rate", "warning"),
        ({"sender_messages_per_second": 0}, "rate", "warning"),
    ],
)
def test_how_the_settings_stand(account, set_up, settings, name, state):
    set_up(**settings)
    assert states()[name] == state


def test_a_name_asks_for_no_way_back(account, set_up):
    set_up(twilio_from="CLINIC")
    assert "inbound_address" not in states()


def test_a_short_code_of_ours(account, set_up):
    set_up(twilio_from="60999")
    account.account.short_codes.append("60999")
    assert states()["sender"] == "ok"


@pytest.fixture
def service(account, set_up):
    """A messaging service with a number of the United States, registered and pointed here."""
    set_up(twilio_messaging_service_sid=SERVICE)
    account.account.services[SERVICE] = AMERICAN
    account.holdings.services[SERVICE] = {"inbound_request_url": HERE, "inbound_method": "POST"}
    account.holdings.campaigns[SERVICE] = [
        {"sid": "QE1", "campaign_status": "VERIFIED", "brand_registration_sid": "BN1"}
    ]
    account.holdings.brands["BN1"] = {"sid": "BN1", "status": "APPROVED"}
    return account


def test_a_service_that_is_ready(service):
    found = told()
    assert found["sender"] == ("ok", f"The messaging service Clinic sends from {AMERICAN}.")
    assert found["inbound_address"] == ("ok", "What people text to Clinic comes here.")
    assert found["registration"] == ("ok", "The brand of Clinic is approved.")
    assert found["opt_outs"][0] == "unknown"


def test_a_service_may_leave_the_way_back_to_its_numbers(service):
    service.holdings.services[SERVICE] = {"use_inbound_webhook_on_number": True}
    service.holdings.numbers[AMERICAN] = {"sms_url": "https://old.example"}
    state, words = told()["inbound_address"]
    assert (state, AMERICAN in words) == ("danger", True)


def test_a_service_without_a_sender(service):
    service.account.services[SERVICE] = ""
    assert states()["sender"] == "danger"


@pytest.mark.parametrize(
    ("campaigns", "state"),
    [
        ([], "danger"),
        (["VERIFIED"], "ok"),
        (["IN_PROGRESS"], "warning"),
        (["PENDING"], "warning"),
        (["FAILED"], "danger"),
        (["SUSPENDED"], "danger"),
        (["FAILED", "VERIFIED"], "ok"),
    ],
)
def test_the_networks_must_know_a_us_number(service, campaigns, state):
    service.holdings.campaigns[SERVICE] = [
        {"sid": "QE", "campaign_status": one} for one in campaigns
    ]
    assert states()["registration"] == state


@pytest.mark.parametrize(("brand", "state"), [("IN_REVIEW", "warning"), ("FAILED", "danger")])
def test_the_brand_counts_too(service, brand, state):
    service.holdings.brands["BN1"] = {"status": brand, "failure_reason": "The name differs."}
    assert states()["registration"] == state


@pytest.mark.parametrize(
    ("number", "verification", "state"),
    [
        (TOLL_FREE, None, "danger"),
        (TOLL_FREE, "TWILIO_APPROVED", "ok"),
        (TOLL_FREE, "IN_REVIEW", "warning"),
        (TOLL_FREE, "TWILIO_REJECTED", "danger"),
        (AMERICAN, None, "warning"),
    ],
)
def test_a_number_that_is_named_by_itself(account, set_up, number, verification, state):
    set_up(twilio_from=number)
    account.holdings.numbers[number] = {"sms_url": HERE}
    if verification:
        account.holdings.toll_free[number] = {"status": verification}
    assert states()["registration"] == state


@pytest.mark.parametrize("number", [NUMBER, CANADIAN])
def test_elsewhere_nobody_asks_for_a_campaign(account, set_up, number):
    set_up(twilio_from=number)
    account.holdings.numbers[number] = {"sms_url": HERE}
    assert "registration" not in states()


@pytest.mark.parametrize(
    ("sender", "name", "state"),
    [
        (None, "sender", "danger"),
        ({"webhook": {"callback_url": HERE, "callback_method": "POST"}}, "inbound_address", "ok"),
        ({"webhook": {"callback_url": HERE, "callback_method": "POST"}}, "sender", "ok"),
        ({}, "inbound_address", "danger"),
        ({"status": "OFFLINE", "offline_reasons": ["Blocked."]}, "sender", "danger"),
        ({"status": "VERIFYING"}, "sender", "warning"),
        ({"status": "ONLINE:UPDATING"}, "sender", "ok"),
    ],
)
def test_how_a_whatsapp_number_stands(account, set_up, sender, name, state):
    set_up(twilio_whatsapp_from=WHATSAPP)
    if sender is not None:
        account.holdings.whatsapp[WHATSAPP] = sender
    assert states("whatsapp")[name] == state


@pytest.mark.parametrize(
    ("statuses", "state"),
    [([], "warning"), (["approved"], "ok"), (["pending"], "warning"), (["rejected"], "danger")],
)
def test_which_templates_are_approved(account, set_up, statuses, state):
    set_up(twilio_whatsapp_from=WHATSAPP)
    account.holdings.whatsapp[WHATSAPP] = {}
    for status in statuses:
        stand(status)
    assert states("whatsapp")["templates"] == state


@transactional
def stand(status):
    """All of our texts."""
    for number, (one, language) in enumerate(templates.wanted()):
        db.session.add(
            WhatsAppTemplate(
                id=uuid4(), name=f"{one.template}_{one.form}_{language}", template=one.template,
                form=one.form, language=language, content_sid=f"HX{number:032x}", variables=[],
                status=status, created_at=clock.now(),
            )
        )  # fmt: skip


def test_whatsapp_need_not_be_used_and_the_sandbox_is_no_home(account, set_up):
    assert states("whatsapp") == {"provider": "unknown"}
    set_up(twilio_whatsapp_from="+14155238886")
    assert states("whatsapp")["sender"] == "warning"


def test_who_does_not_answer_is_not_asked_again(account, set_up, monkeypatch):
    """One time-out, not one for each question."""
    set_up(twilio_whatsapp_from=WHATSAPP)
    account.account.questions = hang(2)
    assert states()["credentials"] == "unknown"
    assert len([one for one in account.account.requests if one["method"] == "GET"]) == 1
    account.account.questions = refusal(200)


def test_slow_answers_end_with_the_time_there_is(account, monkeypatch):
    monkeypatch.setattr(proving.Asker.__init__, "__defaults__", (-1.0,))
    assert told()["credentials"] == (
        "unknown",
        "Twilio answered too slowly: the rest could not be asked.",
    )


def test_a_mail_server_that_is_ready(post_office):
    found = told("email")
    assert found["mail_server"] == ("ok", "The mail server 127.0.0.1 lets us in.")
    assert found["sender"] == ("ok", "Emails come from clinic@harbour.example.")
    assert found["domain"][0] == "unknown"


def test_no_mail_server_answers(set_up):
    with FakeSmtp() as fake:
        port = fake.port
    set_up(smtp_host="127.0.0.1", smtp_port=port)
    assert told("email")["mail_server"][0] == "danger"


def test_mail_from_nowhere(post_office, set_up):
    set_up(mail_from="clinic@localhost")
    assert states("email")["sender"] == "warning"
    set_up(environment="production")
    assert states("email")["sender"] == "danger"


def test_nothing_is_sent(account, post_office):
    prove()
    assert not account.account.texts
    assert not post_office.letters


def test_what_was_found_can_be_kept(account):
    account.holdings.numbers[NUMBER] = {}
    found = prove()
    assert list(of_data(as_data(found))) == found
    assert worst(found) is State.DANGER


@pytest.mark.parametrize(
    ("key", "token", "state"),
    [
        ("its secret", TOKEN, "ok"),
        ("another", TOKEN, "danger"),  # revoked
        ("its secret", "another", "danger"),  # and with it the signatures of posts
    ],
)
def test_a_key_and_the_token_beside_it_are_both_proven(account, set_up, key, token, state):
    """To a standard key the account itself is closed, for ever: the token asks for that."""
    account.keys["SK1"] = "its secret"
    set_up(twilio_api_key_sid="SK1", twilio_api_key_secret=key, twilio_auth_token=token)
    assert states()["credentials"] == state


def test_a_key_that_may_not_see_numbers_says_so(account):
    """Asked of what is there: the account answers, the numbers do not."""
    provider._client.cache_clear()
    account.account.questions = refusal(403, 20403)
    assert states()["credentials"] == "danger"
