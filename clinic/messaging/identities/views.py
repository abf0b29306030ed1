"""The page of an organisation's senders."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import KEEP_SENDERS
from clinic.core.data.paging import MOST, Paging
from clinic.core.errors import ClinicError
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.messaging.identities import queries, service, words
from clinic.messaging.identities.forms import CodeForm, SenderForm

bp = Blueprint("senders", __name__, url_prefix="/admin/senders")


@bp.get("/")
@access(*KEEP_SENDERS)
def index() -> Response:
    return _page()


@bp.post("/")
@access(*KEEP_SENDERS)
def create() -> Response:
    form = SenderForm()
    if not form.validate():
        return _page(422, form=form)
    try:
        service.create(form.given(), current_user.actor)
    except ClinicError as error:
        return _page(422, form=form, problem=form.blame(error))
    return _done(words.ADDED)


@bp.post("/<uuid:sender_id>/verify")
@access(*KEEP_SENDERS)
def verify(sender_id: UUID) -> Response:
    """Ask for a code or the provider's word; or enter the code."""
    queries.sender(sender_id, current_user.actor)
    form = CodeForm()
    try:
        service.verify(sender_id, (form.code.data or "").strip() or None, current_user.actor)
    except ClinicError as error:
        if error.status == 404:
            raise
        status = 409 if error.status == 409 else 422
        return _page(status, at=sender_id, said=form.blame(error) or form.code.errors[0])
    done = queries.sender(sender_id, current_user.actor).verified
    return _done(words.VERIFIED if done else words.CODE_SENT)


@bp.post("/<uuid:sender_id>/default")
@access(*KEEP_SENDERS)
def make_default(sender_id: UUID) -> Response:
    try:
        service.make_default(sender_id, current_user.actor)
    except ClinicError as error:
        if error.status == 404:
            raise
        return _page(409, at=sender_id, said=CodeForm().blame(error))
    return _done(words.in_use(queries.sender(sender_id, current_user.actor)))


@bp.post("/<uuid:sender_id>/remove")
@access(*KEEP_SENDERS)
def remove(sender_id: UUID) -> Response:
    service.remove(sender_id, current_user.actor)
    return _done(words.REMOVED)


def _done(news: Any) -> Response:
    flash(str(news), "ok")
    return htmx.go(url_for("senders.index"))


def _page(status: int = 200, **more: Any) -> Response:
    """`more`: the form that was refused and its problem; or `at` which sender what was `said`."""
    shown = {
        "senders": queries.senders(current_user.actor, Paging(MOST, None)).items,
        "words": words,
        "form": SenderForm(formdata=None),
        "problem": None,
        "at": None,
        "said": None,
        **more,
    }
    return make_response(render_template("messaging/identities/senders.html", **shown), status)
