"""For a day after each WhatsApp message of a patient they may be written to in words of our own."""

from datetime import datetime, timedelta

from clinic.core.data.db import is_there
from clinic.messaging.models import Message

OPEN_FOR = timedelta(hours=24)
CHANNEL = "whatsapp"


def is_open(address: str, at: datetime) -> bool:
    """Whether a free text may go to that number at that moment, by what came in so far."""
    return is_there(
        Message.address == address,
        Message.created_at > at - OPEN_FOR,
        Message.created_at <= at,
        Message.direction == "in",
        Message.channel == CHANNEL,
        Message.provider_id.is_not(None),  # nor a desk's copy, which is the same text
    )
