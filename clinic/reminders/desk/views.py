"""The reminders of an organisation at `/reminders/`, a patient's own at `/me/reminders`."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import HAVE_RECORD, REMIND_MANY
from clinic.core import clock
from clinic.core.data.paging import Paging
from clinic.core.errors import Conflict, Invalid
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import access
from clinic.reminders import queries
from clinic.reminders.desk import words
from clinic.reminders.desk.pages import (
    around,
    as_entered,
    blame,
    form_for,
    form_page,
    found_by,
    names,
    preview_of,
    reach_of,
    show_page,
    to,
    unmoved,
    zone,
)
from clinic.reminders.keeping import make, steps
from clinic.reminders.keeping.make import Wanted
from clinic.reminders.own import plain
from clinic.reminders.queries import Listed

PAGE = 25
TO_COME = frozenset({"planned", "paused", "queued", "sending"})
PAST = frozenset({"sent", "delivered", "failed", "uncertain", "skipped", "cancelled"})

bp = Blueprint("reminders", __name__, url_prefix="/reminders")
own = Blueprint("my_reminders", __name__, url_prefix="/me/reminders")


def _page(rule: str, *methods: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The same page for the desk and for a patient: each sees what is theirs."""

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        options: dict[str, Any] = {"methods": methods or ("GET",), "strict_slashes": False}
        name = view.__name__
        bp.add_url_rule(rule, name, access(*REMIND_MANY)(view), **options)
        own.add_url_rule(rule, name, access(*HAVE_RECORD)(view), **options)
        return view

    return declare


@_page("/")
def index() -> Response:
    is_past = request.args.get("when") == "past"
    kind = request.args.get("kind", "")
    wanted = queries.Wanted(
        statuses=PAST if is_past else TO_COME,
        types=frozenset({kind} & words.TYPES.keys()),
        is_own=request.args.get("visits") != "1" and not current_user.is_patient,
    )
    paging = Paging(PAGE, request.args.get("cursor"))
    found = queries.page(current_user.actor, wanted, paging, newest_first=is_past)
    kept = {name: request.args[name] for name in ("when", "kind", "visits") if name in request.args}
    return htmx.render(
        "reminders/desk/index.html",
        partial="reminders/desk/_rows.html",
        lines=found.items,
        asked=request.args,
        is_past=is_past,
        more_url=to("index", **kept, cursor=found.next_cursor) if found.next_cursor else None,
        **names(found.items),
        **around(),
    )


@_page("/new")
def new() -> Response:
    """`?patient=` is whom it is for."""
    chosen = request.args.get("patient", type=UUID)
    return form_page(form_for(None, None, **_fresh(chosen)), None)


def _fresh(patient_id: UUID | None) -> dict[str, Any]:
    """An hour from now is as good as any time to begin with."""
    start = clock.now().astimezone(zone())
    values = {"day": f"{start:%Y-%m-%d}", "type": "notification", "again": plain.ONCE}
    patient = str(patient_id) if patient_id else None
    return values | {"to": "one", "patient": patient, "method": ""}


@_page("/new", "POST")
def save() -> Response:
    return _save(None)


@_page("/<uuid:reminder_id>/edit")
def edit(reminder_id: UUID) -> Response:
    kept = queries.one(current_user.actor, reminder_id)
    return form_page(form_for(kept, None, **as_entered(kept)), kept)


@_page("/<uuid:reminder_id>/edit", "POST")
def update(reminder_id: UUID) -> Response:
    return _save(queries.one(current_user.actor, reminder_id))


def _save(kept: Listed | None) -> Response:
    form = form_for(kept, request.form)
    step = request.form.get("step")
    if step == "find":
        return form_page(form, kept, found=found_by(form))
    if not form.validate():
        return form_page(form, kept, 422)
    values = unmoved(kept, form.values(clock.zone(kept.timezone) if kept else zone()))
    if step == "preview":
        return form_page(form, kept, preview=preview_of(values), reach=reach_of(values))
    try:
        reminder_id = _keep(kept, values)
    except (Invalid, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return form_page(form, kept, status, blame(form, error))
    flash(str(words.SAVED), "ok")
    return htmx.go(to("show", reminder_id=reminder_id))


def _keep(kept: Listed | None, values: dict[str, Any]) -> UUID:
    if kept is None:
        return make.make(Wanted(**values), current_user.actor)
    make.change(kept.id, values, current_user.actor)
    return kept.id


@_page("/<uuid:reminder_id>")
def show(reminder_id: UUID) -> Response:
    return show_page(reminder_id)


@_page("/<uuid:reminder_id>/pause", "POST")
def pause(reminder_id: UUID) -> Response:
    return _act(reminder_id, steps.pause, words.PAUSED)


@_page("/<uuid:reminder_id>/resume", "POST")
def resume(reminder_id: UUID) -> Response:
    return _act(reminder_id, steps.resume, words.RESUMED)


@_page("/<uuid:reminder_id>/cancel", "POST")
def cancel(reminder_id: UUID) -> Response:
    return _act(reminder_id, steps.cancel, words.CANCELLED)


@_page("/<uuid:reminder_id>/send-now", "POST")
def send_now(reminder_id: UUID) -> Response:
    return _act(reminder_id, steps.send_now, words.SENT)


def _act(reminder_id: UUID, command: Callable[[UUID, Any], None], news: Any) -> Response:
    try:
        command(reminder_id, current_user.actor)
    except (Conflict, Invalid) as error:
        return show_page(reminder_id, 409, said(error))
    flash(str(news), "ok")
    return htmx.go(to("show", reminder_id=reminder_id))
