"""The only door to Twilio and SMTP: one call out, one Outcome back, never an exception."""

from typing import Any

import structlog

from clinic.config import Settings
from clinic.core import running
from clinic.messaging.channels import letters, texts
from clinic.messaging.channels.call import Claim, Content, Outcome

__all__ = [
    "Content",
    "find_text",
    "get_ready",
    "is_signed_by_twilio",
    "send",
    "sender_of",
    "twiml",
]

log = structlog.get_logger()

NOT_CONFIGURED = Outcome("skipped", error_code="not_configured")


def get_ready() -> None:
    """Load the SDK once, in a process that forks others: else each of them would load it."""
    settings = running.settings()
    if settings.twilio_account_sid:
        texts.load(settings)


def send(claim: Claim, content: Content) -> Outcome:
    """Hand one message to its provider. No transaction may be open here."""
    settings = running.settings()
    if claim.channel == "email":
        if not settings.smtp_host:
            return _nowhere(settings, claim)
        return letters.send(settings, claim, content)
    if not settings.twilio_account_sid:
        return _nowhere(settings, claim)
    sender = sender_of(settings, claim)
    return texts.send(settings, claim, content, sender) if sender else NOT_CONFIGURED


def _nowhere(settings: Settings, claim: Claim) -> Outcome:
    """No provider: the development inbox in development, a red light in production."""
    if settings.production:
        return NOT_CONFIGURED
    log.info("fake_delivery", channel=claim.channel, message_id=str(claim.id))
    return Outcome("delivered", provider_id=f"dev-{claim.id.hex}", sender="development inbox")


def sender_of(settings: Settings, claim: Claim) -> str:
    """Our address for this channel and audience."""
    if claim.channel == "email":
        return settings.mail_from
    if claim.channel == "whatsapp":
        return settings.twilio_whatsapp_from
    by_audience = {
        "patient": settings.twilio_from_patient,
        "doctor": settings.twilio_from_doctor,
    }
    return by_audience.get(claim.audience) or settings.twilio_from


def find_text(channel: str, address: str, body: str, since: Any) -> list[Outcome]:
    """Ask Twilio whether a text of ours reached it after all: all it knows with these words."""
    settings = running.settings()
    if not settings.twilio_account_sid:
        return []
    return texts.find(settings, channel, address, body, since)


is_signed_by_twilio = texts.is_signed_by_twilio
twiml = texts.twiml
