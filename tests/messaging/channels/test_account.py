"""Texts on a clinic's own account: a messaging service, an API key, a region, a token that goes."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from clinic.config import Settings, providers
from clinic.config.checks import check
from clinic.core import clock
from clinic.messaging import channels, jobs
from clinic.messaging.channels import twilio as provider
from clinic.messaging.channels.call import Claim, Content
from tests.fakes.twilio import ACCOUNT, TOKEN
from tests.fakes.twilio_account import RESET_AFTER_ACCEPT
from tests.fakes.twilio_posts import signed_headers
from tests.messaging.ledger_helpers import ASHA, message, queued

pytestmark = pytest.mark.usefixtures("in_app")

SERVICE, NUMBER = "MG" + "0123456789abcdef" * 2, "+447700900900"
OURS = "+447700900999"
TEXT = Content("Harbour Clinic: see you Mon 16 Nov, 09:00.")


def claim(channel="sms", audience="patient", expires_at=None):
    who = (None, channel, audience, ASHA, None)
    return Claim(uuid4(), uuid4(), *who, "", "", None, None, 1, expires_at=expires_at)


def only_text(twilio):
    (text,) = twilio.account.texts.values()
    return text


@pytest.mark.parametrize(("is_known", "is_judged"), [(True, False), (False, True)])
def test_numbers_that_strangers_typed_are_judged_first(twilio, is_known, is_judged):
    queued(is_known=is_known)
    jobs.deliver_due()
    assert only_text(twilio).is_judged is is_judged


# --- a messaging service


def test_a_messaging_service_chooses_the_number(twilio, set_up):
    twilio.account.services[SERVICE] = NUMBER
    set_up(twilio_messaging_service_sid=SERVICE)
    outcome = channels.send(claim(), TEXT)
    assert (outcome.kind, outcome.sender) == ("sent", SERVICE)
    assert (only_text(twilio).service, only_text(twilio).sender) == (SERVICE, NUMBER)


@pytest.mark.parametrize(
    ("given", "audience", "sender"),
    [
        ({"twilio_from": ""}, "patient", SERVICE),
        ({}, "staff", SERVICE),
        ({"twilio_from_doctor": "+447700900992"}, "doctor", "+447700900992"),
        ({"twilio_from_doctor": "+447700900992"}, "patient", SERVICE),
    ],
)
def test_a_number_of_an_audience_goes_before_the_service(set_up, given, audience, sender):
    set_up(twilio_messaging_service_sid=SERVICE, twilio_from=OURS, twilio_account_sid=ACCOUNT)
    set_up(**{"twilio_messaging_service_sid": SERVICE, "twilio_from": OURS, **given})
    assert channels.sender_for("sms", audience) == sender


@pytest.mark.parametrize(("own", "said"), [(OURS, OURS), ("", SERVICE)])
def test_beside_a_service_people_are_told_its_number(set_up, own, said):
    set_up(twilio_messaging_service_sid=SERVICE, twilio_from=own)
    assert channels.own_number("patient") == said


def test_a_service_that_is_none_holds_our_texts(twilio, set_up):
    set_up(twilio_messaging_service_sid=SERVICE)
    assert channels.send(claim(), TEXT).kind == "held"


@pytest.mark.parametrize("before", ["", "Sent from your Twilio trial account - "])
def test_what_a_service_wrote_in_plainer_letters_is_found_after_an_unclear_answer(
    twilio, set_up, before
):
    twilio.account.services[SERVICE], twilio.account.is_smart = NUMBER, True
    set_up(twilio_messaging_service_sid=SERVICE)
    (one,) = queued(body="Harbour: \u201csee you\u201d at Dr O\u2019Neill\u2013Iyer\u2019s")
    twilio.account.answer_with(RESET_AFTER_ACCEPT)
    jobs.deliver_due()
    assert message(one).status == "uncertain"
    text = only_text(twilio)
    assert "\u201c" not in text.body
    text.body = before + text.body
    assert jobs.resolve_uncertain() == 1
    assert message(one).status == "sent"


# --- signing in


def test_an_api_key_signs_in_whatever_becomes_of_the_token(twilio, set_up):
    twilio.keys["SK1"] = "its secret"
    twilio.change_token("another token")
    set_up(twilio_api_key_sid="SK1", twilio_api_key_secret="its secret")
    assert channels.send(claim(), TEXT).kind == "sent"
    assert channels.probe("twilio")


@pytest.mark.parametrize(
    ("signed_by", "fallbacks", "status"),
    [
        (TOKEN, "", 204),
        ("the older", "the older", 204),
        ("the older", "oldest, the older", 204),
        ("the older", "", 403),
        ("", " , ", 403),
    ],
)
def test_posts_signed_by_an_older_token_are_believed_while_it_is_named(
    app, monkeypatch, signed_by, fallbacks, status
):
    tokens = {"twilio_auth_token": TOKEN, "twilio_auth_token_fallbacks": fallbacks}
    settings = app.config["SETTINGS"].model_copy(update=tokens)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    monkeypatch.setitem(app.config, "PUBLIC_BASE_URL", "https://clinic.example")
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    path = "/api/v1/twilio/status"
    headers = signed_headers(signed_by, f"https://clinic.example{path}", form)
    answer = app.test_client().post(path, data=urlencode(form), headers=headers)
    assert answer.status_code == status


# --- what holds a sender is mended: asked by what calls sign in by


@pytest.mark.parametrize(
    ("secret", "status", "kind"),
    [
        ("its secret", "active", "sent"),
        ("another", "active", "held"),
        ("its secret", "suspended", "held"),
    ],
)
def test_a_key_probes_by_what_it_may_see(twilio, set_up, secret, status, kind):
    """Asked for the account, a standard key is refused for ever: what is held would stay so."""
    twilio.keys["SK1"] = "its secret"
    twilio.account.status = status
    settings = set_up(twilio_api_key_sid="SK1", twilio_api_key_secret=secret)
    assert provider.probe(settings).kind == kind


# --- a region


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({}, "api.twilio.com"),
        ({"twilio_region": "ie1"}, "api.dublin.ie1.twilio.com"),
        ({"twilio_region": "au1"}, "api.sydney.au1.twilio.com"),
        ({"twilio_region": "ie1", "twilio_edge": "frankfurt"}, "api.frankfurt.ie1.twilio.com"),
        ({"twilio_edge": "singapore"}, "api.singapore.us1.twilio.com"),
    ],
)
def test_each_region_is_called_by_its_own_name(set_up, given, host):
    settings = set_up(twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN, **given)
    asked = provider.client(settings).get_hostname("https://api.twilio.com/2010-04-01/Accounts")
    assert asked == f"https://{host}/2010-04-01/Accounts"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"twilio_messaging_service_sid": SERVICE, "twilio_from": ""}, []),
        ({"twilio_messaging_service_sid": "SM1"}, ["TWILIO_MESSAGING_SERVICE_SID"]),
        ({"twilio_api_key_sid": "SK1"}, ["TWILIO_API_KEY_SECRET"]),
        ({"twilio_api_key_secret": "its secret"}, ["TWILIO_API_KEY_SID"]),
        ({"twilio_region": "mars1"}, ["TWILIO_REGION"]),
        ({"twilio_edge": "mars"}, ["TWILIO_EDGE"]),
        ({"twilio_region": "ie1", "twilio_edge": "dublin"}, []),
        ({"twilio_auth_token": "", "twilio_api_key_sid": "SK1", "twilio_api_key_secret": "x"},
         ["TWILIO_AUTH_TOKEN"]),  # which the signatures of posts need all the same
        ({"twilio_account_sid": "", "twilio_messaging_service_sid": SERVICE},
         ["TWILIO_ACCOUNT_SID"]),
    ],
)  # fmt: skip
def test_half_a_set_up_is_named_at_the_start(set_up, given, names):
    whole = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_from": OURS}
    problems = check(set_up(**(whole | given)))
    assert [one.split(":")[0] for one in problems if one.startswith("TWILIO")] == names


def test_settings_have_these_names():
    wanted = ("TWILIO_MESSAGING_SERVICE_SID", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET")
    for name in (*wanted, "TWILIO_AUTH_TOKEN_FALLBACKS", "TWILIO_REGION", "TWILIO_EDGE"):
        assert name.lower() in Settings.model_fields


# --- how long it is of use


@pytest.mark.parametrize(
    ("left", "valid"),
    [
        (timedelta(hours=3), 10_800),
        (timedelta(days=2), 36_000),
        (timedelta(seconds=1.9), 1),
        (timedelta(0), 1),
        (None, None),
    ],
)
def test_a_text_says_how_long_it_is_of_use(twilio, monday_morning, left, valid):
    monday_morning.move_to(clock.now(), tick=False)
    until = clock.now() + left if left is not None else None
    assert channels.send(claim(expires_at=until), TEXT).kind == "sent"
    said = only_text(twilio)
    found = (said.valid_until - said.taken_at).total_seconds()
    assert found == (valid or 36_000)


def test_the_ledger_hands_it_over(twilio, monday_morning):
    queued(expires_at=clock.now() + timedelta(minutes=10))
    jobs.deliver_due()
    said = only_text(twilio)
    assert 590 <= (said.valid_until - said.taken_at).total_seconds() <= 600


WHOLE = {
    "twilio_account_sid": "AC" + "0123456789abcdef" * 2,
    "twilio_auth_token": TOKEN,
    "twilio_from": OURS,
    "smtp_host": "mail.example",
    "smtp_user": "clinic",
    "smtp_pass": "secret",
    "mail_from": "clinic@harbour.example",
}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, []),
        ({"mail_from": "Clinic <clinic@harbour.example>"}, []),
        ({"twilio_from": "HARBOUR"}, []),
        ({"twilio_from": "60999"}, []),
        ({"twilio_messaging_service_sid": SERVICE}, []),
        # Half of it.
        ({"twilio_account_sid": "", "twilio_from": ""}, ["TWILIO_ACCOUNT_SID"]),
        ({"twilio_account_sid": "", "twilio_auth_token": ""}, ["TWILIO_ACCOUNT_SID"]),
        (
            {
                **dict.fromkeys(("twilio_account_sid", "twilio_auth_token", "twilio_from"), ""),
                "twilio_whatsapp_from": OURS,
            },
            ["TWILIO_ACCOUNT_SID"],
        ),
        ({"smtp_pass": ""}, ["SMTP_PASS"]),
        ({"smtp_user": ""}, ["SMTP_USER"]),
        ({"smtp_host": ""}, ["SMTP_HOST"]),
        # Mistyped.
        ({"twilio_account_sid": "AC1"}, ["TWILIO_ACCOUNT_SID"]),
        ({"twilio_account_sid": SERVICE}, ["TWILIO_ACCOUNT_SID"]),
        ({"twilio_api_key_sid": "AC1", "twilio_api_key_secret": "x"}, ["TWILIO_API_KEY_SID"]),
        ({"twilio_messaging_service_sid": "MG1"}, ["TWILIO_MESSAGING_SERVICE_SID"]),
        ({"twilio_from": "020 7946 0142"}, ["TWILIO_FROM"]),
        ({"twilio_from_doctor": "The clinic of the harbour"}, ["TWILIO_FROM_DOCTOR"]),
        ({"twilio_whatsapp_from": "07700 900777"}, ["TWILIO_WHATSAPP_FROM"]),
    ],
)
def test_half_of_it_stops_production_by_name_and_is_told_elsewhere(set_up, given, names):
    settings = set_up(**(WHOLE | given))
    with capture_logs() as lines:
        providers.tell(settings)
    assert [line["problem"].partition(":")[0] for line in lines] == names
    assert TOKEN not in str(lines)
    assert not {problem.partition(":")[0] for problem in check(settings)} & set(names)
    stopping = {
        problem.partition(":")[0]
        for problem in check(set_up(**(WHOLE | given), environment="production"))
    }
    of_providers = {name for name in stopping if name.startswith(("TWILIO", "SMTP", "MAIL"))}
    assert of_providers - {"TWILIO_API_BASE"} == set(names)


def test_a_mail_server_of_ones_own_may_take_what_nobody_can_answer(set_up):
    settings = set_up(**WHOLE | {"mail_from": "clinic@localhost"}, environment="production")
    with capture_logs() as lines:
        providers.tell(settings)
    assert [line["problem"].partition(":")[0] for line in lines] == ["MAIL_FROM"]
    assert not any("MAIL_FROM" in problem for problem in check(settings))


def test_production_starts_without_any_provider(set_up):
    empty = {name: "" for name in WHOLE if name != "mail_from"}
    assert providers.doubts(set_up(**empty, environment="production")) == []
