"""SMS by Twilio."""

from clinic.config import Settings
from clinic.messaging.channels import twilio
from clinic.messaging.channels.channel import Channel


def sender(settings: Settings, audience: str) -> str:
    """Each audience may read a number of its own; else the messaging service chooses one."""
    by_audience = {
        "patient": settings.twilio_from_patient,
        "doctor": settings.twilio_from_doctor,
    }
    usual = settings.twilio_messaging_service_sid or settings.twilio_from
    return by_audience.get(audience) or usual


SMS = Channel(
    name="sms",
    address="phone",
    account="twilio",
    probe=twilio.probe,
    is_set_up=twilio.is_set_up,
    is_whole=twilio.is_whole,
    sender=sender,
    send=twilio.send,
    reaches=twilio.is_number,
    find=twilio.find,
)
