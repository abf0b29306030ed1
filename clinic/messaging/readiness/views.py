"""The page that tells whether messages can go and come."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from clinic.access.roles import SEE_SYSTEM
from clinic.core import clock
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.messaging.readiness import queries, service, words
from clinic.organisations import queries as organisations

bp = Blueprint("readiness", __name__, url_prefix="/admin/messaging")


@bp.get("/")
@access(*SEE_SYSTEM)
def index() -> Response:
    return _page()


@bp.post("/check")
@access(*SEE_SYSTEM)
def check() -> ResponseReturnValue:
    service.ask(current_user.actor)
    flash(str(words.ASKED), "ok")
    return htmx.go(url_for("readiness.index"))


def _page(status: int = 200) -> Response:
    whose = current_user.organisation_id
    return htmx.render(
        "messaging/readiness/index.html",
        partial="messaging/readiness/_proof.html",
        status=status,
        proof=queries.proof(whose),
        ways=queries.ways(whose),
        words=words,
        zone=_zone(),
    )


def _zone() -> ZoneInfo:
    """Of the clinic; superadmins have none."""
    own = current_user.organisation_id
    return clock.zone(organisations.timezone_of(own) if own else "UTC")
