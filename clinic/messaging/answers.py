"""What each answer of a provider means, as one table: whose fault, what follows, and the words."""

from dataclasses import dataclass
from enum import StrEnum

from clinic.core.errors import N_
from clinic.messaging.statuses import OutcomeKind


class Fault(StrEnum):
    """Whose it is that a message did not go."""

    OURS = "ours"
    THEIRS = "theirs"
    ADDRESS = "address"
    CONTENT = "content"


class Holds(StrEnum):
    """How much of what we send waits until a fault of ours is mended."""

    ACCOUNT = "account"  # all that goes by this provider; a call about the account tells the end
    SENDER = "sender"  # what goes from this one; a message that is let through tells the end


@dataclass(frozen=True, slots=True)
class Answer:
    """`words` are for the middle of a line; the `remedy` is a sentence for who runs the clinic."""

    fault: Fault
    kind: OutcomeKind
    words: str
    holds: Holds | None = None
    remedy: str = ""


def _account(words: str, remedy: str) -> Answer:
    return Answer(Fault.OURS, OutcomeKind.HELD, words, Holds.ACCOUNT, remedy)


def _sender(words: str, remedy: str) -> Answer:
    return Answer(Fault.OURS, OutcomeKind.HELD, words, Holds.SENDER, remedy)


def _ours(words: str) -> Answer:
    """Of one address or country alone: to hold a sender for it would let anybody stop it."""
    return Answer(Fault.OURS, OutcomeKind.FAILED, words)


def _theirs(words: str, kind: OutcomeKind = OutcomeKind.FAILED) -> Answer:
    return Answer(Fault.THEIRS, kind, words)


def _address(words: str, kind: OutcomeKind = OutcomeKind.FAILED) -> Answer:
    return Answer(Fault.ADDRESS, kind, words)


def _content(words: str) -> Answer:
    return Answer(Fault.CONTENT, OutcomeKind.FAILED, words)


_LOGIN = _account(
    N_("the provider refuses our sign-in"),
    N_("Put the account's present token or API key into the settings and start again."),
)
_SUSPENDED = _account(
    N_("our account at the provider is suspended"),
    N_("Open the provider's console: a payment or a question of theirs waits there."),
)
_NOT_OUR_NUMBER = _sender(
    N_("our number cannot send texts"),
    N_("Choose a number of the account that can send texts, in the settings or under Senders."),
)
_SERVICE = _sender(
    N_("our messaging service cannot send"),
    N_("Give the messaging service a number that can send, or name another one."),
)
_NOT_REGISTERED = _sender(
    N_("our number is not registered with the networks"),
    N_("Register the number in the provider's console; docs/twilio.md has the texts for it."),
)
_WHATSAPP_SENDER = _sender(
    N_("our WhatsApp sender is not set up"),
    N_("Finish the WhatsApp sender in the provider's console, or name another one."),
)
_MAIL_LOGIN = _account(
    N_("the mail server refuses our sign-in"),
    N_("Put the present name and password into SMTP_USER and SMTP_PASS and start again."),
)
_NO_SUCH_NUMBER = _address(N_("there is no such number"))
_CANNOT_REACH = _address(N_("the telephone cannot be reached"), OutcomeKind.UNREACHABLE)
_TAKES_NO_TEXTS = _address(N_("this number takes no texts"))
_NO_MAILBOX = _address(N_("there is no such mailbox"))
_BUSY = _theirs(N_("the provider is busy"), OutcomeKind.RETRY)
_TEMPLATE = _content(N_("the WhatsApp template does not fit"))

ANSWERS: dict[str, Answer] = {
    # Ours: all of it waits, and nothing is lost.
    **dict.fromkeys(("401", "403", "20003", "20006", "20403"), _LOGIN),
    **dict.fromkeys(("20005", "30002"), _SUSPENDED),
    **dict.fromkeys(("21603", "21606", "21659", "21660", "21661"), _NOT_OUR_NUMBER),
    **dict.fromkeys(("21701", "21703", "21704", "21705"), _SERVICE),
    **dict.fromkeys(("30032", "30034", "30035"), _NOT_REGISTERED),
    **dict.fromkeys(("63007", "63051", "63112"), _WHATSAPP_SENDER),
    "63016": _sender(
        N_("outside of 24 hours WhatsApp takes an approved template only"),
        N_("Have the templates approved: WhatsApp takes no free text now."),
    ),
    "63038": _sender(
        N_("the account's messages of today are used up"),
        N_("Ask the provider for a higher daily limit; it goes on tomorrow by itself."),
    ),
    **dict.fromkeys(("530", "534", "535", "538", "login_refused"), _MAIL_LOGIN),
    "no_service": _account(
        N_("the mail server does not serve us"),
        N_("Check SMTP_HOST, and ask who runs the mail server whether it blocks us."),
    ),
    "sender_refused": _sender(
        N_("the mail server refuses our address"),
        N_("Put an address into MAIL_FROM that the mail server lets us write from."),
    ),
    "untrusted_certificate": _account(
        N_("the mail server's certificate proves nothing; no email was handed over"),
        N_("Name who vouches for the mail server in SMTP_CA_FILE, or mend its certificate."),
    ),
    "no_starttls": _account(
        N_("the mail server offers no encryption"),
        N_("Use a mail server that offers STARTTLS, or its port for TLS, 465."),
    ),
    "no_auth": _account(
        N_("the mail server offers no sign-in that we know"),
        N_("Leave SMTP_USER empty, or use the mail server's port for signed-in mail, 587 or 465."),
    ),
    "21408": _ours(N_("texts to this country are switched off in our account")),
    "21608": _ours(N_("a trial account texts to verified numbers only")),
    # Theirs.
    **dict.fromkeys(("14107", "20429", "21611", "63018", "429"), _BUSY),
    **dict.fromkeys(("20503", "503"), _theirs(N_("the provider was down"), OutcomeKind.RETRY)),
    "refused": _theirs(N_("the provider did not answer"), OutcomeKind.RETRY),
    "no_tls": _theirs(N_("no encryption came about with the mail server"), OutcomeKind.RETRY),
    "broke_off": _theirs(N_("the mail server broke off before it had it"), OutcomeKind.RETRY),
    "policy": _theirs(N_("the mail server refuses it by a rule of its own")),
    "30001": _theirs(N_("the provider's queue was full")),
    "30008": _theirs(N_("the network lost it and does not say why")),
    "30010": _theirs(N_("the network asks more for it than we pay")),
    "30017": _theirs(N_("the network was overloaded")),
    "30036": _theirs(N_("it would have come too late")),
    "30022": _theirs(N_("the network took no more texts from us today")),
    # The address: another way, or the desk.
    "21610": _address(N_("the person wants no texts"), OutcomeKind.OPTED_OUT),
    **dict.fromkeys(("21211", "21214", "21217", "21421"), _NO_SUCH_NUMBER),
    "21612": _address(N_("our number cannot text to this one")),
    **dict.fromkeys(("21614", "21635"), _TAKES_NO_TEXTS),
    "30003": _CANNOT_REACH,
    "30004": _address(N_("the telephone blocks our texts"), OutcomeKind.UNREACHABLE),
    "30005": _address(N_("nobody has this number"), OutcomeKind.UNREACHABLE),
    "30006": _address(N_("this number takes no texts"), OutcomeKind.UNREACHABLE),
    **dict.fromkeys(("63003", "63024"), _address(N_("this number has no WhatsApp"))),
    **dict.fromkeys(("63015", "63032"), _address(N_("WhatsApp does not let us write there"))),
    **dict.fromkeys(("550", "551", "553", "556"), _NO_MAILBOX),
    "552": _address(N_("the mailbox is full")),
    "not_ascii": _address(N_("our mail server cannot write to this mailbox")),
    # The content.
    **dict.fromkeys(("21602", "21617", "21619", "30044"), _content(N_("the text does not fit"))),
    "30007": _content(N_("the network took it for spam")),
    **dict.fromkeys(("63005", "63013"), _content(N_("WhatsApp refuses these words"))),
    **dict.fromkeys(("21655", "21656", "63021", "63027", "63028"), _TEMPLATE),
    **dict.fromkeys(("63040", "63041", "63042"), _TEMPLATE),
    "too_large": _content(N_("it is too large for the mail server")),
    "not_written": _content(N_("it cannot be written as an email to this address")),
    "554": _content(N_("the mail server took it for spam")),
}


def classify(
    http_status: int | None, code: int | None = None, *, refused: bool = False
) -> OutcomeKind:
    """Judge an answer of Twilio by its code if the table knows it, else by its status.

    No status and no code: there was no answer (reset, time-out), unless the connection was
    `refused`. A code without a status comes from a status callback.
    """
    known = ANSWERS.get(str(code)) or ANSWERS.get(str(http_status))
    if known:
        return known.kind
    if http_status is None:
        return _without_answer(code, refused)
    if 200 <= http_status < 300:
        return OutcomeKind.SENT
    return OutcomeKind.UNCERTAIN if http_status >= 500 else OutcomeKind.FAILED


def _without_answer(code: int | None, refused: bool) -> OutcomeKind:
    if refused:
        return OutcomeKind.RETRY
    return OutcomeKind.FAILED if code else OutcomeKind.UNCERTAIN


def classify_mail(code: int) -> OutcomeKind:
    """Judge an answer of a mail server: 4xx took nothing and may later, 5xx never will."""
    if 400 <= code < 500:
        return OutcomeKind.RETRY
    known = ANSWERS.get(str(code))
    return known.kind if known else OutcomeKind.FAILED


def holds(code: str | None) -> Holds | None:
    """What waits after this answer; None if it says nothing of us."""
    known = ANSWERS.get(code or "")
    return known.holds if known else None


def is_of_the_address(code: str | None) -> bool:
    known = ANSWERS.get(code or "")
    return known is not None and known.fault is Fault.ADDRESS
