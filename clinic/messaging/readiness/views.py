"""The page that tells whether messages can go and come."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from clinic.access.roles import SEE_SYSTEM
from clinic.core import clock
from clinic.core.errors import Invalid, Unavailable
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import access
from clinic.messaging.errors import ChangedMeanwhile
from clinic.messaging.readiness import queries, service, trial, words
from clinic.messaging.readiness.forms import TestForm
from clinic.messaging.senders import chosen
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


@bp.get("/webhooks/<kind>/<sid>")
@access(*SEE_SYSTEM)
def webhook(kind: str, sid: str) -> Response:
    """Where what people write goes, and where it would go."""
    return _webhook(kind, sid)


@bp.post("/webhooks/<kind>/<sid>")
@access(*SEE_SYSTEM)
def point_here(kind: str, sid: str) -> ResponseReturnValue:
    try:
        service.point_here(kind, sid, current_user.actor)
    except (ChangedMeanwhile, Unavailable) as error:
        return _webhook(kind, sid, error.status, said(error))
    flash(str(words.POINTED), "ok")
    return htmx.go(url_for("readiness.index"))


def _webhook(kind: str, sid: str, status: int = 200, problem: str | None = None) -> Response:
    offer = queries.offer(current_user.organisation_id, kind, sid)
    page = render_template("messaging/readiness/webhook.html", offer=offer, problem=problem)
    return make_response(page, status)


@bp.get("/test")
@access(*SEE_SYSTEM)
def test() -> Response:
    """What became of the last test message."""
    return _page(partial="messaging/readiness/_trial.html")


@bp.post("/test")
@access(*SEE_SYSTEM)
def send_test() -> ResponseReturnValue:
    form = _test_form()
    if not form.validate():
        return _page(422, form=form)
    try:
        trial.send(form.channel.data or "", form.address.data or "", current_user.actor)
    except (Invalid, Unavailable) as error:
        return _page(422, form=form, problem=form.blame(error))
    flash(str(words.TEST_SENT), "ok")
    return htmx.go(url_for("readiness.index"))


def _page(
    status: int = 200,
    partial: str = "messaging/readiness/_proof.html",
    form: TestForm | None = None,
    problem: str | None = None,
) -> Response:
    whose = current_user.organisation_id
    return htmx.render(
        "messaging/readiness/index.html",
        partial=partial,
        status=status,
        proof=queries.proof(whose),
        ways=queries.ways(whose),
        trial=trial.last(whose),
        form=form or _test_form(formdata=None),
        problem=problem,
        words=words,
        zone=_zone(),
    )


def _test_form(**kwargs: Any) -> TestForm:
    return TestForm(chosen.ways(current_user.organisation_id, trial.AUDIENCE), **kwargs)


def _zone() -> ZoneInfo:
    """Of the clinic; superadmins have none."""
    own = current_user.organisation_id
    return clock.zone(organisations.timezone_of(own) if own else "UTC")
