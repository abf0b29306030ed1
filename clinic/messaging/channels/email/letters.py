"""E-mail by SMTP through Flask-Mail."""

import re
import smtplib
import socket
import ssl

from flask import current_app
from flask_mail import Connection, Mail
from flask_mail import Message as Letter

from clinic.config import Settings
from clinic.core import running
from clinic.messaging import answers
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.channels.channel import Channel
from clinic.messaging.channels.email import tls

TIMEOUT_S = 15
_METHOD = re.compile(r"^METHOD:([A-Z]+)", re.MULTILINE)
MOST_AT_ONCE = 8  # connections: mail servers turn away who opens many
NOT_PLAIN = "not_ascii"  # a mailbox whose name no mail server need understand
_OF_THE_LOGIN = frozenset({530, 534, 535, 538})  # before a sender is looked at
UNTRUSTED = "untrusted_certificate"  # nothing was handed over, neither the login nor the letter


class _Connection(Connection):
    """Flask-Mail's connection with the time-out it lacks, and TLS as the settings want it."""

    def configure_host(self) -> smtplib.SMTP:
        settings = running.settings()
        host = _reach(settings)
        try:
            _introduce(host, settings)
        except BaseException:
            host.close()
            raise
        return host


def _reach(settings: Settings) -> smtplib.SMTP:
    where = (settings.smtp_host, settings.smtp_port)
    if settings.smtp_begins_with_tls:
        with tls.handshake():
            return smtplib.SMTP_SSL(*where, timeout=TIMEOUT_S, context=tls.context_of(settings))
    return smtplib.SMTP(*where, timeout=TIMEOUT_S)


def _introduce(host: smtplib.SMTP, settings: Settings) -> None:
    host.ehlo_or_helo_if_needed()
    if not settings.smtp_begins_with_tls:
        _change_to_tls(host, settings)
    if settings.smtp_user:
        host.login(settings.smtp_user, settings.smtp_pass)


def _change_to_tls(host: smtplib.SMTP, settings: Settings) -> None:
    if host.has_extn("starttls"):
        with tls.handshake():
            host.starttls(context=tls.context_of(settings))
    elif settings.production:
        raise smtplib.SMTPNotSupportedError("the mail server offers no STARTTLS")


def is_set_up(settings: Settings) -> bool:
    return bool(settings.smtp_host)


def is_address(address: str) -> bool:
    return "@" in address


def sender(settings: Settings, _audience: str) -> str:
    return settings.mail_from


def send(_settings: Settings, claim: Claim, content: Content, sender: str) -> Outcome:
    if not _is_plain(claim.address):
        return Outcome("failed", error_code=NOT_PLAIN)
    letter = _letter(claim, content, sender)
    taken = Outcome("sent", provider_id=letter.msgId, sender=sender)
    connection = _Connection(Mail(current_app))
    try:
        with connection:
            connection.send(letter)
    except (OSError, smtplib.SMTPException) as error:
        # A server that took the letter and then hung up on QUIT has taken it.
        return taken if connection.num_emails else _refused(error)
    except (ValueError, AssertionError) as error:  # a letter that cannot be written: none went
        return taken if connection.num_emails else Outcome("failed", error_code=_name(error))
    return taken


def _is_plain(address: str) -> bool:
    """Most mail servers take other letters in the domain alone, which has a plain form."""
    return address.rpartition("@")[0].isascii()


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
        letter.attach("appointment.ics", *_calendar(claim.calendar))
    return letter


def _calendar(file: str) -> tuple[str, bytes]:
    """Its media type, and its bytes: a `str` would travel as whatever Flask-Mail makes of it."""
    method = _METHOD.search(file)
    named = f"; method={method[1]}" if method else ""
    return f"text/calendar; charset=utf-8{named}", file.encode()


def _refused(error: Exception) -> Outcome:
    """A 4xx answer or a closed door took nothing: later. A 5xx never will. Else: who knows."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return _answered(code)
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code >= 500:
        return _answered(error.smtp_code, "sender_refused")
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Outcome("held", error_code="no_starttls")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Outcome("held", error_code=UNTRUSTED)
    if isinstance(error, tls.NoTls):
        return Outcome("retry", error_code="no_tls")
    if isinstance(error, ConnectionRefusedError | socket.gaierror):
        return Outcome("retry", error_code="refused")
    return Outcome("uncertain", error_code=_name(error))


def _name(error: Exception) -> str:
    return type(error).__name__[:40]


def _answered(code: int, known_as: str = "") -> Outcome:
    if known_as in answers.ANSWERS and code not in _OF_THE_LOGIN:
        return Outcome(str(answers.ANSWERS[known_as].kind), error_code=known_as)
    return Outcome(str(answers.classify_mail(code)), error_code=str(code))


def probe(_settings: Settings) -> Outcome:
    """Greet the mail server and sign in, without a letter."""
    try:
        with _Connection(Mail(current_app)):
            return Outcome("sent")
    except (OSError, smtplib.SMTPException) as error:
        return _refused(error)


EMAIL = Channel(
    name="email",
    address="email",
    account="smtp",
    probe=probe,
    is_set_up=is_set_up,
    is_whole=is_set_up,
    sender=sender,
    send=send,
    reaches=is_address,
    is_letter=True,
    carries_calendar=True,
    heeds_refusals=False,
    most_at_once=MOST_AT_ONCE,
)
