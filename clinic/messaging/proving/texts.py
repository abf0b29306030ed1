"""The account, and each sender of texts and WhatsApp messages."""

from collections.abc import Callable, Iterator

from clinic.core.errors import N_
from clinic.messaging import answers
from clinic.messaging.channels import account, twilio
from clinic.messaging.channels.account import CannotAsk, Service
from clinic.messaging.channels.asking import Asker
from clinic.messaging.proving import addresses, registered
from clinic.messaging.proving.checks import Check, State
from clinic.messaging.senders import kinds

CONSOLE = "https://1console.twilio.com/"
SANDBOX = "+14155238886"  # Twilio's own number, for trials of WhatsApp
_ON_THE_WAY = ("CREATING", "PENDING_VERIFICATION", "VERIFYING", "TWILIO_REVIEW", "DRAFT")


def of_account(ask: Asker, channel: str) -> Check:
    """Raises CannotAsk where nobody answers; whom it does not let in gets a check."""
    try:
        if twilio.signs_in_by_key(ask.settings):
            ask(account.by_key)
        found = ask(account.account)
    except CannotAsk as error:
        if not _is_refusal(error.code):
            raise
        return _refused(channel, error.code)
    if found is None:
        return _refused(channel, "20404")
    if found.status != "active":
        return Check(
            "credentials",
            channel,
            State.DANGER,
            N_("The account %(name)s is %(status)s."),
            {"name": found.name, "status": found.status},
            answers.ANSWERS["20005"].remedy,
            link=CONSOLE,
        )
    if found.is_trial:
        return Check(
            "credentials",
            channel,
            State.WARNING,
            N_("The account %(name)s is a trial: it texts only to numbers verified there."),
            {"name": found.name},
            N_("Upgrade it in Twilio's console before patients are to get texts."),
            link=CONSOLE,
        )
    said = N_("The account %(name)s lets us in.")
    return Check("credentials", channel, State.OK, said, {"name": found.name})


def _is_refusal(code: str) -> bool:
    return answers.holds(code) is answers.Holds.ACCOUNT


def _refused(channel: str, code: str) -> Check:
    known = answers.ANSWERS.get(code) or answers.ANSWERS["20003"]
    words = N_("Twilio does not let us in (%(code)s).")
    return Check("credentials", channel, State.DANGER, words, {"code": code}, known.remedy)


def of_sender(ask: Asker, value: str) -> Iterator[Check]:
    """Of one sender of texts. Raises CannotAsk."""
    kind = kinds.kind_of(value, "sms")
    prove = _PROOFS.get(kind or "")
    if prove is None:
        words = N_("%(sender)s is nothing that texts can go from.")
        yield _sender(value, State.DANGER, words, N_("Name a number of the account."))
        return
    yield from prove(ask, value)


def _sender(value: str, state: State, words: str, remedy: str = "", **more: str) -> Check:
    return Check("sender", "sms", state, words, {"sender": value, **more}, remedy, value)


def _number(ask: Asker, value: str) -> Iterator[Check]:
    found = ask(account.number, value)
    if found is None:
        words = N_("%(sender)s is not a number of this account.")
        yield _sender(value, State.DANGER, words, answers.ANSWERS["21606"].remedy)
        return
    if not found.can_text:
        words = N_("%(sender)s cannot text.")
        yield _sender(value, State.DANGER, words, answers.ANSWERS["21606"].remedy)
        return
    yield _sender(value, State.OK, N_("%(sender)s can send and receive texts."))
    yield addresses.of_number(ask.settings, found)
    yield from registered.of_number(ask, found)


def _service(ask: Asker, value: str) -> Iterator[Check]:
    found = ask(account.service, value)
    if found is None:
        words = N_("There is no messaging service %(sender)s in this account.")
        yield _sender(value, State.DANGER, words, N_("Name one of the account's services."))
        return
    if not found.senders:
        words = N_("The messaging service %(name)s has nothing to send from.")
        remedy = answers.ANSWERS["21703"].remedy
        yield _sender(value, State.DANGER, words, remedy, name=found.name)
        return
    words = N_("The messaging service %(name)s sends from %(senders)s.")
    yield _sender(value, State.OK, words, name=found.name, senders=", ".join(found.senders))
    yield from _ways_back(ask, found)
    yield from registered.of_service(ask, found)
    yield Check(
        "opt_outs",
        "sms",
        State.UNKNOWN,
        N_("Who answers STOP, HELP and START at %(name)s is set in Twilio's console."),
        {"name": found.name},
        N_("Leave it on there, with the name of the clinic in the answers: we record each STOP."),
        value,
        CONSOLE,
    )


def _ways_back(ask: Asker, service: Service) -> Iterator[Check]:
    if not service.by_number:
        yield addresses.of_service(ask.settings, service)
        return
    for value in service.numbers:
        if number := ask(account.number, value):
            yield addresses.of_number(ask.settings, number)


def _short_code(ask: Asker, value: str) -> Iterator[Check]:
    if ask(account.has_short_code, value):
        yield _sender(value, State.OK, N_("%(sender)s is a short code of this account."))
        return
    words = N_("%(sender)s is no short code of this account.")
    yield _sender(value, State.DANGER, words, answers.ANSWERS["21606"].remedy)


def _name(_ask: Asker, value: str) -> Iterator[Check]:
    words = N_("Texts go in the name %(sender)s: nobody can answer them, so they carry a link.")
    yield _sender(value, State.OK, words)


_PROOFS: dict[str, Callable[[Asker, str], Iterator[Check]]] = {
    "long_code": _number,
    "toll_free": _number,
    "messaging_service": _service,
    "short_code": _short_code,
    "alphanumeric": _name,
}


def of_whatsapp(ask: Asker, value: str) -> Iterator[Check]:
    """Of one number of WhatsApp. Raises CannotAsk."""
    if value == SANDBOX:
        yield _whatsapp(
            value,
            State.WARNING,
            N_("%(sender)s is Twilio's sandbox: it reaches only who has joined it."),
            N_("Register a WhatsApp number of your own before patients are to get messages."),
        )
        return
    found = ask(account.whatsapp_sender, value)
    if found is None:
        words = N_("%(sender)s is not a WhatsApp number of this account.")
        yield _whatsapp(value, State.DANGER, words, answers.ANSWERS["63007"].remedy)
        return
    if found.status.startswith("ONLINE"):
        yield _whatsapp(value, State.OK, N_("%(sender)s is online at WhatsApp."))
    else:
        state = State.WARNING if found.status in _ON_THE_WAY else State.DANGER
        words = N_("%(sender)s is not online at WhatsApp (%(status)s). %(reasons)s")
        said = {"status": found.status.lower(), "reasons": " ".join(found.reasons)[:300]}
        yield _whatsapp(value, state, words, answers.ANSWERS["63007"].remedy, **said)
    yield addresses.of_whatsapp(ask.settings, value, found)


def _whatsapp(value: str, state: State, words: str, remedy: str = "", **more: str) -> Check:
    values = {"sender": value, **more}
    return Check("sender", "whatsapp", state, words, values, remedy, value)
