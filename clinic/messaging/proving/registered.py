"""Whether the networks know who texts: campaigns of US numbers, toll-free verifications."""

from collections.abc import Iterator

import phonenumbers

from clinic.core.errors import N_
from clinic.messaging.channels import account
from clinic.messaging.channels.account import Number, Registration, Service
from clinic.messaging.channels.asking import Asker
from clinic.messaging.proving.checks import Check, State
from clinic.messaging.senders import kinds

NAME, CHANNEL = "registration", "sms"
_GOOD = frozenset({"VERIFIED", "APPROVED", "TWILIO_APPROVED"})
_ON_THE_WAY = frozenset({"PENDING", "IN_PROGRESS", "IN_REVIEW", "PENDING_REVIEW"})
_FORMS = N_("Send the form in Twilio's console; docs/twilio.md has the texts to paste.")


def of_service(ask: Asker, service: Service) -> Iterator[Check]:
    """Raises CannotAsk."""
    if any(map(_is_american, service.numbers)):
        yield from _campaign(ask, service)
    for value in filter(_is_toll_free, service.numbers):
        if number := ask(account.number, value):
            yield _toll_free(ask, number)


def of_number(ask: Asker, number: Number) -> Iterator[Check]:
    """Raises CannotAsk."""
    if _is_toll_free(number.value):
        yield _toll_free(ask, number)
    elif _is_american(number.value):
        yield Check(
            NAME,
            CHANNEL,
            State.WARNING,
            N_("%(sender)s is a US number by itself: its campaign (A2P 10DLC) cannot be seen."),
            {"sender": number.value},
            N_("Put it into a messaging service with a campaign and name that: "
               "TWILIO_MESSAGING_SERVICE_SID."),
            number.value,
        )  # fmt: skip


def _is_toll_free(value: str) -> bool:
    return kinds.kind_of(value, "sms") == "toll_free"


def _is_american(value: str) -> bool:
    """A long code of the United States; Canada has the same prefix and asks for no campaign."""
    if not value.startswith("+1") or _is_toll_free(value):
        return False
    return phonenumbers.region_code_for_number(phonenumbers.parse(value)) == "US"


def _campaign(ask: Asker, service: Service) -> Iterator[Check]:
    found = ask(account.campaigns, service.sid) or []
    best = min(found, key=lambda one: _rank(one.status), default=None)
    if best is None:
        yield _told(State.DANGER, service.name, N_(
            "%(sender)s has US numbers and no campaign (A2P 10DLC): their networks block its texts."
        ), remedy=_FORMS)  # fmt: skip
        return
    yield _judged(service.name, best, N_("The campaign of %(sender)s is %(status)s."))
    if best.brand and (brand := ask(account.brand, best.brand)):
        yield _judged(service.name, brand, N_("The brand of %(sender)s is %(status)s."))


def _toll_free(ask: Asker, number: Number) -> Check:
    found = ask(account.toll_free, number.sid)
    if found is None:
        return _told(State.DANGER, number.value, N_(
            "The toll-free number %(sender)s is not verified: the networks block its texts."
        ), remedy=_FORMS)  # fmt: skip
    return _judged(number.value, found, N_("The toll-free number %(sender)s is %(status)s."))


def _rank(status: str) -> int:
    return 0 if status in _GOOD else 1 if status in _ON_THE_WAY else 2


def _judged(sender: str, found: Registration, words: str) -> Check:
    state = (State.OK, State.WARNING, State.DANGER)[_rank(found.status)]
    remedy = {
        State.OK: "",
        State.WARNING: N_("The networks decide in some days; texts to the US may fail until then."),
        State.DANGER: N_("Open it in Twilio's console, mend what it says and send it again. "
                         "%(reason)s"),
    }[state]  # fmt: skip
    return _told(state, sender, words, found.status, remedy, found.reason)


def _told(
    state: State, sender: str, words: str, status: str = "", remedy: str = "", reason: str = ""
) -> Check:
    values = {"sender": sender, "status": status.lower().replace("_", " "), "reason": reason}
    return Check(NAME, CHANNEL, state, words, values, remedy, sender)
