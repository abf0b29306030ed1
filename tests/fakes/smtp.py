"""A stand-in mail server: it keeps the letters it takes, and fails as real ones do.

In a test: `with FakeSmtp() as post_office:`, then `SMTP_HOST` is 127.0.0.1 and `SMTP_PORT` is
`post_office.port`.
"""

import asyncio
import ssl
import threading
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.ops.processes import free_port


class Answer(StrEnum):
    ACCEPT = "accept"
    DEFER = "defer"  # 451 at RCPT: nothing taken, later perhaps
    REJECT = "reject"  # 550 at RCPT: nothing taken, never
    HANG = "hang"  # silent at RCPT, nothing taken
    DROP = "drop"  # hangs up at RCPT, nothing taken
    DEFER_DATA = "defer_data"  # 451 after the letter, which is not taken
    HANG_AFTER_DATA = "hang_after_data"  # silent after the letter, which is taken
    DROP_AFTER_DATA = "drop_after_data"  # hangs up after the letter, which is taken


@dataclass(frozen=True, slots=True)
class Letter:
    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    def text(self, kind: str = "plain") -> str:
        """The words of the letter, as `plain` or as `html`; empty if it has no such part."""
        part = self.message.get_body((kind,))
        return part.get_content().replace("\r\n", "\n") if part else ""


class FakeSmtp:
    """Without STARTTLS and login, as on one's own machine; or with a certificate, which it shows
    at once or after STARTTLS. Then it takes any login; with a `password`, that one alone."""

    def __init__(
        self,
        port: int = 0,
        hang_seconds: float = 30,
        certificate: ssl.SSLContext | None = None,
        at_once: bool = False,
        password: str | None = None,
    ) -> None:
        self.port = port or free_port()
        self.letters: list[Letter] = []
        self.logins: list[tuple[str, str]] = []
        self.password = password
        self._tls: dict[str, Any] = {}
        if password:
            self._tls = {"authenticator": self._take_login, "auth_require_tls": False}
        if certificate:
            shown = "ssl_context" if at_once else "tls_context"
            self._tls = {shown: certificate, "authenticator": self._take_login}
            self._tls |= {"auth_require_tls": not at_once}  # which it cannot see of itself
        self.attempts = 0  # MAIL FROM seen, whatever was answered
        self._post = _Post(self, hang_seconds)
        self._answer = Answer.ACCEPT
        self._next: deque[Answer] = deque()
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    def __enter__(self) -> Self:
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()

    def listen(self) -> None:
        if self._controller is None:
            where = {"hostname": "127.0.0.1", "port": self.port}
            self._controller = Controller(self._post, **where, **self._tls)
            self._controller.start()

    def refuse(self) -> None:
        """Close the door and every open connection, until `listen()`."""
        controller, self._controller = self._controller, None
        if controller:
            controller.stop()

    def answer_with(self, answer: Answer, times: int | None = None) -> None:
        """From now on, or for the next `times` letters (behind those already planned)."""
        with self._lock:
            if times is None:
                self._next.clear()
                self._answer = answer
            else:
                self._next.extend([answer] * times)

    def take_next(self) -> Answer:
        with self._lock:
            self.attempts += 1
            return self._next.popleft() if self._next else self._answer

    def _take_login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, login: Any
    ) -> AuthResult:
        assert isinstance(login, LoginPassword)
        self.logins.append((login.login.decode(), login.password.decode()))
        is_right = self.password in (None, login.password.decode())
        return AuthResult(success=is_right, handled=False)

    def keep(self, envelope: Envelope) -> None:
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        letter = Letter(envelope.mail_from or "", tuple(envelope.rcpt_tos), message)
        with self._lock:
            self.letters.append(letter)

    def to(self, address: str) -> list[Letter]:
        with self._lock:
            return [letter for letter in self.letters if address in letter.recipients]


class _Post:
    """aiosmtpd calls these by name; each letter's answer is chosen at its MAIL FROM."""

    def __init__(self, fake: FakeSmtp, hang_seconds: float) -> None:
        self.fake = fake
        self.hang_seconds = hang_seconds

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        session.answer = self.fake.take_next()  # type: ignore[attr-defined]
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if session.answer is Answer.DEFER:
            return "451 4.3.0 Try again later"
        if session.answer is Answer.REJECT:
            return "550 5.1.1 No such mailbox"
        if session.answer is Answer.HANG:
            await asyncio.sleep(self.hang_seconds)
        if session.answer is Answer.DROP:
            _hang_up(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Any, envelope: Envelope
    ) -> str:
        if session.answer is Answer.DEFER_DATA:
            return "451 4.3.0 Try again later"
        self.fake.keep(envelope)
        if session.answer is Answer.HANG_AFTER_DATA:
            await asyncio.sleep(self.hang_seconds)
        if session.answer is Answer.DROP_AFTER_DATA:
            _hang_up(server)
        return "250 OK"


def _hang_up(server: SMTP) -> None:
    if server.transport:
        server.transport.abort()
    raise asyncio.CancelledError  # the one error after which aiosmtpd writes nothing more
