"""Saved replies: the list, new ones, other words, and those that are no longer needed."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import READ_MESSAGES
from clinic.core.errors import Conflict, Invalid
from clinic.core.web import htmx
from clinic.core.web.problems import said, said_of
from clinic.core.web.security import access
from clinic.messaging.threads.saved import service, words

PAGE, PART = "messaging/threads/replies.html", "messaging/threads/_replies.html"

bp = Blueprint("saved_replies", __name__, url_prefix="/inbox/replies")


@bp.get("/")
@access(*READ_MESSAGES)
def index() -> Response:
    return _page(None)


@bp.get("/<uuid:reply_id>")
@access(*READ_MESSAGES)
def show(reply_id: UUID) -> Response:
    found = service.one(current_user.actor, reply_id)
    return _page(reply_id, found.title, found.body)


def _page(
    reply_id: UUID | None,
    title: str = "",
    body: str = "",
    error: Invalid | Conflict | None = None,
) -> Response:
    return htmx.render(
        PAGE,
        partial=PART,
        status=error.status if error else 200,
        replies=service.replies(current_user.actor),
        reply_id=reply_id,
        title=title,
        body=body,
        problem=said(error) if isinstance(error, Conflict) else None,
        errors={one.field: said_of(one) for one in error.errors} if error else {},
    )


@bp.post("/")
@access(*READ_MESSAGES)
def add() -> Response:
    return _save(None)


@bp.post("/<uuid:reply_id>")
@access(*READ_MESSAGES)
def save(reply_id: UUID) -> Response:
    return _save(reply_id)


def _save(reply_id: UUID | None) -> Response:
    title, body = request.form.get("title", ""), request.form.get("body", "")
    body = body.replace("\r\n", "\n")
    try:
        service.save(title, body, current_user.actor, reply_id)
    except (Invalid, Conflict) as error:
        return _page(reply_id, title, body, error)
    flash(str(words.SAVED), "ok")
    return htmx.go(url_for("saved_replies.index"))


@bp.post("/<uuid:reply_id>/delete")
@access(*READ_MESSAGES)
def delete(reply_id: UUID) -> Response:
    service.delete(reply_id, current_user.actor)
    flash(str(words.DELETED), "ok")
    return htmx.go(url_for("saved_replies.index"))
