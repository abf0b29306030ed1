"""All checks of what messages need, one after the other; each ends in time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from uuid import UUID

from clinic.config import Settings
from clinic.core import running
from clinic.core.data.db import db
from clinic.core.errors import N_
from clinic.messaging import answers
from clinic.messaging.channels import AUDIENCES, CHANNELS
from clinic.messaging.channels.account import CannotAsk
from clinic.messaging.channels.asking import NO_TIME, Asker
from clinic.messaging.delivery import buckets
from clinic.messaging.proving import addresses, letters, seen, texts
from clinic.messaging.proving.checks import Check, State
from clinic.messaging.proving.seen import Known, Seen
from clinic.messaging.senders import chosen, kinds

LONG_CODE_A_SECOND = kinds.KINDS["long_code"].rate


def senders_of(channel: str, organisation_id: UUID | None) -> list[str]:
    """What the messages of an organisation go from, or those that have no other sender."""
    found = (chosen.sender_of(organisation_id, channel, audience) for audience in AUDIENCES)
    return list(dict.fromkeys(filter(None, found)))


def prove(organisation_id: UUID | None = None) -> list[Check]:
    """No transaction may be open here: it calls out, for a minute at most."""
    known = seen.known(organisation_id)
    by_channel = {name: senders_of(name, organisation_id) for name in CHANNELS}
    own = {name for name in CHANNELS if chosen.own_of(organisation_id, name)}
    db.session.remove()  # nothing is held while we wait for answers
    found = prove_these(by_channel, known)
    if organisation_id is None:
        return found
    return [one if one.channel in own else _not_theirs(one) for one in found]


def _not_theirs(check: Check) -> Check:
    """What the whole installation sends from, one organisation does not point elsewhere."""
    if check.fix is None:
        return check
    remedy = N_("Whoever runs the whole product can point it here.")
    return replace(check, fix=None, remedy=remedy)


def prove_these(by_channel: dict[str, list[str]], known: Known) -> list[Check]:
    settings = running.settings()
    ask, writes = Asker(settings), by_channel["whatsapp"]
    return [
        *_of_texts(ask, "sms", by_channel["sms"], known.texts["sms"], texts.of_sender),
        *_of_texts(ask, "whatsapp", writes, known.texts["whatsapp"], texts.of_whatsapp),
        *([seen.approvals(known.templates)] if writes else []),
        *_of_letters(settings, by_channel["email"]),
    ]


def _of_texts(
    ask: Asker,
    channel: str,
    senders: list[str],
    lately: Seen,
    prove_sender: Callable[[Asker, str], Iterator[Check]],
) -> Iterator[Check]:
    settings = ask.settings
    if channel == "whatsapp" and not senders:
        words = N_("WhatsApp is not used: no number is named for it.")
        yield Check("provider", channel, State.UNKNOWN, words)
        return
    if not CHANNELS[channel].is_set_up(settings):
        yield _no_provider(settings, channel)
        return
    if not CHANNELS[channel].is_whole(settings):
        yield Check(
            "provider", channel, State.DANGER,
            N_("The Twilio account is half set up: its token or key is missing."),
            remedy=N_("Set TWILIO_AUTH_TOKEN beside TWILIO_ACCOUNT_SID and start again."),
        )  # fmt: skip
        return
    yield from _while_answered(channel, _account_and(ask, channel, senders, prove_sender))
    if not senders:
        yield Check(
            "sender", channel, State.DANGER, N_("No number or service is named to text from."),
            remedy=N_("Set TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM, or add a sender."),
        )  # fmt: skip
    yield addresses.of_us(settings, channel)
    yield from seen.judged(channel, lately)


def _account_and(
    ask: Asker,
    channel: str,
    senders: list[str],
    prove_sender: Callable[[Asker, str], Iterator[Check]],
) -> Iterator[Check]:
    account = texts.of_account(ask, channel)
    yield account
    if account.state is State.DANGER:
        return
    for value in senders:
        yield from prove_sender(ask, value)
        yield from _pace(channel, value)


def _while_answered(channel: str, checks: Iterable[Check]) -> Iterator[Check]:
    """What is known until nobody answers any more, and that."""
    try:
        yield from checks
    except CannotAsk as error:
        yield _unknown(channel, error.code)


def _unknown(channel: str, code: str) -> Check:
    if code == NO_TIME:
        words = N_("Twilio answered too slowly: the rest could not be asked.")
        return Check("credentials", channel, State.UNKNOWN, words, remedy=_LATER)
    known = answers.ANSWERS.get(code)
    words = N_("Twilio gave no answer that says more (%(code)s).")
    remedy = known.remedy if known and known.remedy else _LATER
    return Check("credentials", channel, State.UNKNOWN, words, {"code": code}, remedy)


_LATER = N_("Check again in a few minutes; status.twilio.com tells whether it is theirs.")


def _pace(channel: str, value: str) -> Iterator[Check]:
    """A number takes one part of a text a second, whatever we hand over."""
    rate = buckets.rate_of(value)
    if channel == "sms" and kinds.kind_of(value, channel) == "long_code" and (
        not rate or rate > LONG_CODE_A_SECOND
    ):  # fmt: skip
        yield Check(
            "rate", channel, State.WARNING,
            N_("%(rate)s texts a second may go from %(sender)s, a number that takes one or a few."),
            {"rate": f"{rate:g}" if rate else "80", "sender": value},
            N_("Twilio keeps the rest for later. Send by a messaging service, or set "
               "SENDER_MESSAGES_PER_SECOND to the number's own rate."),
            value,
        )  # fmt: skip
        return
    if rate:
        words = N_("Up to %(rate)s a second go from %(sender)s.")
        values = {"rate": f"{rate:g}", "sender": value}
        yield Check("rate", channel, State.OK, words, values, about=value)


def _no_provider(settings: Settings, channel: str) -> Check:
    if settings.production:
        words = N_("No provider is set up: nothing goes this way.")
        state = State.DANGER
    else:
        words = N_("No provider is set up: messages stay in the development inbox.")
        state = State.WARNING
    remedy = {
        "email": N_("Set SMTP_HOST, SMTP_USER, SMTP_PASS and MAIL_FROM; see docs/operations.md."),
    }.get(channel, N_("Set TWILIO_ACCOUNT_SID and what belongs to it; see docs/twilio.md."))
    return Check("provider", channel, state, words, remedy=remedy)


def _of_letters(settings: Settings, senders: list[str]) -> Iterator[Check]:
    if not CHANNELS["email"].is_set_up(settings):
        yield _no_provider(settings, "email")
        return
    yield letters.of_server(settings)
    for address in senders:
        yield from letters.of_sender(settings, address)
