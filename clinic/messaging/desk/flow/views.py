"""How messages get through: what was written, sent and delivered, and what moves it now."""

from datetime import timedelta

from flask import Blueprint, Response, request
from flask_login import current_user

from clinic.access.roles import READ_MESSAGES
from clinic.core import clock, saying
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.messaging.desk import pages, statistics
from clinic.messaging.desk.flow import engine, words

bp = Blueprint("flow", __name__, url_prefix="/messages")

PERIODS = (7, 30, 90)  # days
USUAL = 30


@bp.get("/delivery")
@access(*READ_MESSAGES)
def show() -> Response:
    zone, many = pages.zone_here(), _days()
    last = clock.today(zone)
    first = last - timedelta(days=many - 1)
    found = statistics.of_days(current_user.actor, zone, first, last)
    return htmx.render(
        "messaging/desk/flow.html",
        partial="messaging/desk/_flow.html",
        found=found,
        days=[one for one in reversed(found.days) if one.counts.funnel.queued],
        engine=engine.engine(current_user.actor),
        words=words,
        year=last.year,
        zone=zone,
        many=many,
        periods=PERIODS,
        zone_label=saying.zone(clock.now(), zone),
        topic=f"/live/messages/{current_user.organisation_id}",
    )


def _days() -> int:
    given = request.args.get("days", "")
    return int(given) if given in map(str, PERIODS) else USUAL
