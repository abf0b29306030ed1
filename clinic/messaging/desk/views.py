"""The ledger for the front desk."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import READ_MESSAGES
from clinic.appointments.reading import people as visits_of
from clinic.core import clock, saying
from clinic.core.data.paging import Paging
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.messaging.delivery import figures
from clinic.messaging.desk import pages, words
from clinic.messaging.desk import queries as desk_queries
from clinic.messaging.desk import service as desk_service
from clinic.messaging.desk.queries import NOT_ARRIVED, Line, Story
from clinic.messaging.inbox import queries as inbox
from clinic.messaging.queueing import queries as messaging
from clinic.patients.people import queries as patient_queries

PAGE = 25


bp = Blueprint("messaging", __name__, url_prefix="/messages")


@bp.get("/")
@access(*READ_MESSAGES)
def index() -> Response:
    zone = pages.zone_here()
    asked = pages.asked_for(zone)
    paging = Paging(PAGE, request.args.get("cursor"))
    found = desk_queries.messages(current_user.actor, asked.filter, paging)
    return htmx.render(
        "messaging/desk/index.html",
        partial="messaging/desk/_rows.html",
        lines=found.items,
        words=words,
        zone=zone,
        people=pages.people_of(found.items),
        filters=words.filters(asked.filter, asked.since, asked.until),
        more_url=_older(found.next_cursor),
        again_url=_again(found.items),
        file_url=url_for("many.export", **pages.kept()) if found.items else None,
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
    return url_for("messaging.index", **pages.kept(), cursor=cursor) if cursor else None


def _again(lines: list[Line]) -> str | None:
    """Where what did not arrive is sent again, of the same filters."""
    if not any(line.status in NOT_ARRIVED for line in lines):
        return None
    return url_for("many.ask", **pages.kept())


@bp.get("/<uuid:message_id>")
@access(*READ_MESSAGES)
def show(message_id: UUID) -> Response:
    zone = pages.zone_here()
    story = desk_queries.story(current_user.actor, message_id)
    return htmx.render(
        "messaging/desk/show.html",
        partial="messaging/desk/_story.html",
        story=story,
        words=words,
        zone=zone,
        people=pages.people_of([story.line])[message_id],
        ways=_ways(story),
        zone_label=saying.zone(clock.now(), zone),
        topic=f"/live/messages/{current_user.organisation_id}",
    )


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
    may_mail = line.channel != "email" and "email" in messaging.ways(place)
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


@bp.post("/<uuid:message_id>/cancel")
@access(*READ_MESSAGES)
def cancel(message_id: UUID) -> Response:
    """It waits, and shall not go."""
    desk_service.cancel(message_id, current_user.actor)
    return htmx.go(url_for("messaging.show", message_id=message_id))


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
