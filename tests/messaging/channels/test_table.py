"""The table of channels: what each can carry, whom it reaches, and that all rooms know the same."""

from typing import get_args

import pytest
import sqlalchemy as sa

from clinic.api.patients import patients as api
from clinic.appointments.booking import forms
from clinic.core.data.db import db, transactional
from clinic.messaging import channels
from clinic.messaging.channels import CHANNELS
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.patients import details
from tests.messaging.ledger_helpers import ASHA

MAIL = "asha@cast.example"


def test_every_room_offers_the_channels_of_the_table():
    assert set(CHANNELS) == set(details.CHANNELS)
    assert set(CHANNELS) == set(get_args(api.Channel))
    assert set(CHANNELS) == {choice.value for choice in forms.CHANNELS}


def test_the_ledger_takes_the_channels_of_the_table():
    (rule,) = [
        str(one.sqltext)
        for one in Message.__table__.constraints
        if isinstance(one, sa.CheckConstraint) and str(one.sqltext).startswith("channel IN")
    ]
    assert set(CHANNELS) == set(rule.split("'")[1::2])


def test_only_letters_have_paragraphs_and_a_calendar_and_ignore_that_somebody_wants_no_texts():
    assert (channels.TEXTS, channels.LETTERS) == (("sms", "whatsapp"), ("email",))
    for one in CHANNELS.values():
        assert one.carries_calendar == one.is_letter
        assert one.heeds_refusals == (not one.is_letter)
        assert (one.find is None) == one.is_letter


@pytest.mark.parametrize(
    ("address", "reached_by"),
    [
        (ASHA, {"sms", "whatsapp"}),
        ("+12025550123", {"sms", "whatsapp"}),
        (MAIL, {"email"}),
        ("", set()),
        ("07700900000", set()),
        ("+0123456", set()),
        ("HARBOUR", set()),
    ],
)
def test_an_address_is_of_one_kind(address, reached_by):
    assert {name for name, one in CHANNELS.items() if one.reaches(address)} == reached_by


@pytest.mark.parametrize("kind", ["phone", "email"])
def test_the_usual_channel_of_an_address_reaches_it(kind):
    assert CHANNELS[channels.USUAL[kind]].address == kind


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("whatsapp:+447700900000", ("whatsapp", ASHA)),
        (ASHA, ("sms", ASHA)),
        ("HARBOUR", ("sms", "HARBOUR")),
        ("", ("sms", "")),
    ],
)
def test_an_address_as_twilio_writes_it(written, read):
    assert channels.read_address(written) == read


@pytest.mark.parametrize(("channel", "address"), [("sms", MAIL), ("email", ASHA)])
def test_what_the_channel_cannot_reach_is_skipped_at_once(in_app, cast, channel, address):
    new = NewMessage(cast.harbour, channel, address, "visit_missed", {"organisation": "H"})
    transactional(messages.queue_messages)([new])
    row = db.session.scalars(sa.select(Message)).one()
    assert (row.status, row.error_code) == ("skipped", "no_address")
