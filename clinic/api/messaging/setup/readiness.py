"""Whether messages can go and come: the last proof, and how each channel stands."""

from datetime import datetime
from typing import Annotated, Any, Literal

from flask_babel import gettext
from pydantic import Field

from clinic.access.roles import SEE_SYSTEM
from clinic.api.frame import In, Out, Resource, actor, example, honours_key, once
from clinic.core.fields import LONGEST_EMAIL, Text
from clinic.core.web.security import access
from clinic.messaging.proving.checks import Check
from clinic.messaging.readiness import queries, service, trial
from clinic.messaging.readiness.queries import Proof, Way

bp = Resource("readiness", tag="Messages")

FixKind = Literal["service", "number", "whatsapp"]
ChannelName = Literal["sms", "whatsapp", "email"]
FIX = {
    "kind": "number",
    "sid": "PN0123456789abcdef0123456789abcdef",
    "before": "",
    "after": "https://clinic.example/api/v1/twilio/webhook",
}
CHECK = {
    "name": "inbound_address",
    "channel": "sms",
    "state": "danger",
    "about": "+442079460142",
    "sentence": "What people text to +442079460142 is brought nowhere.",
    "remedy": "Until it is pointed here nobody's answer arrives.",
    "link": "",
    "fix": FIX,
}
TEST = {
    "channel": "sms",
    "address": "+442079460155",
    "status": "delivered",
    "error_code": None,
    "sent_at": "2026-11-29T09:00:00Z",
    "answered_at": "2026-11-29T09:01:00Z",
}
CHANNEL = {
    "channel": "sms",
    "is_set_up": True,
    "can_send": True,
    "senders": ["+442079460142"],
    "held_by": [],
    "waiting": 0,
    "oldest_waiting_seconds": 0,
    "tried_last_day": 120,
    "delivered_last_day": 117,
    "errors_last_day": [{"code": "30003", "count": 3}],
}


class FixOut(Out):
    """An address in the provider's account that can be set from here."""

    kind: FixKind
    sid: str
    before: str
    after: str

    model_config = example(FIX)


class PointIn(In):
    kind: FixKind
    sid: Annotated[str, Text(64)]

    model_config = example({"kind": "number", "sid": "PN0123456789abcdef0123456789abcdef"})


class TestIn(In):
    channel: ChannelName
    address: Annotated[str, Text(LONGEST_EMAIL)] = Field(description="A number, or an email")

    model_config = example({"channel": "sms", "address": "+442079460155"})


class TestOut(Out):
    """The last test message of a week, and when it was answered."""

    channel: ChannelName
    address: str
    status: str
    error_code: str | None
    sent_at: datetime
    answered_at: datetime | None

    model_config = example(TEST)


class CheckOut(Out):
    name: str
    channel: ChannelName
    state: Literal["ok", "warning", "danger", "unknown"]
    about: str
    sentence: str
    remedy: str
    link: str
    fix: FixOut | None

    model_config = example(CHECK)


class ErrorCount(Out):
    code: str
    count: int

    model_config = example({"code": "30003", "count": 3})


class ChannelOut(Out):
    channel: ChannelName
    is_set_up: bool
    can_send: bool
    senders: list[str]
    held_by: list[str]
    waiting: int
    oldest_waiting_seconds: int
    tried_last_day: int
    delivered_last_day: int
    errors_last_day: list[ErrorCount]

    model_config = example(CHANNEL)


class ReadinessOut(Out):
    state: Literal["ok", "warning", "danger"] | None
    is_running: bool
    finished_at: datetime | None
    checks: list[CheckOut]
    channels: list[ChannelOut]
    test: TestOut | None

    model_config = example(
        {
            "state": "danger",
            "is_running": False,
            "finished_at": "2026-11-29T09:00:00Z",
            "checks": [CHECK],
            "channels": [CHANNEL],
            "test": TEST,
        }
    )


@bp.get("/messaging/readiness")
@access(*SEE_SYSTEM)
@bp.output(ReadinessOut)
def show() -> dict[str, Any]:
    """What the last check found, and how each channel stands by the ledger.

    `state` is the worst of the checks, nothing before the first one."""
    return _shown()


@bp.post("/messaging/readiness")
@access(*SEE_SYSTEM)
@bp.output(ReadinessOut, 202)
def check() -> dict[str, Any]:
    """Have it checked anew: the provider and the mail server are asked, nothing is sent.

    Ask again until `is_running` is over."""
    service.ask(actor())
    return _shown()


@bp.post("/messaging/readiness/webhooks")
@access(*SEE_SYSTEM)
@bp.input(PointIn)
@bp.output(ReadinessOut)
def point_here(json_data: PointIn) -> dict[str, Any]:
    """Set in the provider's account what a check offers as its `fix`: what people write comes here.

    404 where the last check offers no such thing, 409 `changed_meanwhile` where it leads elsewhere
    by now."""
    service.point_here(json_data.kind, json_data.sid, actor())
    return _shown()


@bp.post("/messaging/readiness/test")
@access(*SEE_SYSTEM)
@honours_key
@bp.input(TestIn)
@bp.output(ReadinessOut, 202)
def send_test(json_data: TestIn) -> dict[str, Any]:
    """Send one test message. `test` tells what becomes of it, and when somebody answered it."""
    once(lambda: trial.send(json_data.channel, json_data.address, actor()), json_data)
    return _shown()


def _shown() -> dict[str, Any]:
    whose = actor().organisation_id
    proof = queries.proof(whose)
    return {
        "state": _state(proof),
        "is_running": proof.is_running,
        "finished_at": proof.finished_at,
        "checks": [_check(one) for one in proof.checks],
        "channels": [_channel(one) for one in queries.ways(whose)],
        "test": trial.last(whose),
    }


def _state(proof: Proof) -> str | None:
    return str(proof.state) if proof.checks else None


def _check(check: Check) -> dict[str, Any]:
    return {
        "sentence": _said(check.words, check),
        "remedy": _said(check.remedy, check),
        "state": str(check.state),
        "fix": check.fix,
        **{name: getattr(check, name) for name in ("name", "channel", "about", "link")},
    }


def _said(words: str, check: Check) -> str:
    return gettext(words, **check.values).strip() if words else ""


def _channel(way: Way) -> dict[str, Any]:
    names = ("channel", "is_set_up", "can_send", "senders", "waiting")
    return {
        **{name: getattr(way, name) for name in names},
        "held_by": [one.error_code for one in way.held],
        "oldest_waiting_seconds": int(way.oldest_s),
        "tried_last_day": way.tried,
        "delivered_last_day": way.delivered,
        "errors_last_day": [{"code": code, "count": count} for code, count in way.errors],
    }
