"""A WhatsApp message of a patient lets us write freely for a day."""

from datetime import timedelta

import pytest

from clinic.core import clock
from clinic.messaging import window
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound

pytestmark = pytest.mark.usefixtures("ledger_on")

ASHA = "+447700900000"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def comes_in(channel):
    receiving.receive(Inbound(f"SM-{channel}", ASHA, "+44", "hello", channel))
    return clock.now()


def test_for_a_day_and_no_longer():
    assert not window.is_open(ASHA, clock.now())
    moment = comes_in("whatsapp")
    assert window.is_open(ASHA, moment + MINUTE)
    assert window.is_open(ASHA, moment + DAY - MINUTE)
    assert not window.is_open(ASHA, moment + DAY + MINUTE)
    assert not window.is_open(ASHA, moment - MINUTE)
    assert not window.is_open("+447700900001", moment + MINUTE)


def test_a_text_opens_nothing():
    assert not window.is_open(ASHA, comes_in("sms") + MINUTE)
