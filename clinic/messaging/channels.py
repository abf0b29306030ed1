"""The only door to Twilio and SMTP: one call out, one Outcome back, never an exception."""

import re
import smtplib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog
from flask import current_app
from flask_mail import Connection, Mail
from flask_mail import Message as Letter
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.messaging_response import MessagingResponse

from clinic.config import Settings
from clinic.messaging import statuses
from clinic.messaging.ledger import Claim, Outcome

log = structlog.get_logger()

TWILIO_TIMEOUT_S = 10
SMTP_TIMEOUT_S = 15
TWILIO_API = "https://api.twilio.com"
STATUS_PATH = "/api/v1/twilio/status"
NOT_CONFIGURED = Outcome("skipped", error_code="not_configured")


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out: placeholders already filled, nothing of it is stored."""

    text: str
    subject: str = ""
    html: str = ""


def send(claim: Claim, content: Content) -> Outcome:
    """Hand one message to its provider. No transaction may be open here."""
    settings: Settings = current_app.config["SETTINGS"]
    if claim.channel == "email":
        return _mail(settings, claim, content) if settings.smtp_host else _nowhere(settings, claim)
    if not settings.twilio_account_sid:
        return _nowhere(settings, claim)
    return _text(settings, claim, content)


def _nowhere(settings: Settings, claim: Claim) -> Outcome:
    """No provider: the development inbox in development, a red light in production."""
    if settings.production:
        return NOT_CONFIGURED
    log.info("fake_delivery", channel=claim.channel, message_id=str(claim.id))
    return Outcome("delivered", provider_id=f"dev-{claim.id.hex}", sender="development inbox")


def sender_of(settings: Settings, claim: Claim) -> str:
    """Our number for this audience."""
    if claim.sender:
        return claim.sender
    if claim.channel == "email":
        return settings.mail_from
    if claim.channel == "whatsapp":
        return settings.twilio_whatsapp_from
    by_audience = {
        "patient": settings.twilio_from_patient,
        "doctor": settings.twilio_from_doctor,
    }
    return by_audience.get(claim.audience) or settings.twilio_from


class _Rebased(TwilioHttpClient):
    """Twilio's client with a time-out, no retries of its own, and TWILIO_API_BASE."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=TWILIO_TIMEOUT_S, max_retries=0)
        self.base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self.base.netloc:
            parts = urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc)
            url = urlunsplit(parts)
        return super().request(method, url, *args, **kwargs)


@lru_cache(maxsize=4)
def _client(sid: str, token: str, base: str) -> Client:
    return Client(sid, token, http_client=_Rebased(base))


def _twilio(settings: Settings) -> Client:
    return _client(
        settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_base
    )


def _text(settings: Settings, claim: Claim, content: Content) -> Outcome:
    sender = sender_of(settings, claim)
    if not sender:
        return NOT_CONFIGURED
    prefix = "whatsapp:" if claim.channel == "whatsapp" else ""
    callback: dict[str, str] = {}
    if settings.public_base_url:
        # It names our message, so that a report can come before we know the provider's id.
        callback["status_callback"] = f"{settings.public_base_url}{STATUS_PATH}?m={claim.id}"
    try:
        sent = _twilio(settings).messages.create(
            to=prefix + claim.address, from_=prefix + sender, body=content.text, **callback
        )
    except TwilioRestException as error:
        return _refused(error, sender)
    except requests.RequestException as error:
        return _broken(error, sender)
    return Outcome("sent", provider_id=sent.sid, sender=sender)


def _refused(error: TwilioRestException, sender: str) -> Outcome:
    kind = statuses.classify(error.status, error.code)
    return Outcome(str(kind), error_code=str(error.code or error.status), sender=sender)


def _broken(error: requests.RequestException, sender: str) -> Outcome:
    """Nothing listened: try again. Anything later may have reached Twilio: uncertain."""
    never_left = isinstance(error, requests.ConnectTimeout) or (
        isinstance(error, requests.ConnectionError) and "refused" in str(error).lower()
    )
    code = "refused" if never_left else type(error).__name__
    return Outcome("retry" if never_left else "uncertain", error_code=code[:40], sender=sender)


def find_text(claim_address: str, body: str, since: Any) -> Outcome | None:
    """Ask Twilio whether a text of ours reached it after all; None when it does not know it."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.twilio_account_sid:
        return None
    try:
        found = _twilio(settings).messages.list(to=claim_address, date_sent_after=since, limit=50)
    except (TwilioRestException, requests.RequestException):
        return None
    for sent in found:
        if sent.body == body:
            return Outcome("sent", provider_id=sent.sid, sender=sent.from_)
    return None


class _Letters(Connection):
    """Flask-Mail's connection with the time-out it lacks, and STARTTLS wherever it is offered."""

    def configure_host(self) -> smtplib.SMTP:
        settings: Settings = current_app.config["SETTINGS"]
        host = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SMTP_TIMEOUT_S)
        host.ehlo_or_helo_if_needed()
        if host.has_extn("starttls"):
            host.starttls()
        elif settings.production:
            raise smtplib.SMTPNotSupportedError("the mail server offers no STARTTLS")
        if settings.smtp_user:
            host.login(settings.smtp_user, settings.smtp_pass)
        return host


def _mail(settings: Settings, claim: Claim, content: Content) -> Outcome:
    letter = Letter(
        subject=re.sub(r"\s+", " ", content.subject),
        recipients=[claim.address],
        sender=settings.mail_from,
        body=content.text,
        html=content.html or None,
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    letter.msgId = f"<{claim.id}@clinic>"
    if claim.calendar:
        letter.attach("appointment.ics", "text/calendar", claim.calendar)
    try:
        with _Letters(Mail(current_app)) as connection:
            connection.send(letter)
    except smtplib.SMTPResponseException as error:
        return Outcome(_mail_kind(error.smtp_code), error_code=str(error.smtp_code))
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return Outcome(_mail_kind(code), error_code=str(code))
    except smtplib.SMTPNotSupportedError:
        return Outcome("failed", error_code="no_starttls")
    except ConnectionRefusedError:
        return Outcome("retry", error_code="refused")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome("uncertain", error_code=type(error).__name__[:40])
    return Outcome("sent", provider_id=letter.msgId, sender=settings.mail_from)


def _mail_kind(code: int) -> str:
    """A 4xx answer took nothing: later. A 5xx never will."""
    return "retry" if 400 <= code < 500 else "failed"


def is_signed_by_twilio(token: str, url: str, form: Any, signature: str | None) -> bool:
    """`form` must be the MultiDict itself: repeated fields count. A missing header is False."""
    if not token or not signature:
        return False
    return RequestValidator(token).validate(url, form, signature)


def twiml(text: str) -> str:
    """An answer for the texter, or silence."""
    response = MessagingResponse()
    if text:
        response.message(text)
    return str(response)
