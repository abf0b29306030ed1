"""E-mail by SMTP through Flask-Mail."""

import re
import smtplib
import socket

from flask import current_app
from flask_mail import Connection, Mail
from flask_mail import Message as Letter

from clinic.config import Settings
from clinic.core import running
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.channels.channel import Channel

TIMEOUT_S = 15
MOST_AT_ONCE = 8  # connections: mail servers turn away who opens many


class _Connection(Connection):
    """Flask-Mail's connection with the time-out it lacks, and STARTTLS wherever it is offered."""

    def configure_host(self) -> smtplib.SMTP:
        settings = running.settings()
        host = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_S)
        try:
            _introduce(host, settings)
        except BaseException:
            host.close()
            raise
        return host


def _introduce(host: smtplib.SMTP, settings: Settings) -> None:
    host.ehlo_or_helo_if_needed()
    if host.has_extn("starttls"):
        host.starttls()
    elif settings.production:
        raise smtplib.SMTPNotSupportedError("the mail server offers no STARTTLS")
    if settings.smtp_user:
        host.login(settings.smtp_user, settings.smtp_pass)


def is_set_up(settings: Settings) -> bool:
    return bool(settings.smtp_host)


def is_address(address: str) -> bool:
    return "@" in address


def sender(settings: Settings, _audience: str) -> str:
    return settings.mail_from


def send(_settings: Settings, claim: Claim, content: Content, sender: str) -> Outcome:
    letter = _letter(claim, content, sender)
    taken = Outcome("sent", provider_id=letter.msgId, sender=sender)
    connection = _Connection(Mail(current_app))
    try:
        with connection:
            connection.send(letter)
    except (OSError, smtplib.SMTPException) as error:
        # A server that took the letter and then hung up on QUIT has taken it.
        return taken if connection.num_emails else _refused(error)
    return taken


def _letter(claim: Claim, content: Content, sender: str) -> Letter:
    letter = Letter(
        subject=re.sub(r"\s+", " ", content.subject),
        recipients=[claim.address],
        sender=sender,
        body=content.text,
        html=content.html or None,
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    letter.msgId = f"<{claim.id}@clinic>"
    if claim.calendar:
        letter.attach("appointment.ics", "text/calendar", claim.calendar)
    return letter


def _refused(error: Exception) -> Outcome:
    """A 4xx answer or a closed door took nothing: later. A 5xx never will. Else: who knows."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return _answered(code)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Outcome("failed", error_code="no_starttls")
    if isinstance(error, ConnectionRefusedError | socket.gaierror):
        return Outcome("retry", error_code="refused")
    return Outcome("uncertain", error_code=type(error).__name__[:40])


def _answered(code: int) -> Outcome:
    return Outcome("retry" if 400 <= code < 500 else "failed", error_code=str(code))


EMAIL = Channel(
    name="email",
    address="email",
    is_set_up=is_set_up,
    sender=sender,
    send=send,
    reaches=is_address,
    is_letter=True,
    carries_calendar=True,
    heeds_refusals=False,
    most_at_once=MOST_AT_ONCE,
)
