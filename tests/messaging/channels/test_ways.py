"""Which channels can send now, by what is configured."""

import pytest

from clinic.config.checks import check
from clinic.messaging.channels import that_can_send
from clinic.messaging.queueing.reach import Reach

ALL = ("sms", "whatsapp", "email")
SID = {"twilio_account_sid": "AC1"}
TWILIO = SID | {"twilio_auth_token": "secret"}
MAIL = {"smtp_host": "mail.example"}


@pytest.mark.parametrize(
    ("environment", "given", "expected"),
    [
        ("development", {}, ALL),  # its inbox takes them
        ("production", {}, ()),
        ("production", MAIL, ("email",)),
        ("production", SID, ()),
        ("production", TWILIO, ()),
        ("production", TWILIO | {"twilio_from": "+447700900999"}, ("sms",)),
        ("production", SID | {"twilio_from": "+447700900999"}, ()),
        ("production", TWILIO | {"twilio_whatsapp_from": "+447700900999"}, ("whatsapp",)),
        ("production", TWILIO | {"twilio_from_doctor": "+447700900999"}, ()),
        ("development", SID, ("email",)),
    ],
)
def test_what_can_send(set_up, environment, given, expected):
    set_up(environment=environment, **given)
    assert that_can_send("patient") == expected


def test_to_doctors_goes_what_has_a_number_for_them(set_up):
    set_up(environment="production", **TWILIO, twilio_from_doctor="+447700900999")
    assert that_can_send("doctor") == ("sms",)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (SID | {"twilio_from": "+447700900999"}, "TWILIO_AUTH_TOKEN"),
        (TWILIO, "TWILIO_FROM"),
    ],
)
def test_half_a_set_up_is_named(set_up, given, name):
    problems = check(set_up(**given))
    assert [one.split(":")[0] for one in problems if "TWILIO" in one] == [name]


PHONE, MAILBOX = "+447700900001", "asha@cast.example"
MAIL_FIRST = "email,sms,whatsapp"


@pytest.mark.parametrize(
    ("reach", "wanted", "able", "expected"),
    [
        (Reach(PHONE, MAILBOX), "sms", ALL, ("sms", PHONE)),
        (Reach(PHONE, MAILBOX), "whatsapp", ("sms", "email"), ("sms", PHONE)),
        (Reach(PHONE, MAILBOX), "email", ("sms",), ("sms", PHONE)),
        (Reach(PHONE, MAILBOX, "opted_out"), "sms", ALL, ("email", MAILBOX)),
        (Reach(PHONE, MAILBOX, "unreachable"), "whatsapp", ALL, ("email", MAILBOX)),
        # By one channel alone: the other is not taken in its place, unless it is the wanted one.
        (Reach(PHONE, MAILBOX, "sms:opted_out"), "sms", ALL, ("email", MAILBOX)),
        (Reach(PHONE, MAILBOX, "sms:opted_out"), "whatsapp", ALL, ("whatsapp", PHONE)),
        (Reach(PHONE, MAILBOX, "whatsapp:opted_out"), "sms", ALL, ("sms", PHONE)),
        (Reach(PHONE, MAILBOX, "sms:opted_out,sms:opted_in"), "sms", ALL, ("sms", PHONE)),
        (Reach(PHONE, None, "sms:unreachable"), "sms", ALL, ("whatsapp", PHONE)),
        (Reach(None, MAILBOX), "sms", ALL, ("email", MAILBOX)),
        (Reach(PHONE, None), "email", ALL, ("sms", PHONE)),
        (
            Reach(PHONE, None, "opted_out"),
            "sms",
            ALL,
            ("sms", PHONE),
        ),  # ends there, with the reason
        (Reach(PHONE, None), "sms", (), ("sms", PHONE)),
        # In the organisation's own order.
        (Reach(PHONE, MAILBOX, None, MAIL_FIRST), "whatsapp", ("sms", "email"), ("email", MAILBOX)),
        (Reach(PHONE, None, None, MAIL_FIRST), "whatsapp", ("sms", "email"), ("sms", PHONE)),
        (Reach(PHONE, MAILBOX, None, MAIL_FIRST), "sms", ALL, ("sms", PHONE)),
        (Reach(None, None), "sms", ALL, ("email", "")),
    ],
)
def test_the_way_of_a_message(reach, wanted, able, expected):
    assert reach.way(wanted, able) == expected
