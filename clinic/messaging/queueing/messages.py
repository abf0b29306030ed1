"""Queue messages, and void them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog

from clinic.access.actor import THE_SYSTEM
from clinic.core import clock, running
from clinic.core.data.bulk import insert_unknown
from clinic.core.data.db import db, must_be_writing
from clinic.core.web import live
from clinic.core.work import queue
from clinic.events.service import record
from clinic.messaging.channels import CHANNELS, TEXTS, USUAL, is_our_own
from clinic.messaging.facts import MessageSkipped
from clinic.messaging.models import Message
from clinic.messaging.queueing import caps, counting
from clinic.messaging.queueing.caps import Verdict, Wish
from clinic.messaging.senders import chosen
from clinic.messaging.statuses import Status
from clinic.messaging.words import catalogue, gsm, rendering
from clinic.messaging.words.rendering import Writer

log = structlog.get_logger()

DELIVER_JOB = "clinic.messaging.jobs.deliver_due"
NO_ADDRESS = "no_address"
INBOX = "development"  # its topic stands beside those of the organisations


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What the caller knows: an address and its language, never a patient.

    `is_known`: whoever owns the address has proven it, or the organisation's own people typed it.
    To others far fewer messages go, so whoever does not know says nothing.
    """

    organisation_id: UUID | None
    channel: str
    address: str
    template: str
    values: dict[str, Any] = field(default_factory=dict)
    audience: str | None = None  # the template's own
    language: str = "en"
    about_id: UUID | None = None
    expires_at: datetime | None = None
    due_at: datetime | None = None
    dedupe_key: str | None = None
    calendar: str | None = None
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """How many are new in the ledger, and which of them a cap has held back."""

    new: int
    refused: tuple[NewMessage, ...] = ()


def queue_messages(news: Sequence[NewMessage]) -> Queued:
    """Insert them into the ledger; a known dedupe_key stays as it is.

    What is beyond a cap of its address, its organisation or of all strangers stands there as
    `skipped` and why.
    """
    must_be_writing()
    if not news:
        return Queued(0)
    drafts = [*_drafts(news)]
    written = _judged([row for _, row in drafts])
    new = insert_unknown(Message, written)
    for row in written:
        if row["error_code"] == NO_ADDRESS and row["about_id"]:
            note_skipped(row["id"], row["organisation_id"], NO_ADDRESS)
    queue.kick(DELIVER_JOB)
    ring({one.organisation_id for one in news})
    ring_counts({row["organisation_id"] for row in written if row["needs_attention"]})
    refused = (one for one, row in drafts if row["error_code"] == caps.TOO_MANY)
    return Queued(new, tuple(refused))


def note_skipped(message_id: UUID, organisation_id: UUID | None, reason: str | None) -> None:
    """Let the rooms above hear that it went nowhere: they know another way, or that there is
    none."""
    fact = MessageSkipped(organisation_id=organisation_id, message_id=message_id, error_code=reason)
    record(fact, THE_SYSTEM)


def _drafts(news: Sequence[NewMessage]) -> Iterator[tuple[NewMessage, dict[str, Any]]]:
    """One language after the other."""
    in_order = sorted(news, key=lambda one: one.language)
    for language, some in groupby(in_order, key=lambda one: one.language):
        with rendering.writing_in(language) as writer:
            yield from ((one, _row(one, writer)) for one in some)


def _judged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows to be written, those that a cap holds back among them."""
    wishes = [(row, _wish(row)) for row in rows if row["status"] == Status.QUEUED]
    if not wishes:
        return rows
    so_far = counting.tally([wish for _, wish in wishes])
    not_shown = set()
    for row, wish in wishes:
        verdict = so_far.judge(wish)
        if verdict is not Verdict.GOES:
            row |= _held_back(wish.is_known)
        if verdict is Verdict.NOT_SHOWN:
            not_shown.add(row["id"])
    if not_shown:
        log.warning("refused_messages_not_shown", count=len(not_shown))
    return [row for row in rows if row["id"] not in not_shown]


def drafted(new: NewMessage) -> dict[str, Any]:
    """The row it would be, for whoever asks the caps by themselves."""
    ((_, row),) = _drafts([new])
    return row


def is_held_back(wish: Wish) -> bool:
    """Is this one beyond a cap?"""
    must_be_writing()
    return counting.tally([wish]).judge(wish) is not Verdict.GOES


def _wish(row: Mapping[str, Any]) -> Wish:
    gives_way = catalogue.TEMPLATES[row["template"]].gives_way
    return Wish(row["address"], row["organisation_id"], row["is_known"], gives_way)


def _held_back(is_known: bool) -> dict[str, Any]:
    """For people only where somebody waits whom we know: a stranger must not fill the desk's
    list."""
    return {
        "status": Status.SKIPPED,
        "error_code": caps.TOO_MANY,
        "needs_attention": is_known,
        "settled_at": clock.now(),
    }


def _row(new: NewMessage, writer: Writer) -> dict[str, Any]:
    moment = clock.now()
    status, reason = _first_status(new, moment)
    words = writer.write(new.template, new.channel, _values(new), new.organisation_id)
    return {
        "id": uuid4(),
        "organisation_id": new.organisation_id,
        "direction": "out",
        "channel": new.channel,
        "audience": new.audience or catalogue.TEMPLATES[new.template].audience,
        "address": new.address,
        "template": new.template,
        "language": new.language,
        "subject": words.subject,
        "body": words.text,
        "variables": words.variables,
        "calendar": new.calendar,
        "about_id": new.about_id,
        "is_known": new.is_known,
        "dedupe_key": new.dedupe_key,
        "status": status,
        "error_code": reason,
        "due_at": new.due_at or moment,
        "expires_at": new.expires_at,
        "attempts": 0,
        "parts": _parts(new.channel, words.text),
        "needs_attention": False,
        "created_at": moment,
        "settled_at": moment if reason else None,
    }


def _parts(channel: str, text: str) -> int:
    """With its links as they will be read."""
    return max(1, gsm.parts(rendering.with_secrets(text))) if channel == USUAL["phone"] else 1


def _values(new: NewMessage) -> Mapping[str, Any]:
    """Where no answer can come back, nothing asks for one: the link says it all."""
    audience = new.audience or catalogue.TEMPLATES[new.template].audience
    if not catalogue.TEMPLATES[new.template].invites:
        return new.values
    if chosen.can_reply(new.organisation_id, new.channel, audience):
        return new.values
    return {**new.values, "confirms": False, "cancels": False}


def _first_status(new: NewMessage, moment: datetime) -> tuple[Status, str | None]:
    """Skipped at once, and visibly, when there is nowhere to send it or no time left."""
    if not CHANNELS[new.channel].reaches(new.address) or is_our_own(new.address):
        return Status.SKIPPED, NO_ADDRESS
    if new.expires_at and new.expires_at <= moment:
        return Status.SKIPPED, "stale"
    return Status.QUEUED, None


def void(about_id: UUID, audience: str | None = None, but_to: str | None = None) -> int:
    """Nothing about this is claimed after the caller's commit. Returns how many were voided.

    `but_to` spares letters, and texts to that number.
    """
    about = sa.and_(Message.about_id == about_id, Message.direction == "out")
    if audience:
        about = sa.and_(about, Message.audience == audience)
    if but_to is not None:
        about = sa.and_(about, Message.channel.in_(TEXTS), Message.address != but_to)
    return _void(about)


def void_keyed(about_id: UUID, keys: str) -> int:
    """The same of those whose dedupe_key is like `keys`, with `%` for whatever stands there."""
    return _void(sa.and_(Message.about_id == about_id, Message.dedupe_key.like(keys)))


def _void(about: sa.ColumnElement[bool]) -> int:
    must_be_writing()
    # A call that is being made cannot be stopped, nor what the provider has; but if it fails there
    # must be no second one. One statement: it judges each row as it stands when a worker that
    # begins or settles lets go of it.
    waits, moment = Message.status == Status.QUEUED, clock.now()
    ended = db.session.execute(
        sa.update(Message)
        .where(about, Message.status.in_((Status.QUEUED, Status.SENDING, Status.SENT)))
        .values(
            status=sa.case((waits, Status.CANCELLED), else_=Message.status),
            settled_at=sa.case((waits, moment), else_=Message.settled_at),
            claim_token=sa.case((waits, None), else_=Message.claim_token),
            expires_at=sa.case((waits, Message.expires_at), else_=moment),
        )
        .returning(Message.organisation_id, Message.status)
    ).all()
    voided = [row.organisation_id for row in ended if row.status == Status.CANCELLED]
    ring(set(voided))
    return len(voided)


def ring_counts(organisation_ids: set[UUID | None]) -> None:
    """Every page of those who look after messages: how many need a look has changed."""
    for organisation_id in organisation_ids - {None}:
        live.ring(f"waiting:{organisation_id}", "waiting")


def ring(organisation_ids: set[UUID | None]) -> None:
    """The pages that show the ledger, and the development inbox."""
    for organisation_id in organisation_ids:
        if organisation_id:
            live.ring(f"messages:{organisation_id}", "messages")
    if not running.settings().production:
        live.ring(f"messages:{INBOX}", "messages")
