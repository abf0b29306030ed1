"""What became of a letter, by what the mail server said and how far it had come.

Until the letter itself is being read out nothing was taken, whatever breaks: it is tried again.
After that only an answer tells; without one nobody knows.
"""

import re
import smtplib
import socket
import ssl
from enum import IntEnum

from clinic.messaging import answers
from clinic.messaging.channels.call import Outcome
from clinic.messaging.channels.email import tls

UNTRUSTED = "untrusted_certificate"  # nothing was handed over, neither the login nor the letter
NOT_WRITTEN = "not_written"
BROKE_OFF = "broke_off"
_OF_THE_LOGIN = frozenset({530, 534, 535, 538})  # wherever they are said
_ENHANCED = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")
_TOO_LARGE = {(2, 3), (3, 4)}
_MAILBOXES = frozenset({550, 551, 553, 556})


class Step(IntEnum):
    """How far a conversation with a mail server has come."""

    HELLO = 1  # connecting and greeting
    TLS = 2
    LOGIN = 3
    SENDER = 4
    RECIPIENT = 5
    LETTER = 6  # it is being read out, or was


def outcome_of(error: Exception, step: Step) -> Outcome:
    code, said = _answer_in(error)
    if 400 <= code < 500:
        return Outcome("retry", error_code=str(code))
    if 500 <= code < 600:
        return _of_row(_row(code, said, step))
    return _without_answer(error, step)


def _answer_in(error: Exception) -> tuple[int, str]:
    """The server's code and words; 0 if it gave none that can be read."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return code, said.decode("latin-1")
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return error.smtp_code, words if isinstance(words, str) else words.decode("latin-1")
    return 0, ""


def _row(code: int, said: str, step: Step) -> str:
    """The row of the table of answers: one number means other things at other steps."""
    if step == Step.HELLO:
        return "no_service"
    if step == Step.TLS:
        return "no_starttls"
    if code in _OF_THE_LOGIN:
        return str(code)
    if step == Step.LOGIN:
        return "login_refused"
    found = _ENHANCED.search(said)
    meant = (int(found[1]), int(found[2])) if found else (0, 0)
    if meant in _TOO_LARGE or (step == Step.SENDER and code == 552):
        return "too_large"
    if step == Step.SENDER:
        return "sender_refused"
    return _of_recipient(code, meant)


def _of_recipient(code: int, meant: tuple[int, int]) -> str:
    """What it says more exactly comes before the number, which many use for everything."""
    if meant == (2, 2):
        return "552"
    if meant[0] == 7:
        return "policy"
    if meant[0] == 1 and code not in _MAILBOXES:
        return "550"
    return str(code)


def _of_row(row: str) -> Outcome:
    known = answers.ANSWERS.get(row)
    return Outcome(str(known.kind if known else answers.OutcomeKind.FAILED), error_code=row)


def _without_answer(error: Exception, step: Step) -> Outcome:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Outcome("held", error_code=UNTRUSTED)
    if isinstance(error, tls.NoTls):
        return Outcome("retry", error_code="no_tls")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _of_row(_unable(step))
    if isinstance(error, ConnectionRefusedError | socket.gaierror):
        return Outcome("retry", error_code="refused")
    if step == Step.LETTER:
        return Outcome("uncertain", error_code=type(error).__name__[:40])
    if step == Step.LOGIN and type(error) is smtplib.SMTPException:  # no way that both know
        return _of_row(_unable(step))
    if isinstance(error, OSError):  # those of smtplib, too
        return Outcome("retry", error_code=BROKE_OFF)
    return Outcome("failed", error_code=NOT_WRITTEN)


def _unable(step: Step) -> str:
    """What the server does not offer."""
    if step >= Step.SENDER:
        return "not_ascii"
    return "no_auth" if step == Step.LOGIN else "no_starttls"
