"""WhatsApp by Twilio, which tells it from SMS by what stands before the number."""

from functools import partial

from clinic.config import Settings
from clinic.messaging.channels import twilio
from clinic.messaging.channels.channel import Channel

PREFIX = "whatsapp:"


def sender(settings: Settings, _audience: str) -> str:
    return settings.twilio_whatsapp_from


WHATSAPP = Channel(
    name="whatsapp",
    address="phone",
    account="twilio",
    probe=twilio.probe,
    is_set_up=twilio.is_set_up,
    is_whole=twilio.is_whole,
    sender=sender,
    send=partial(twilio.send, prefix=PREFIX),
    reaches=twilio.is_number,
    find=partial(twilio.find, prefix=PREFIX),
    prefix=PREFIX,
)
