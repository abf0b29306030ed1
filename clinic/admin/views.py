"""The page of the system's health."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from clinic.access.roles import SEE_SYSTEM
from clinic.admin import queries, words
from clinic.core import clock
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.events import queries as events
from clinic.organisations import queries as organisations

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("/")
@access(*SEE_SYSTEM)
def index() -> ResponseReturnValue:
    """What there is of it: the health of the system."""
    return redirect(url_for("admin.health"), 303)


@bp.get("/health")
@access(*SEE_SYSTEM)
def health() -> Response:
    return htmx.render(
        "admin/health.html",
        partial="admin/_health.html",
        lights=queries.health(current_user.actor),
        set_aside=events.set_aside(),
        words=words,
        zone=_zone(),
    )


def _zone() -> ZoneInfo:
    """Of the clinic; superadmins have none."""
    own = current_user.organisation_id
    return clock.zone(organisations.timezone_of(own) if own else "UTC")
