"""Pages of webhooks, for who runs an organisation."""

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import ACT_EVERYWHERE, KEEP_WEBHOOKS
from clinic.core import clock, saying
from clinic.core.data import idempotency
from clinic.core.data.paging import Paging
from clinic.core.errors import Conflict, Invalid
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.problems import said
from clinic.core.web.security import access
from clinic.hooks import queries, service, words
from clinic.hooks.forms import NewWebhookForm, WebhookForm
from clinic.organisations import queries as organisations

PAGE = 25

bp = Blueprint("hooks", __name__, url_prefix="/admin/webhooks")


@bp.get("/")
@access(*KEEP_WEBHOOKS)
def index() -> str:
    cursor = request.args.get("cursor")
    found = queries.webhooks(current_user.actor, Paging(PAGE, cursor))
    is_everywhere = current_user.may(ACT_EVERYWHERE)
    return render_template(
        "hooks/index.html",
        webhooks=found.items,
        words=words,
        names={
            one.organisation_id: organisations.name_of(one.organisation_id) for one in found.items
        }
        if is_everywhere
        else {},
        more_url=url_for("hooks.index", cursor=found.next_cursor) if found.next_cursor else None,
    )


@bp.route("/new", methods=["GET", "POST"])
@access(*KEEP_WEBHOOKS)
def new() -> Response:
    """Sent twice it opens one, and shows its secret again."""
    form = NewWebhookForm()
    if request.method == "GET":
        return _new_page(form)
    if not form.validate():
        return _new_page(form, 422)
    try:
        webhook_id = _opened(form)
    except (Invalid, Conflict) as error:
        return _new_page(form, 422, blame(form, error))
    return _secret(webhook_id)


def _opened(form: NewWebhookForm) -> UUID:
    place = UUID(form.organisation_id.data) if form.organisation_id else None
    values = form.values
    body = {"url": values["url"], "types": " ".join(sorted(values["types"])), "place": str(place)}
    mine = idempotency.key_of(current_user.id, "hooks.new", form.idempotency_key.data, body)
    actor = current_user.actor
    made = idempotency.once(
        mine, lambda: str(service.create(**values, organisation_id=place, actor=actor))
    )
    return UUID(made)


def _new_page(form: NewWebhookForm, status: int = 200, problem: str | None = None) -> Response:
    page = render_template(
        "hooks/new.html",
        form=form,
        problem=problem,
        choices=words.choices(),
        idempotency_key=form.idempotency_key.data or uuid4().hex,
    )
    return make_response(page, status)


def _secret(webhook_id: UUID) -> Response:
    webhook = queries.webhook(webhook_id, current_user.actor)
    secret = service.secret_of(webhook_id, current_user.actor)
    return make_response(render_template("hooks/secret.html", webhook=webhook, secret=secret))


@bp.get("/<uuid:webhook_id>")
@access(*KEEP_WEBHOOKS)
def show(webhook_id: UUID) -> Response:
    return _page(webhook_id)


@bp.post("/<uuid:webhook_id>")
@access(*KEEP_WEBHOOKS)
def save(webhook_id: UUID) -> Response:
    queries.webhook(webhook_id, current_user.actor)
    form = WebhookForm()
    if not form.validate():
        return _page(webhook_id, 422, form)
    try:
        service.update(webhook_id, form.values, current_user.actor)
    except Invalid as error:
        return _page(webhook_id, 422, form, blame(form, error))
    return _done(webhook_id, words.SAVED)


@bp.post("/<uuid:webhook_id>/pause")
@access(*KEEP_WEBHOOKS)
def pause(webhook_id: UUID) -> Response:
    service.update(webhook_id, {"is_active": False}, current_user.actor)
    return _done(webhook_id, words.PAUSED)


@bp.post("/<uuid:webhook_id>/resume")
@access(*KEEP_WEBHOOKS)
def resume(webhook_id: UUID) -> Response:
    service.update(webhook_id, {"is_active": True}, current_user.actor)
    return _done(webhook_id, words.RESUMED)


@bp.post("/<uuid:webhook_id>/test")
@access(*KEEP_WEBHOOKS)
def send_test(webhook_id: UUID) -> Response:
    try:
        service.send_test(webhook_id, current_user.actor)
    except Conflict as error:
        return _page(webhook_id, 409, refused=said(error))
    return _done(webhook_id, words.SENT)


@bp.post("/<uuid:webhook_id>/secret")
@access(*KEEP_WEBHOOKS)
def rotate_secret(webhook_id: UUID) -> Response:
    service.rotate_secret(webhook_id, current_user.actor)
    return _secret(webhook_id)


@bp.post("/<uuid:webhook_id>/delete")
@access(*KEEP_WEBHOOKS)
def delete(webhook_id: UUID) -> Response:
    service.delete(webhook_id, current_user.actor)
    flash(str(words.DELETED), "ok")
    return htmx.go(url_for("hooks.index"))


@bp.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redeliver")
@access(*KEEP_WEBHOOKS)
def redeliver(webhook_id: UUID, delivery_id: UUID) -> Response:
    try:
        service.redeliver(webhook_id, delivery_id, current_user.actor)
    except Conflict as error:
        return _page(webhook_id, 409, refused=said(error))
    return _done(webhook_id, words.SENT)


def _done(webhook_id: UUID, news: Any) -> Response:
    flash(str(news), "ok")
    return htmx.go(url_for("hooks.show", webhook_id=webhook_id))


def _page(
    webhook_id: UUID,
    status: int = 200,
    form: WebhookForm | None = None,
    problem: str | None = None,
    refused: str | None = None,
) -> Response:
    """`refused` says why an act was not done; `problem` what no field of the form can say."""
    actor, cursor = current_user.actor, request.args.get("cursor")
    webhook = queries.webhook(webhook_id, actor)
    log = queries.log(webhook_id, actor, Paging(PAGE, cursor))
    zone = clock.zone(organisations.timezone_of(webhook.organisation_id))
    older = url_for("hooks.show", webhook_id=webhook_id, cursor=log.next_cursor)
    page = render_template(
        "hooks/show.html",
        webhook=webhook,
        form=form or WebhookForm(None, obj=webhook),
        is_refused=form is not None,
        problem=problem,
        refused=refused,
        choices=words.choices(),
        log=log.items,
        words=words,
        moment=lambda at: saying.moment(at, zone, seconds=True),
        zone_label=saying.zone(clock.now(), zone),
        more_url=older if log.next_cursor else None,
    )
    return make_response(page, status)
