"""What there is in our account at Twilio: numbers, services, registrations, WhatsApp senders.

Each question is one or a few calls with the time-outs of `twilio`. None is the answer where the
account has no such thing. All raise CannotAsk. No transaction may be open here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from clinic.config import Settings
from clinic.messaging import answers
from clinic.messaging.channels import lookup, twilio
from clinic.messaging.statuses import OutcomeKind

MOST = 100
WHATSAPP = "whatsapp:"
P = ParamSpec("P")
T = TypeVar("T")


class CannotAsk(Exception):
    """`code` as in the table of answers. `is_silence`: nobody answered, so nobody will just now."""

    def __init__(self, code: str, is_silence: bool = False) -> None:
        super().__init__(code)
        self.code, self.is_silence = code, is_silence


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    status: str  # active, suspended or closed
    is_trial: bool


@dataclass(frozen=True, slots=True)
class Pointed:
    """Where what people text goes: an address and how it is called; empty if nowhere.

    `instead`: something else that the account asks first, by its id.
    """

    url: str
    method: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    sid: str
    value: str
    can_text: bool
    inbound: Pointed


@dataclass(frozen=True, slots=True)
class Service:
    """`by_number`: what people text goes where each number says, not where the service does."""

    sid: str
    name: str
    inbound: Pointed
    by_number: bool
    numbers: tuple[str, ...]
    others: tuple[str, ...]  # short codes and names

    @property
    def senders(self) -> tuple[str, ...]:
        return (*self.numbers, *self.others)


@dataclass(frozen=True, slots=True)
class Registration:
    """A campaign, a brand or the verification of a toll-free number, in the provider's words."""

    sid: str
    status: str
    reason: str = ""
    brand: str = ""  # of a campaign


@dataclass(frozen=True, slots=True)
class WhatsAppSender:
    sid: str
    status: str
    reasons: tuple[str, ...]
    inbound: Pointed


def _question(
    ask: Callable[Concatenate[Settings, P], T | None],
) -> Callable[Concatenate[Settings, P], T | None]:
    @wraps(ask)
    def asked(settings: Settings, *args: P.args, **kwargs: P.kwargs) -> T | None:
        import requests
        from twilio.base.exceptions import TwilioException

        try:
            return ask(settings, *args, **kwargs)
        except (TwilioException, requests.RequestException, ValueError) as error:
            if twilio.answered(error)[0] == 404:
                return None
            raise _cannot_ask(error) from error

    return asked


def _cannot_ask(error: Exception) -> CannotAsk:
    outcome = twilio.outcome_of(error)
    code = outcome.error_code or "unknown"
    is_silence = OutcomeKind(outcome.kind) in (OutcomeKind.RETRY, OutcomeKind.UNCERTAIN)
    return CannotAsk(code, is_silence or answers.holds(code) is answers.Holds.ACCOUNT)


@_question
def by_key(settings: Settings) -> bool:
    """Whether the API key lets us in."""
    return twilio.client(settings).messages.list(limit=1) is not None


@_question
def account(settings: Settings) -> Account | None:
    """By the token: to a key the account itself is closed."""
    by_token = twilio.client_by_token(settings)
    found = by_token.api.accounts(settings.twilio_account_sid).fetch()
    return Account(found.friendly_name or "", str(found.status), str(found.type).lower() == "trial")


@_question
def number(settings: Settings, value: str) -> Number | None:
    found = twilio.client(settings).incoming_phone_numbers.list(phone_number=value, limit=1)
    if not found:
        return None
    (one,) = found
    able: Any = one.capabilities
    can_text = bool(able.get("sms") if isinstance(able, dict) else getattr(able, "sms", False))
    return Number(str(one.sid), value, can_text, _pointed(one))


def _pointed(number: Any) -> Pointed:
    application = number.sms_application_sid or ""
    return Pointed(number.sms_url or "", number.sms_method or "", application)


@_question
def service(settings: Settings, sid: str) -> Service | None:
    place = twilio.client(settings).messaging.v1.services(sid)
    found = place.fetch()
    return Service(
        sid,
        found.friendly_name or sid,
        Pointed(found.inbound_request_url or "", found.inbound_method or ""),
        bool(found.use_inbound_webhook_on_number),
        _each(one.phone_number for one in place.phone_numbers.list(limit=MOST)),
        _each(one.short_code for one in place.short_codes.list(limit=MOST))
        + _each(one.alpha_sender for one in place.alpha_senders.list(limit=MOST)),
    )


def _each(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(one for one in found if one)


@_question
def has_short_code(settings: Settings, value: str) -> bool | None:
    return lookup.has_short_code(settings, value) or None


@_question
def campaigns(settings: Settings, service_sid: str) -> list[Registration] | None:
    place = twilio.client(settings).messaging.v1.services(service_sid)
    return [
        Registration(
            str(one.sid),
            str(one.campaign_status),
            _why(getattr(one, "errors", None)),
            one.brand_registration_sid or "",
        )
        for one in place.us_app_to_person.list(limit=MOST)
    ]


def _why(errors: Any) -> str:
    """The provider's own words, as far as there are some."""
    said = [one.get("description", "") for one in errors or () if isinstance(one, dict)]
    return " ".join(filter(None, said))[:300]


@_question
def brand(settings: Settings, sid: str) -> Registration | None:
    found = twilio.client(settings).messaging.v1.brand_registrations(sid).fetch()
    return Registration(sid, str(found.status), (found.failure_reason or "")[:300])


@_question
def toll_free(settings: Settings, number_sid: str) -> Registration | None:
    """The latest verification of a toll-free number."""
    found = twilio.client(settings).messaging.v1.tollfree_verifications.list(
        tollfree_phone_number_sid=number_sid, limit=1
    )
    return next(
        (
            Registration(str(one.sid), str(one.status), (one.rejection_reason or "")[:300])
            for one in found
        ),
        None,
    )


@_question
def whatsapp_sender(settings: Settings, value: str) -> WhatsAppSender | None:
    found = twilio.client(settings).messaging.v2.channels_senders.list(
        channel="whatsapp", limit=MOST
    )
    for one in found:
        if one.sender_id == f"{WHATSAPP}{value}":
            reasons = tuple(map(str, one.offline_reasons or ()))
            return WhatsAppSender(str(one.sid), str(one.status), reasons, _hooked(one))
    return None


def _hooked(sender: Any) -> Pointed:
    hook = sender.webhook if isinstance(sender.webhook, dict) else {}
    return Pointed(hook.get("callback_url") or "", hook.get("callback_method") or "")


# --- where what people write is brought: of a service, a number or a WhatsApp sender


@_question
def pointed(settings: Settings, kind: str, sid: str) -> Pointed | None:
    """Where it goes now."""
    thing = _THINGS[kind](settings, sid).fetch()
    if kind == "service":
        return Pointed(thing.inbound_request_url or "", thing.inbound_method or "")
    return _pointed(thing) if kind == "number" else _hooked(thing)


@_question
def point(settings: Settings, kind: str, sid: str, url: str) -> bool | None:
    """Have it brought to this address from now on; None if there is no such thing."""
    from twilio.rest.messaging.v2.channels_sender import ChannelsSenderList

    thing = _THINGS[kind](settings, sid)
    if kind == "service":
        thing.update(
            inbound_request_url=url, inbound_method="POST", use_inbound_webhook_on_number=False
        )
    elif kind == "number":
        thing.update(sms_url=url, sms_method="POST")
    else:
        hook = ChannelsSenderList.MessagingV2ChannelsSenderWebhook(
            {"callback_url": url, "callback_method": "POST"}
        )
        change = ChannelsSenderList.MessagingV2ChannelsSenderRequestsUpdate({"webhook": hook})
        thing.update(messaging_v2_channels_sender_requests_update=change)
    return True


_THINGS: dict[str, Callable[[Settings, str], Any]] = {
    "service": lambda settings, sid: twilio.client(settings).messaging.v1.services(sid),
    "number": lambda settings, sid: twilio.client(settings).incoming_phone_numbers(sid),
    "whatsapp": lambda settings, sid: twilio.client(settings).messaging.v2.channels_senders(sid),
}
