"""The inbox of the front desk: conversations, one of them, replies, and who answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.actor import Actor
from clinic.access.roles import KEEP_DESK_HOURS, READ_MESSAGES
from clinic.appointments.reading import people as visits_of
from clinic.appointments.reading import words as visit_words
from clinic.appointments.reading.people import Caller
from clinic.core import clock, saying
from clinic.core.data.paging import Paging
from clinic.core.errors import Conflict, Invalid
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import access
from clinic.messaging.queueing import queries as messaging
from clinic.messaging.threads import filling, meanwhile, queries, replying, service, words
from clinic.messaging.threads.queries import Asked, Thread
from clinic.messaging.threads.replying import Reply
from clinic.messaging.threads.saved import service as saved
from clinic.organisations import queries as organisation_queries
from clinic.patients.people import queries as patient_queries

PAGE = 25
LONGEST_QUERY = 100  # characters

bp = Blueprint("threads", __name__, url_prefix="/inbox")


@dataclass(frozen=True, slots=True)
class Person:
    """Who a conversation is with, and their next visit."""

    id: UUID
    name: str
    birth_date: date | None
    visit: visit_words.Shown | None


@bp.get("/")
@access(*READ_MESSAGES)
def index() -> Response:
    show = request.args.get("show", queries.NEEDS_REPLY)
    show = show if show in words.SHOWN else queries.NEEDS_REPLY
    text = request.args.get("q", "")[:LONGEST_QUERY].strip()
    asked = _asked(show, text)
    found = queries.conversations(
        current_user.actor, asked, Paging(PAGE, request.args.get("cursor"))
    )
    more = found.next_cursor
    return htmx.render(
        "messaging/threads/index.html",
        partial="messaging/threads/_threads.html",
        threads=found.items,
        people=_people(found.items),
        words=words,
        show=show,
        q=text,
        cursor=request.args.get("cursor"),
        may_keep_hours=current_user.may(KEEP_DESK_HOURS),
        more_url=url_for("threads.index", show=show, q=text or None, cursor=more) if more else None,
        **_around(),
    )


def _asked(show: str, text: str) -> Asked:
    if not text:
        return Asked(show, text)
    numbers, ids = patient_queries.named(current_user.organisation_id, current_user.actor, text)
    return Asked(show, text, numbers, ids)


def _around() -> dict[str, Any]:
    zone = clock.zone(organisation_queries.timezone_of(current_user.organisation_id))
    return {
        "zone": zone,
        "zone_label": saying.zone(clock.now(), zone),
        "topic": f"/live/messages/{current_user.organisation_id}",
    }


@bp.get("/<uuid:conversation_id>")
@access(*READ_MESSAGES)
def show(conversation_id: UUID) -> Response:
    """`?find=` looks for whom it may be."""
    return _page(queries.one(current_user.actor, conversation_id), "")


def _page(thread: Thread, text: str, status: int = 200, problem: str | None = None) -> Response:
    find = request.args.get("find", "")[:LONGEST_QUERY].strip()
    place = current_user.organisation_id
    shown = _shown(thread)
    return htmx.render(
        "messaging/threads/show.html",
        partial="messaging/threads/_thread.html",
        status=status,
        text=filling.suggested(text, _gaps(shown["people"])),
        problem=problem,
        channel=request.form.get("channel", thread.channel),
        **_ways(thread, _email(shown["people"])),
        saved=saved.replies(current_user.actor),
        key=request.form.get("key") or uuid4().hex,
        mark=meanwhile.mark(thread.id, thread.claimed_by, current_user.actor),
        find=find,
        found=patient_queries.search(place, find) if find else [],
        longest=replying.room(organisation_queries.name_of(place) or ""),
        **shown,
    )


def _shown(thread: Thread) -> dict[str, Any]:
    """What the part that is refreshed shows."""
    people = _people([thread])[thread.id]
    lines = queries.lines(current_user.actor, thread)
    return {
        "thread": thread,
        "people": people,
        "lines": lines,
        "read_to": max((one.created_at for one in lines if one.direction == "in"), default=None),
        "me": current_user.id,
        "words": words,
        **_around(),
    }


def _email(people: list[Person]) -> str | None:
    """Of one person alone: a letter must not go to another of a family."""
    if len(people) != 1:
        return None
    return patient_queries.email_of(people[0].id, current_user.organisation_id)


def _ways(thread: Thread, email: str | None) -> dict[str, Any]:
    """How to write back, and why not by the way they wrote."""
    place = current_user.organisation_id
    why = {
        way: replying.hindrance(place, thread.address, way, email)
        for way in {*messaging.ways(place), thread.channel}
    }
    ways = [(way, words.CHANNELS[way]) for way in messaging.ways(place) if not why[way]]
    hindered = why[thread.channel]
    return {"ways": ways, "hindered": said(hindered) if hindered else None}


def _gaps(people: list[Person]) -> dict[str, str]:
    details = organisation_queries.details(current_user.organisation_id, current_user.actor)
    name = people[0].name if len(people) == 1 else ""
    return {"name": name, "clinic": details.name, "phone": details.phone or ""}


def _people(threads: Iterable[Thread]) -> dict[UUID, list[Person]]:
    found = visits_of.of_threads(threads, current_user.actor)
    return {key: [_person(one) for one in callers] for key, callers in found.items()}


def _person(one: Caller) -> Person:
    visit = visit_words.shown(one.visit) if one.visit else None
    return Person(one.patient_id, one.name, one.birth_date, visit)


@bp.post("/<uuid:conversation_id>/reply")
@access(*READ_MESSAGES)
def reply(conversation_id: UUID) -> Response:
    """With `put` nothing goes out: a saved reply comes into the box, after what stands there."""
    thread = queries.one(current_user.actor, conversation_id)
    people = _people([thread])[thread.id]
    only = people[0] if len(people) == 1 else None
    text = request.form.get("text", "").replace("\r\n", "\n")[: 2 * replying.LONGEST]
    if chosen := request.form.get("saved", type=UUID) if request.form.get("put") else None:
        return _page(thread, f"{text} {saved.one(current_user.actor, chosen).body}".strip())
    new = Reply(
        text=text,
        channel=request.form.get("channel", "")[:10] or None,
        email=_email(people),
        name=only.name if only else None,
        visit_id=only.visit.id if only and only.visit else None,
        key=request.form.get("key", "")[:32] or None,
        seen=request.form.get("seen"),
        read_to=_read_to(),
    )
    try:
        replying.reply(conversation_id, new, current_user.actor)
    except (Invalid, Conflict) as error:
        return _page(thread, text, error.status, said(error))
    return htmx.go(url_for("threads.show", conversation_id=conversation_id) + "#reply-title")


def _read_to() -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.form.get("read_to", "")[:40])
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@bp.post("/length")
@access(*READ_MESSAGES)
def length() -> Response:
    """How long a reply is that is being typed: in the body, for addresses are kept in logs."""
    name = organisation_queries.name_of(current_user.organisation_id)
    text = request.form.get("text", "")[: 2 * replying.LONGEST].strip()
    return htmx.answer(words.length(f"{name}: {text}") if text else "")


def _act(conversation_id: UUID, command: Callable[[UUID, Actor], None], toast: Any) -> Response:
    command(conversation_id, current_user.actor)
    return _done(conversation_id, toast)


def _done(conversation_id: UUID, toast: Any) -> Response:
    location = url_for("threads.show", conversation_id=conversation_id)
    if not htmx.is_partial():
        flash(str(toast), "ok")
        return htmx.go(location)
    shown = _shown(queries.one(current_user.actor, conversation_id))
    return htmx.done(location, partial="messaging/threads/_thread.html", toast=str(toast), **shown)


@bp.post("/<uuid:conversation_id>/claim")
@access(*READ_MESSAGES)
def claim(conversation_id: UUID) -> Response:
    return _act(conversation_id, service.claim, words.CLAIMED)


@bp.post("/<uuid:conversation_id>/release")
@access(*READ_MESSAGES)
def release(conversation_id: UUID) -> Response:
    return _act(conversation_id, service.release, words.RELEASED)


@bp.post("/<uuid:conversation_id>/close")
@access(*READ_MESSAGES)
def close(conversation_id: UUID) -> Response:
    is_closed = service.close(conversation_id, current_user.actor, _read_to())
    return _done(conversation_id, words.CLOSED if is_closed else words.WROTE_MEANWHILE)


@bp.post("/<uuid:conversation_id>/reopen")
@access(*READ_MESSAGES)
def reopen(conversation_id: UUID) -> Response:
    return _act(conversation_id, service.reopen, words.REOPENED)


@bp.post("/<uuid:conversation_id>/read")
@access(*READ_MESSAGES)
def read(conversation_id: UUID) -> Response:
    service.mark_read(conversation_id, current_user.actor, _read_to())
    return _done(conversation_id, words.READ)


@bp.post("/<uuid:conversation_id>/attach")
@access(*READ_MESSAGES)
def attach(conversation_id: UUID) -> Response:
    """Without `patient_id` it is of whoever has the number again."""
    patient_id = request.form.get("patient_id", type=UUID)
    service.attach(conversation_id, patient_id, current_user.actor)
    return htmx.go(url_for("threads.show", conversation_id=conversation_id))
