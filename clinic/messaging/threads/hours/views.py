"""When somebody is at the desk, and the answer while nobody is."""

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import KEEP_DESK_HOURS
from clinic.core import clock
from clinic.core.errors import Invalid
from clinic.core.web import htmx
from clinic.core.web.problems import said_of
from clinic.core.web.security import access
from clinic.messaging.conversations import hours
from clinic.messaging.conversations.nights import Night
from clinic.messaging.inbound import words as inbound_words
from clinic.messaging.threads.hours import service, words
from clinic.messaging.threads.hours.service import Day, Times
from clinic.organisations import queries as organisations

bp = Blueprint("desk_hours", __name__, url_prefix="/inbox/hours")


@bp.get("/")
@access(*KEEP_DESK_HOURS)
def index() -> Response:
    return _page(service.times(current_user.actor))


@bp.post("/")
@access(*KEEP_DESK_HOURS)
def save() -> Response:
    entered = _entered()
    try:
        service.save(entered, current_user.actor)
    except Invalid as error:
        return _page(entered, error)
    flash(str(words.SAVED), "ok")
    return htmx.go(url_for("desk_hours.index"))


def _entered() -> Times:
    week = [
        Day(*(request.form.get(f"{side}-{number}", "").strip()[:8] for side in ("opens", "closes")))
        for number in range(7)
    ]
    return Times("is_on" in request.form, request.form.get("words", ""), week)


def _page(times: Times, error: Invalid | None = None) -> Response:
    return htmx.render(
        "messaging/threads/hours.html",
        partial="messaging/threads/_hours.html",
        status=422 if error else 200,
        times=times,
        weekdays=words.weekdays(),
        longest=service.WORDS.most,
        errors={one.field: said_of(one) for one in error.errors} if error else {},
        sample=None if error else _sample(times),
    )


def _sample(times: Times) -> str:
    """What somebody reads who texts at night."""
    place = organisations.details(current_user.organisation_id, current_user.actor)
    zone = clock.zone(place.timezone)
    week = [service.span(number, day) for number, day in enumerate(times.week)]
    opens = hours.opens_at(week, clock.now(), zone)
    return inbound_words.closed(place.id, Night(opens, zone, place.emergency_number, times.words))
