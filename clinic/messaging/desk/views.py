"""The ledger for the front desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import READ_MESSAGES
from clinic.appointments.reading import people as visits_of
from clinic.appointments.reading import words as visit_words
from clinic.appointments.reading.people import Caller
from clinic.appointments.reading.visit import Visit
from clinic.core import clock, saying
from clinic.core.data.paging import Paging
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.messaging.delivery import figures
from clinic.messaging.desk import queries as desk_queries
from clinic.messaging.desk import service as desk_service
from clinic.messaging.desk import words
from clinic.messaging.desk.queries import Filter, Line, Story
from clinic.messaging.inbox import queries as inbox
from clinic.messaging.queueing import queries as messaging
from clinic.messaging.statuses import Status
from clinic.organisations import queries as organisation_queries
from clinic.patients.people import queries as patient_queries

PAGE = 25
ASKABLE = ("status", "channel", "address", "since", "attention")
NOT_ARRIVED = frozenset({Status.FAILED, Status.SKIPPED, Status.UNCERTAIN})
YEARS = range(2000, 2100)  # outside of it a day has no bounds in every zone


@dataclass(frozen=True, slots=True)
class Person:
    """Who a message is from or to, with the visit it is about or the next one."""

    id: UUID
    name: str
    birth_date: date | None
    visit: visit_words.Shown | None


bp = Blueprint("messaging", __name__, url_prefix="/messages")


@bp.get("/")
@access(*READ_MESSAGES)
def index() -> Response:
    zone = clock.zone(organisation_queries.timezone_of(current_user.organisation_id))
    paging = Paging(PAGE, request.args.get("cursor"))
    since = _since()
    asked = _asked(since, zone)
    found = desk_queries.messages(current_user.actor, asked, paging)
    return htmx.render(
        "messaging/desk/index.html",
        partial="messaging/desk/_rows.html",
        lines=found.items,
        words=words,
        zone=zone,
        people=_people(found.items),
        filters=words.filters(asked, since),
        more_url=_older(found.next_cursor),
        asked=request.args,
        attention=desk_queries.needing_look(current_user.actor),
        deaths=0 if htmx.is_partial() else patient_queries.count_deaths(current_user.actor),
        configured=figures.is_configured(),
        inbox_url=url_for("dev.inbox") if inbox.is_open() else None,
        zone_label=saying.zone(clock.now(), zone),
        topic=f"/live/messages/{current_user.organisation_id}",
    )


def _older(cursor: str | None) -> str | None:
    """The next page of the same filters."""
    if cursor is None:
        return None
    kept: dict[str, Any] = {name: request.args[name] for name in ASKABLE if request.args.get(name)}
    return url_for("messaging.index", **kept, cursor=cursor)


def _since() -> date | None:
    try:
        since = date.fromisoformat(request.args.get("since", ""))
    except ValueError:
        return None
    return since if since.year in YEARS else None


def _asked(since: date | None, zone: ZoneInfo) -> Filter:
    status, channel = request.args.get("status", "")[:12], request.args.get("channel", "")[:10]
    return Filter(
        statuses=[status] if status else [],
        channels=[channel] if channel else [],
        address=request.args.get("address", "")[:120].strip(),
        since=clock.day_bounds(since, zone)[0] if since else None,
        attention=True if request.args.get("attention") == "1" else None,
    )


@bp.get("/<uuid:message_id>")
@access(*READ_MESSAGES)
def show(message_id: UUID) -> Response:
    zone = clock.zone(organisation_queries.timezone_of(current_user.organisation_id))
    story = desk_queries.story(current_user.actor, message_id)
    return htmx.render(
        "messaging/desk/show.html",
        partial="messaging/desk/_story.html",
        story=story,
        words=words,
        zone=zone,
        people=_people([story.line])[message_id],
        ways=_ways(story),
        zone_label=saying.zone(clock.now(), zone),
        topic=f"/live/messages/{current_user.organisation_id}",
    )


def _people(lines: Iterable[Line]) -> dict[UUID, list[Person]]:
    """By message: of a visit its patient, of a text the people who have its number."""
    lines, actor = list(lines), current_user.actor
    theirs = [line for line in lines if line.audience == "patient"]
    visits = visits_of.of_visits({line.about_id for line in theirs}, actor)
    came = {line.address for line in theirs if line.direction == "in"}
    by_number = visits_of.of_numbers(came, actor)
    return {line.id: _at_the_other_end(line, visits, by_number) for line in lines}


def _at_the_other_end(
    line: Line, visits: dict[UUID, Visit], by_number: dict[str, list[Caller]]
) -> list[Person]:
    visit = visits.get(line.about_id) if line.about_id and line.audience == "patient" else None
    if visit:
        shown = visit_words.shown(visit)
        return [Person(visit.patient_id, visit.patient, visit.birth_date, shown)]
    if line.direction == "out":
        return []
    return [
        Person(
            one.patient_id,
            one.name,
            one.birth_date,
            visit_words.shown(one.visit) if one.visit else None,
        )
        for one in by_number.get(line.address, [])
    ]


def _ways(story: Story) -> dict[str, str]:
    """How else the patient of a visit is reached, where a message did not arrive."""
    line = story.line
    if line.status not in NOT_ARRIVED or line.audience != "patient":
        return {}
    visit = visits_of.of_visits({line.about_id}, current_user.actor).get(line.about_id)  # type: ignore[arg-type]
    if visit is None:
        return {}
    place = current_user.organisation_id
    phone = patient_queries.phones_of({visit.patient_id}, place).get(visit.patient_id)
    page = url_for("people.show", patient_id=visit.patient_id) + "#contact-title"
    may_mail = line.channel != "email" and "email" in messaging.ways()
    email = may_mail and patient_queries.email_of(visit.patient_id, place)
    return (
        {"change": page} | ({"call": phone} if phone else {}) | ({"email": email} if email else {})
    )


@bp.post("/<uuid:message_id>/resend")
@access(*READ_MESSAGES)
def resend(message_id: UUID) -> Response:
    channel = "email" if request.form.get("channel") == "email" else None
    new_id = desk_service.resend(message_id, current_user.actor, channel)
    return htmx.go(url_for("messaging.show", message_id=new_id))


@bp.post("/<uuid:message_id>/seen")
@access(*READ_MESSAGES)
def seen(message_id: UUID) -> Response:
    """A person has looked: it leaves the list of what needs a look."""
    desk_service.mark_seen(message_id, current_user.actor)
    return htmx.done(
        url_for("messaging.index", attention=1),
        partial="messaging/desk/_seen.html",
        toast=words.seen(),
    )
