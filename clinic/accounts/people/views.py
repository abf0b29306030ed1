"""The people of an organisation: their accounts, invitations and roles."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.actor import Actor
from clinic.access.roles import (
    ACT_EVERYWHERE,
    HAVE_PROFILE,
    KEEP_OWN_DOCTORS,
    MANAGE_ACCOUNTS,
    may,
)
from clinic.accounts.errors import AlreadyInUse, WeakPassword
from clinic.accounts.people import newcomers, queries, users, words
from clinic.accounts.people.forms import EditUserForm, NewUserForm, role_choices
from clinic.accounts.people.newcomers import NewUser
from clinic.accounts.people.queries import Filter
from clinic.core.data.paging import Paging
from clinic.core.errors import Conflict, Invalid
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.problems import said
from clinic.core.web.security import access
from clinic.organisations import queries as organisation_queries
from clinic.organisations import words as organisation_words
from clinic.organisations.errors import VisitsDepend

PAGE = 25
_NOT_KEPT = ("csrf_token", "visits")
ASKABLE = ("q", "role", "state", "organisation")
STATES = {"active": True, "inactive": False}

bp = Blueprint("users", __name__, url_prefix="/admin/users")


@bp.get("/")
@access(*MANAGE_ACCOUNTS)
def index() -> Response:
    asked = request.args
    found = queries.accounts(current_user.actor, _filter(), Paging(PAGE, asked.get("after")))
    is_everywhere = current_user.may(ACT_EVERYWHERE)
    return htmx.render(
        "accounts/people/users.html",
        partial="accounts/people/_users.html",
        accounts=found.items,
        more_url=_more(found.next_cursor),
        asked=asked,
        filters=words.filters(
            _filter(), dict(role_choices()), dict(_organisations()) if is_everywhere else {}
        ),
        is_filtered=any(asked.get(name) for name in ASKABLE),
        roles=[*role_choices().items()],
        organisation_choices=_organisations() if is_everywhere else [],
        is_everywhere=is_everywhere,
    )


def _organisations() -> list[tuple[str, str]]:
    found = [(str(place.id), place.name) for place in organisation_queries.active()]
    return [("", words.ANY_ORGANISATION), *found]


def _filter() -> Filter:
    return Filter(
        q=request.args.get("q", "")[:120].strip(),
        role=request.args.get("role", "")[:12],
        is_active=STATES.get(request.args.get("state", "")),
        organisation_id=request.args.get("organisation", type=UUID),
    )


def _more(cursor: str | None) -> str | None:
    kept: dict[str, Any] = {name: request.args[name] for name in ASKABLE if request.args.get(name)}
    return url_for("users.index", **kept, after=cursor) if cursor else None


@bp.route("/new", methods=["GET", "POST"])
@access(*MANAGE_ACCOUNTS)
def new() -> Response:
    form = NewUserForm(role=request.args.get("role", ""))
    if request.method == "GET":
        return _new_page(form)
    if not form.validate():
        return _new_page(form, 422)
    try:
        user_id = newcomers.create_managed(_new_user(form), current_user.actor)
    except (Invalid, AlreadyInUse, WeakPassword) as error:
        return _new_page(form, 422, blame(form, error))
    invited = words.invited(form.email.data)
    flash(str(words.ACCOUNT_READY) if form.password.data else invited, "ok")
    if _keeps_profile(form.role.data):
        return htmx.go(
            url_for("doctor_profile.edit", doctor_id=user_id)
        )  # no need to wait for them
    return htmx.go(url_for("users.show", user_id=user_id))


def _keeps_profile(role: str) -> bool:
    """Is it somebody whose profile and hours the person who asks may keep?"""
    return may(role, HAVE_PROFILE) and current_user.may(KEEP_OWN_DOCTORS)


def _new_user(form: NewUserForm) -> NewUser:
    return NewUser(
        role=form.role.data,
        full_name=form.full_name.data,
        email=form.email.data,
        phone=form.phone.data,
        password=form.password.data,
        organisation_id=form.place,
        doctor=form.doctor,
    )


def _new_page(form: NewUserForm, status: int = 200, problem: str | None = None) -> Response:
    return htmx.render(
        "accounts/people/user_new.html",
        partial="accounts/people/_user_new.html",
        status=status,
        form=form,
        problem=problem,
    )


@bp.route("/<uuid:user_id>", methods=["GET", "POST"])
@access(*MANAGE_ACCOUNTS)
def show(user_id: UUID) -> Response:
    form = EditUserForm(queries.account(current_user.actor, user_id))
    if request.method == "GET":
        return _page(user_id, form)
    if not form.validate():
        return _page(user_id, form, 422)
    try:
        users.update(user_id, form.values, current_user.actor, request.form.get("visits"))
    except VisitsDepend as error:
        return _page(user_id, form, 409, ask=error)
    except (Invalid, AlreadyInUse) as error:
        return _page(user_id, form, 422, blame(form, error))
    except Conflict as error:
        return _page(user_id, form, 409, said(error))
    return _done(user_id, words.SAVED)


@bp.post("/<uuid:user_id>/deactivate")
@access(*MANAGE_ACCOUNTS)
def deactivate(user_id: UUID) -> Response:
    """Where visits are booked with them, it asks first what becomes of those."""
    chosen = request.form.get("visits")
    return _act(
        user_id,
        lambda whom, actor: users.deactivate(whom, actor, chosen),
        words.DEACTIVATED,
    )


@bp.post("/<uuid:user_id>/reactivate")
@access(*MANAGE_ACCOUNTS)
def reactivate(user_id: UUID) -> Response:
    return _act(user_id, users.reactivate, words.REACTIVATED)


@bp.post("/<uuid:user_id>/invite")
@access(*MANAGE_ACCOUNTS)
def invite(user_id: UUID) -> Response:
    return _act(user_id, users.resend_invitation, words.INVITED_AGAIN)


@bp.post("/<uuid:user_id>/end-sessions")
@access(*MANAGE_ACCOUNTS)
def end_sessions(user_id: UUID) -> Response:
    return _act(user_id, users.end_sessions, words.LOGGED_OUT)


def _act(user_id: UUID, command: Callable[[UUID, Actor], None], news: str) -> Response:
    try:
        command(user_id, current_user.actor)
    except VisitsDepend as error:
        return _page(user_id, None, 409, ask=error)
    except Conflict as error:
        return _page(user_id, None, 409, said(error))
    return _done(user_id, news)


def _done(user_id: UUID, news: str) -> Response:
    if not htmx.is_partial():
        flash(str(news), "ok")
    return htmx.done(
        url_for("users.show", user_id=user_id),
        partial="accounts/people/_user.html",
        toast=news,
        **_shown(user_id, None),
    )


def _page(
    user_id: UUID,
    form: EditUserForm | None,
    status: int = 200,
    problem: str | None = None,
    ask: VisitsDepend | None = None,
) -> Response:
    name = "accounts/people/_user.html" if htmx.is_partial() else "accounts/people/user.html"
    shown = _shown(user_id, form)
    if ask is not None:
        kept = {key: value for key, value in request.form.items() if key not in _NOT_KEPT}
        shown |= {
            "ask": organisation_words.ask(ask, shown["account"].full_name, kept=kept),
            "ask_url": request.path,
        }
    response = make_response(render_template(name, **shown, problem=problem), status)
    response.vary.add("HX-Request")
    return response


def _shown(user_id: UUID, form: EditUserForm | None) -> dict[str, Any]:
    account = queries.account(current_user.actor, user_id)
    return {
        "account": account,
        "role": role_choices()[account.role],
        "form": form or EditUserForm(account, None),
        "is_own": user_id == current_user.id,
        "has_profile": _keeps_profile(account.role),
        "is_doctor": may(account.role, HAVE_PROFILE),
    }
