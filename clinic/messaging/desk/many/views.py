"""Many messages at once: what did not arrive is sent again, and the list is taken along."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask_login import current_user

from clinic.access.roles import READ_MESSAGES
from clinic.core import clock, sheets
from clinic.core.data.paging import Paging
from clinic.core.web.security import access
from clinic.messaging.desk import pages
from clinic.messaging.desk import queries as desk_queries
from clinic.messaging.desk import words as desk_words
from clinic.messaging.desk.many import export as exporting
from clinic.messaging.desk.many import service, words
from clinic.messaging.desk.narrowing import Filter
from clinic.messaging.desk.queries import NOT_ARRIVED, Line

bp = Blueprint("many", __name__, url_prefix="/messages")


@bp.get("/resend")
@access(*READ_MESSAGES)
def ask() -> str:
    """Which of them: those that may have arrived are not chosen."""
    zone = pages.zone_here()
    asked = pages.asked_for(zone)
    paging = Paging(service.MOST)
    found = desk_queries.messages(current_user.actor, _not_arrived(asked.filter), paging)
    return render_template(
        "messaging/desk/again.html",
        lines=[line for line in found.items if line.can_resend],
        is_all=found.next_cursor is None,
        people=pages.people_of(found.items),
        filters=desk_words.filters(asked.filter, asked.since, asked.until),
        kept=pages.kept(),
        words=desk_words,
        zone=zone,
        turn=uuid4().hex,
    )


def _not_arrived(asked: Filter) -> Filter:
    """Unless one status is named, what did not arrive."""
    return replace(asked, direction="out", statuses=asked.statuses or sorted(NOT_ARRIVED))


@bp.post("/resend")
@access(*READ_MESSAGES)
def resend() -> str:
    """Pressed twice it is one turn: nothing goes out a second time."""
    turn = request.form.get("turn", "")[: service.LONGEST_TURN] or uuid4().hex
    done = service.resend(_chosen(request.form.getlist("message")), current_user.actor, turn)
    return render_template(
        "messaging/desk/sent_again.html", said=words.sent(done), refused=words.refused(done)
    )


def _chosen(given: Sequence[str]) -> list[UUID]:
    found = []
    for one in given[: service.MOST]:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found


@bp.get("/export.csv")
@access(*READ_MESSAGES)
def export() -> Response:
    """What the list was narrowed to, all of it."""
    zone = pages.zone_here()
    asked = pages.asked_for(zone)
    rows = exporting.rows(
        current_user.actor, asked.filter, zone, _names, _title, desk_words.reason_alone
    )
    lines = sheets.lines(words.columns(), rows)
    answer = Response(stream_with_context(lines), mimetype=sheets.TYPE)
    name = f"messages-{clock.today(zone):%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _names(lines: Sequence[Line]) -> dict[UUID, str]:
    people = pages.people_of(lines)
    return {key: "; ".join(one.name for one in found) for key, found in people.items()}


def _title(template: str | None) -> str:
    return desk_words.title(template or "")
