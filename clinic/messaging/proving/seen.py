"""What our own tables tell: when a report came last, when a text, which templates are approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.bulk import among
from clinic.core.data.db import db
from clinic.core.errors import N_
from clinic.events.models import EventRow
from clinic.messaging.channels import TEXTS
from clinic.messaging.channels.contents import REJECTED
from clinic.messaging.models import Attempt, Callback, Message
from clinic.messaging.proving.checks import Check, State
from clinic.messaging.templates import queries as templates
from clinic.messaging.templates.queries import Standing

MOST_LOOKED_AT = 200
A_DAY, SOON = timedelta(days=1), timedelta(minutes=10)
RECEIVED = "message.received"
MOST_NAMED = 6
_REFUSED = frozenset({REJECTED, "paused", "disabled"})


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one channel. `sent`: texts of the last day which a report should have followed by now."""

    sent: int = 0
    reported_at: datetime | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """By channel; and of WhatsApp each text in each language."""

    texts: Mapping[str, Seen]
    templates: Sequence[Standing]


def known(organisation_id: UUID | None) -> Known:
    """Of an organisation, or of all."""
    sent = _sent(organisation_id)
    received = _received(organisation_id)
    texts = {
        name: Seen(*sent.get(name, (0, None)), received_at=received.get(name)) for name in TEXTS
    }
    return Known(texts, templates.standing())


def _sent(organisation_id: UUID | None) -> dict[str, tuple[int, datetime | None]]:
    """How many of the latest calls took a text, and when a report on one of them came."""
    latest = (
        sa.select(Message.id, Message.channel)
        .join(Attempt, Attempt.message_id == Message.id)
        .where(
            Attempt.started_at > clock.now() - A_DAY,
            Attempt.started_at < clock.now() - SOON,
            Attempt.outcome == "sent",
            Message.channel.in_(TEXTS),
            *([Message.organisation_id == organisation_id] if organisation_id else ()),
        )
        .order_by(Attempt.started_at.desc())
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(
            latest.c.channel,
            sa.func.count(latest.c.id.distinct()),
            sa.func.max(Callback.received_at),
        )
        .outerjoin(Callback, Callback.message_id == latest.c.id)
        .group_by(latest.c.channel)
    )
    return {channel: (many, last) for channel, many, last in rows}


def _received(organisation_id: UUID | None) -> dict[str, datetime]:
    """When a text came last. The events are asked: they are in order, whatever came when."""
    events = sa.select(EventRow.payload).where(EventRow.name == RECEIVED)
    if organisation_id:
        events = events.where(EventRow.organisation_id == organisation_id)
    payloads = db.session.scalars(events.order_by(EventRow.at.desc()).limit(MOST_LOOKED_AT)).all()
    ids = [UUID(one["message_id"]) for one in payloads]
    rows = db.session.execute(
        sa.select(Message.channel, sa.func.max(Message.created_at))
        .where(among(Message.id, ids))
        .group_by(Message.channel)
    )
    return {channel: last for channel, last in rows}


def approvals(found: Sequence[Standing]) -> Check:
    """Whether WhatsApp takes our texts outside of a person's day."""
    bad = [one for one in found if not one.is_approved]
    values = {"many": len(found) - len(bad), "all": len(found)}
    if not bad:
        words = N_("WhatsApp has approved all %(all)s templates.")
        return Check("templates", "whatsapp", State.OK, words, values)
    is_refused = any(one.status in _REFUSED for one in bad)
    named = sorted({f"{one.template} ({one.language}): {one.status}" for one in bad})
    return Check(
        "templates",
        "whatsapp",
        State.DANGER if is_refused else State.WARNING,
        N_("WhatsApp has approved %(many)s of %(all)s templates: what it has not goes another way, "
           "but for a day after a person wrote. %(named)s"),
        {**values, "named": ", ".join(named[:MOST_NAMED])},
        N_("Hand them in with: flask whatsapp-templates submit. WhatsApp decides within a day."),
    )  # fmt: skip


def judged(channel: str, seen: Seen) -> list[Check]:
    return [_reports(channel, seen), _answers(channel, seen)]


def _reports(channel: str, seen: Seen) -> Check:
    if seen.reported_at:
        words = N_("Reports on messages arrive, the last at %(when)s.")
        return Check("reports", channel, State.OK, words, {"when": seen.reported_at.isoformat()})
    if seen.sent:
        return Check(
            "reports",
            channel,
            State.DANGER,
            N_("Twilio took %(count)s messages of the last day and no report on them arrived."),
            {"count": seen.sent},
            N_("Look whether PUBLIC_BASE_URL is reached from outside and whether "
               "TWILIO_AUTH_TOKEN is the account's present one."),
        )  # fmt: skip
    words = N_("No message of the last day waits for a report, so nothing tells whether they come.")
    return Check("reports", channel, State.UNKNOWN, words, remedy=N_("Send a test message."))


def _answers(channel: str, seen: Seen) -> Check:
    if seen.received_at:
        words = N_("What people write arrives, the last at %(when)s.")
        return Check("answers", channel, State.OK, words, {"when": seen.received_at.isoformat()})
    words = N_("Nothing that people write has arrived yet.")
    remedy = N_("Send a test message and answer it.")
    return Check("answers", channel, State.UNKNOWN, words, remedy=remedy)
