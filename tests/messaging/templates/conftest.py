"""WhatsApp by the stand-in, and our texts approved there."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from clinic.config import Settings
from clinic.messaging.templates import service
from clinic.messaging.templates.approved import templates
from tests.fakes.twilio import FakeTwilio

OURS = "+447700900993"


@pytest.fixture
def chats(
    in_app: Flask, twilio: FakeTwilio, set_up: Callable[..., Settings]
) -> Iterator[FakeTwilio]:
    """Nothing is approved, or handed in, yet."""
    set_up(twilio_whatsapp_from=OURS)
    templates().forget()
    yield twilio
    templates().forget()


@pytest.fixture
def approved(chats: FakeTwilio) -> FakeTwilio:
    service.submit()
    chats.account.contents.decide("approved")
    service.check()
    return chats
