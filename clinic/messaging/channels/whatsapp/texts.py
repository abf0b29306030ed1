"""WhatsApp by Twilio, which tells it from SMS by what stands before the number."""

from functools import partial

from clinic.config import Settings
from clinic.messaging.channels import twilio
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.channels.channel import Channel

PREFIX = "whatsapp:"
NOT_APPROVED = "not_approved"


def sender(settings: Settings, _audience: str) -> str:
    return settings.twilio_whatsapp_from


def send(settings: Settings, claim: Claim, content: Content, sender: str) -> Outcome:
    """Outside of a patient's day only what WhatsApp has approved."""
    if not claim.is_free and not content.template:
        return Outcome("skipped", error_code=NOT_APPROVED)
    return twilio.send(settings, claim, content, sender, PREFIX)


WHATSAPP = Channel(
    name="whatsapp",
    address="phone",
    account="twilio",
    probe=twilio.probe,
    is_set_up=twilio.is_set_up,
    is_whole=twilio.is_whole,
    sender=sender,
    send=send,
    reaches=twilio.is_number,
    find=partial(twilio.find, prefix=PREFIX),
    takes_templates=True,
    prefix=PREFIX,
)
