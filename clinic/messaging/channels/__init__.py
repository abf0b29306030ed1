"""The only door to Twilio and SMTP: one call out, one Outcome back, never an exception."""

from collections.abc import Collection
from datetime import datetime

import structlog

from clinic.config import Settings
from clinic.core import running
from clinic.core.errors import N_, Unavailable
from clinic.messaging.channels import lookup, twilio
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.channels.email.letters import EMAIL
from clinic.messaging.channels.sms.texts import SMS
from clinic.messaging.channels.whatsapp.texts import WHATSAPP

log = structlog.get_logger()

CHANNELS = {one.name: one for one in (SMS, WHATSAPP, EMAIL)}
TEXTS = tuple(name for name, one in CHANNELS.items() if not one.is_letter)
LETTERS = tuple(name for name, one in CHANNELS.items() if one.is_letter)
HEEDING = tuple(name for name, one in CHANNELS.items() if one.heeds_refusals)
SEARCHABLE = tuple(name for name, one in CHANNELS.items() if one.find)
AUDIENCES = ("patient", "doctor", "staff")
USUAL = {"phone": SMS.name, "email": EMAIL.name}  # by kind of address
NOT_CONFIGURED = Outcome("skipped", error_code="not_configured")

is_signed_by_twilio = twilio.is_signed_by_twilio
twiml = twilio.twiml


def get_ready() -> None:
    """Load the SDK once, in a process that forks others: else each of them would load it."""
    settings = running.settings()
    if twilio.is_set_up(settings):
        twilio.load(settings)


def send(claim: Claim, content: Content) -> Outcome:
    """Hand one message to its provider. No transaction may be open here."""
    settings, channel = running.settings(), CHANNELS[claim.channel]
    if not can_send(claim.channel, claim.audience, bool(claim.sender)):
        return NOT_CONFIGURED
    if not channel.is_set_up(settings):
        return NOT_CONFIGURED if settings.production else _nowhere(claim)
    if not channel.is_whole(settings):
        return NOT_CONFIGURED
    return channel.send(settings, claim, content, sender_of(settings, claim))


def probe(account: str) -> bool:
    """Whether this provider lets us call now. No transaction may be open here."""
    settings = running.settings()
    asked = next((one for one in CHANNELS.values() if one.account == account), None)
    if asked is None or not asked.is_whole(settings):
        return False
    return asked.probe(settings).kind == "sent"


def that_can_send(audience: str = "patient") -> tuple[str, ...]:
    """The channels by which something would leave now from the settings' senders, in the order in
    which they are tried. `senders.chosen.ways` knows those of an organisation, too.

    Where there is no provider at all, the development inbox is one; in production it is not.
    """
    return tuple(name for name in CHANNELS if can_send(name, audience))


def can_send(name: str, audience: str, has_own_sender: bool = False) -> bool:
    settings, channel = running.settings(), CHANNELS[name]
    if not channel.is_set_up(settings):
        return not settings.production
    is_sender_known = has_own_sender or bool(channel.sender(settings, audience))
    return channel.is_whole(settings) and is_sender_known


def calls_out(*names: str) -> bool:
    """Whether one of these channels (of all, if none is named) has a provider to be called."""
    settings = running.settings()
    return any(CHANNELS[name].is_set_up(settings) for name in names or CHANNELS)


def _nowhere(claim: Claim) -> Outcome:
    """No provider, on a developer's machine: the development inbox."""
    log.debug("fake_delivery", channel=claim.channel, message_id=str(claim.id))
    return Outcome("delivered", provider_id=f"dev-{claim.id.hex}", sender="development inbox")


def sender_of(settings: Settings, claim: Claim) -> str:
    """Our address: the organisation's own, else that of this channel and audience."""
    return claim.sender or CHANNELS[claim.channel].sender(settings, claim.audience)


def sender_for(channel: str, audience: str) -> str:
    return CHANNELS[channel].sender(running.settings(), audience)


def own_number(audience: str) -> str:
    """What our texts come from: a number, a name or a service; empty if there is none."""
    sender = sender_for(USUAL["phone"], audience)
    # Of a service people see a number of its own: the one that is said beside it is one of those.
    return running.settings().twilio_from or sender if twilio.is_service(sender) else sender


def is_our_own(address: str) -> bool:
    """Do we send from it? Nobody can be reached there, and what comes from it is an echo."""
    is_named = running.registered("telephones").is_ours(address)
    return is_named or running.registered("senders").has(address)


def is_in_account(kind: str, value: str) -> bool:
    """Whether the provider knows this messaging service, short code or name as ours. No transaction
    may be open here. Raises Unavailable where it cannot be asked."""
    settings = running.settings()
    if not twilio.is_whole(settings):
        raise Unavailable(N_("No provider is set up that could be asked."))
    return lookup.is_in_account(settings, kind, value)


def find(channel: str, address: str, words: Collection[str], since: datetime) -> list[Outcome]:
    """Ask the provider whether a message of ours reached it after all: all it knows with one of
    these words.
    """
    settings, one = running.settings(), CHANNELS[channel]
    return one.find(settings, address, words, since) if one.find and one.is_set_up(settings) else []


def read_address(written: str) -> tuple[str, str]:
    """The channel and the plain number of what Twilio writes: `whatsapp:+4477...` or `+4477...`."""
    for name, one in CHANNELS.items():
        if one.prefix and written.startswith(one.prefix):
            return name, written.removeprefix(one.prefix)
    return USUAL["phone"], written
