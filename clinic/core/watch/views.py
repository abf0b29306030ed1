"""Probes and figures for operators (alive? ready?), and the streams of doorbells."""

from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask_login import current_user

from clinic.core import clock, running
from clinic.core.data.db import db
from clinic.core.fingerprints import same
from clinic.core.watch import metrics
from clinic.core.web import live, nearby
from clinic.core.web.live.hub import Holder
from clinic.core.web.security import public, signed_in
from clinic.core.work import heartbeat, redis_client

bp = Blueprint("core", __name__)


@bp.get("/health")
@public
def health() -> Response:
    return jsonify(status="ok", version=current_app.config["VERSION"], time=clock.now().isoformat())


@bp.get("/ready")
@public
def ready() -> tuple[Response, int]:
    _only_for_operators()
    checks = {"database": _database_answers(), "redis": redis_client.answers()}
    checks |= _processes()
    fine = all(checks.values())
    figures: dict[str, float] = {}  # for operators; they do not decide the answer
    for read in running.registered("figures") if checks["database"] else ():
        figures |= read()
    body = {"status": "ok" if fine else "not ready", "checks": checks, "figures": figures}
    return jsonify(body), 200 if fine else 503


@bp.get("/metrics")
@public
def show_metrics() -> Response:
    _only_for_operators()
    body, content_type = metrics.scrape()
    return Response(body, content_type=content_type)


@bp.get("/live/<kind>/<uuid:key>")
@signed_in
def stream(kind: str, key: UUID) -> Response:
    actor, person = current_user.actor, current_user.copy()
    if not live.may_watch(actor, kind, str(key)):
        abort(404)
    return live.stream(
        kind,
        str(key),
        lambda: person.is_still_signed_in() and live.may_watch(actor, kind, str(key)),
        Holder(person.session_id, actor.organisation_id),
        live.counts_beside(actor, kind),
    )


def _database_answers() -> bool:
    try:
        db.session.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def _processes() -> dict[str, bool]:
    """Whether somebody works, and a scheduler turns; nothing where neither is expected."""
    try:
        workers = heartbeat.signs()[heartbeat.WORKER]
        if not heartbeat.are_expected(workers):
            return {}
        return {
            "workers": heartbeat.somebody_works(workers),
            "scheduler": heartbeat.scheduler_lives(workers),
        }
    except sa.exc.SQLAlchemyError:
        return {"workers": False, "scheduler": False}


def _only_for_operators() -> None:
    """In production: the machine itself, or whoever knows METRICS_TOKEN. Elsewhere everybody."""
    settings = current_app.config["SETTINGS"]
    if not settings.production or nearby.is_peer_local():
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if (
        scheme.lower() == "bearer"
        and settings.metrics_token
        and same(token, settings.metrics_token)
    ):
        return
    abort(404)
