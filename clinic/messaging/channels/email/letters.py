"""E-mail by SMTP through Flask-Mail."""

import contextlib
import re
import smtplib
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from typing import Any

from flask import current_app
from flask_mail import Connection, Mail, sanitize_address
from flask_mail import Message as Letter

from clinic.config import Settings
from clinic.core import running
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.channels.channel import Channel
from clinic.messaging.channels.email import judged, tls
from clinic.messaging.channels.email.judged import NOT_WRITTEN, Step

TIMEOUT_S = 15
_METHOD = re.compile(r"^METHOD:([A-Z]+)", re.MULTILINE)
MOST_AT_ONCE = 8  # connections: mail servers turn away who opens many
NOT_PLAIN = "not_ascii"  # a mailbox whose name no mail server need understand
LONGEST_KNOWN_AS = 64
UNSUBSCRIBE = "List-Unsubscribe"
NOWHERE = "clinic.invalid"  # of a letter whose sender names no domain


class _Told:
    """A mail server's client that says how far it has come."""

    tell: Callable[[Step], None]

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        self.tell(Step.SENDER)
        return super().mail(sender, options)  # type: ignore[misc]

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        self.tell(Step.RECIPIENT)
        return super().rcpt(recip, options)  # type: ignore[misc]

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.tell(Step.LETTER)
        return super().data(msg)  # type: ignore[misc]


class _Plain(_Told, smtplib.SMTP):
    pass


class _Sealed(_Told, smtplib.SMTP_SSL):
    pass


class _Connection(Connection):
    """Flask-Mail's connection with the time-out it lacks, and TLS as the settings want it."""

    step = Step.HELLO

    def configure_host(self) -> smtplib.SMTP:
        settings = running.settings()
        host = _reach(settings)
        host.tell = self.reach_step
        try:
            self._introduce(host, settings)
        except BaseException:
            host.close()
            raise
        return host

    def reach_step(self, step: Step) -> None:
        self.step = step

    def _introduce(self, host: smtplib.SMTP, settings: Settings) -> None:
        host.ehlo_or_helo_if_needed()
        if not settings.smtp_begins_with_tls:
            self.reach_step(Step.TLS)
            _change_to_tls(host, settings)
        if settings.smtp_user:
            self.reach_step(Step.LOGIN)
            host.login(settings.smtp_user, settings.smtp_pass)
        self.reach_step(Step.SENDER)

    def __exit__(self, *_: object) -> None:
        """A server that has taken the letter, or said why not, need not hear us out: what it said
        stands."""
        if self.host is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.host.quit()
            self.host.close()


def _reach(settings: Settings) -> _Plain | _Sealed:
    where = (settings.smtp_host, settings.smtp_port)
    if settings.smtp_begins_with_tls:
        with tls.handshake():
            return _Sealed(*where, timeout=TIMEOUT_S, context=tls.context_of(settings))
    return _Plain(*where, timeout=TIMEOUT_S)


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
    """Whatever is raised, it ends as something that people can see."""
    if not _is_plain(claim.address):
        return Outcome("failed", error_code=NOT_PLAIN)
    connection = _Connection(Mail(current_app))  # without which no letter can be written
    try:
        letter = _letter(claim, content, sender)
        letter.as_bytes()
    except Exception:  # it cannot be written, so none went
        return Outcome("failed", error_code=NOT_WRITTEN)
    try:
        with connection:
            connection.send(letter)
    except Exception as error:
        return judged.outcome_of(error, connection.step)
    return Outcome("sent", provider_id=letter.msgId[:LONGEST_KNOWN_AS], sender=sender)


def _is_plain(address: str) -> bool:
    """Most mail servers take other letters in the domain alone, which has a plain form."""
    return address.rpartition("@")[0].isascii()


def _letter(claim: Claim, content: Content, sender: str) -> Letter:
    """Raises ValueError for what is not the address of one mailbox: nobody else gets it."""
    name, domain = claim.address.rsplit("@", 1)
    written = f"{name}@{domain.encode('idna').decode()}"
    if parseaddr(sanitize_address(claim.address))[1] != written:
        raise ValueError("not an address")
    letter = Letter(
        subject=re.sub(r"\s+", " ", content.subject),
        recipients=[claim.address],
        sender=sender,
        body=content.text,
        html=content.html or None,
        extra_headers={"Auto-Submitted": "auto-generated"} | _way_out(content),
    )
    letter.msgId = f"<{claim.id}@{_domain_of(sender)}>"
    if claim.calendar:
        letter.attach("appointment.ics", *_calendar(claim.calendar))
    return letter


def _way_out(content: Content) -> dict[str, str]:
    """How mail programs unsubscribe with one tap (RFC 8058)."""
    if not content.way_out:
        return {}
    return {
        UNSUBSCRIBE: f"<{content.way_out}>",
        "List-Unsubscribe-Post": f"{UNSUBSCRIBE}=One-Click",
    }


def _domain_of(sender: str) -> str:
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return domain.encode("idna").decode() if domain else NOWHERE


def _calendar(file: str) -> tuple[str, bytes]:
    """Its media type, and its bytes: a `str` would travel as whatever Flask-Mail makes of it."""
    method = _METHOD.search(file)
    named = f"; method={method[1]}" if method else ""
    return f"text/calendar; charset=utf-8{named}", file.encode()


def probe(_settings: Settings) -> Outcome:
    """Greet the mail server and sign in, without a letter."""
    connection = _Connection(Mail(current_app))
    try:
        with connection:
            return Outcome("sent")
    except Exception as error:
        return judged.outcome_of(error, connection.step)


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
