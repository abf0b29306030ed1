"""The organisation's data and rules for its administrators; all organisations for superadmins."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import OPEN_ORGANISATIONS, RUN_ORGANISATIONS, RUN_OWN_ORGANISATION
from clinic.core.data.paging import Paging
from clinic.core.errors import ClinicError, Invalid
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.security import access
from clinic.organisations import queries, service, words
from clinic.organisations.errors import NameTaken, VisitsDepend, VisitsToCome
from clinic.organisations.forms import (
    DetailsForm,
    LocationForm,
    NewOrganisationForm,
    RulesForm,
    SecurityForm,
    WaysForm,
    kind_choices,
)
from clinic.organisations.rules import ANYWHERE

PAGE = 25

bp = Blueprint("organisations", __name__, url_prefix="/admin")


@bp.get("/organisations/")
@access(*OPEN_ORGANISATIONS)
def index() -> Response:
    page = queries.organisations(current_user.actor, Paging(PAGE, request.args.get("after")))
    return htmx.render(
        "organisations/index.html",
        partial="organisations/_organisations.html",
        organisations=page.items,
        more_url=url_for("organisations.index", after=page.next_cursor)
        if page.next_cursor
        else None,
        is_first=not request.args.get("after"),
        kinds=kind_choices(),
    )


@bp.route("/organisations/new", methods=["GET", "POST"])
@access(*OPEN_ORGANISATIONS)
def new() -> Response:
    form = NewOrganisationForm(emergency_number=ANYWHERE)
    if request.method == "GET":
        return _new_page(form)
    if not form.validate():
        return _new_page(form, 422)
    try:
        organisation_id = _open(form)
    except (Invalid, NameTaken) as error:
        return _new_page(form, 422, blame(form, error))
    flash(str(words.OPENED), "ok")
    return htmx.go(url_for("organisations.show", organisation_id=organisation_id))


def _open(form: NewOrganisationForm) -> UUID:
    opened = service.open_with_place(form.values, form.address.data or "", current_user.actor)
    return opened.id


def _new_page(form: NewOrganisationForm, status: int = 200, problem: str | None = None) -> Response:
    return htmx.render(
        "organisations/new.html",
        partial="organisations/_new.html",
        status=status,
        form=form,
        problem=problem,
    )


@bp.get("/settings")
@access(*RUN_OWN_ORGANISATION)
def settings() -> Response:
    return _page(current_user.organisation_id)


@bp.get("/organisations/<uuid:organisation_id>")
@access(*OPEN_ORGANISATIONS)
def show(organisation_id: UUID) -> Response:
    return _page(organisation_id)


@bp.post("/organisations/<uuid:organisation_id>/details")
@access(*RUN_ORGANISATIONS)
def save_details(organisation_id: UUID) -> Response:
    form = DetailsForm(kept=queries.details(organisation_id, current_user.actor).phone)
    return _save(
        organisation_id, "details", form,
        lambda: service.update(organisation_id, form.values, current_user.actor),
    )  # fmt: skip


@bp.post("/organisations/<uuid:organisation_id>/rules")
@access(*RUN_ORGANISATIONS)
def save_rules(organisation_id: UUID) -> Response:
    form = RulesForm()
    return _save(
        organisation_id, "rules", form,
        lambda: service.update_settings(organisation_id, form.values, current_user.actor),
    )  # fmt: skip


@bp.post("/organisations/<uuid:organisation_id>/ways")
@access(*RUN_ORGANISATIONS)
def save_ways(organisation_id: UUID) -> Response:
    form = WaysForm()
    return _save(
        organisation_id, "ways", form,
        lambda: service.update_settings(organisation_id, form.values, current_user.actor),
    )  # fmt: skip


@bp.post("/organisations/<uuid:organisation_id>/security")
@access(*RUN_ORGANISATIONS)
def save_security(organisation_id: UUID) -> Response:
    """That everybody needs a code stops people at their next click: asked first, with how many."""
    form = SecurityForm()
    before = queries.rules(organisation_id, current_user.actor)
    if form.two_factor_required.data and not (before.two_factor_required or form.sure.data):
        found = queries.second_factors(organisation_id, current_user.id)
        if found.without:
            return _page(organisation_id, "security", form, 409, ask_all=words.second_factor(found))
    return _save(
        organisation_id, "security", form,
        lambda: service.update_settings(organisation_id, form.values, current_user.actor),
    )  # fmt: skip


@bp.post("/organisations/<uuid:organisation_id>/locations")
@access(*RUN_ORGANISATIONS)
def add_location(organisation_id: UUID) -> Response:
    form = LocationForm()
    return _save(
        organisation_id, "locations", form,
        lambda: service.add_location(
            organisation_id, form.place.data, form.address.data, current_user.actor
        ),
    )  # fmt: skip


@bp.post("/organisations/<uuid:organisation_id>/deactivate")
@access(*OPEN_ORGANISATIONS)
def deactivate(organisation_id: UUID) -> Response:
    """Where visits are booked there, it asks first what becomes of those."""
    try:
        service.deactivate(organisation_id, current_user.actor, request.form.get("visits"))
    except VisitsDepend as error:
        return _page(organisation_id, status=409, ask=error)
    return _switched(organisation_id, words.HIDDEN)


@bp.post("/organisations/<uuid:organisation_id>/reactivate")
@access(*OPEN_ORGANISATIONS)
def reactivate(organisation_id: UUID) -> Response:
    service.reactivate(organisation_id, current_user.actor)
    return _switched(organisation_id, words.FOUND_AGAIN)


def _switched(organisation_id: UUID, news: str) -> Response:
    flash(str(news), "ok")
    return htmx.go(_address(organisation_id))


def _save(organisation_id: UUID, part: str, form: Any, command: Callable[[], Any]) -> Response:
    """Change one part of the page and answer with it."""
    if not form.validate():
        return _page(organisation_id, part, form, 422)
    try:
        command()
    except (Invalid, NameTaken, VisitsToCome) as error:
        status = 409 if isinstance(error, VisitsToCome) else 422
        return _page(organisation_id, part, form, status, _blame(form, error))
    if not htmx.is_partial():
        flash(str(words.SAVED), "ok")
    return htmx.done(
        _address(organisation_id),
        partial=f"organisations/_{part}.html",
        toast=words.SAVED,
        **_shown(organisation_id),
    )


def _blame(form: Any, error: ClinicError) -> str | None:
    return form.blame(error) if isinstance(form, LocationForm) else blame(form, error)


def _page(
    organisation_id: UUID,
    part: str = "details",
    form: Any = None,
    status: int = 200,
    problem: str | None = None,
    ask: VisitsDepend | None = None,
    ask_all: str = "",
) -> Response:
    """The whole page, with `form` instead of what is stored where it came back."""
    shown = _shown(organisation_id)
    if ask is not None:
        shown["ask"] = words.ask(ask, shown["organisation"].name, words.OF_PLACE)
    if form is not None:
        shown |= {f"{part}_form": form, f"{part}_problem": problem, "is_refused": not ask_all}
        shown["ask_all"] = ask_all
    name = f"organisations/_{part}.html" if htmx.is_partial() else "organisations/show.html"
    response = make_response(render_template(name, **shown), status)
    response.vary.add("HX-Request")
    return response


def _shown(organisation_id: UUID) -> dict[str, Any]:
    details = queries.details(organisation_id, current_user.actor)
    rules = queries.rules(organisation_id, current_user.actor)
    return {
        "organisation": details,
        "places": queries.places_of(organisation_id),
        "details_form": DetailsForm(None, obj=details),
        "rules_form": RulesForm(None, obj=rules),
        "ways_form": WaysForm(None, obj=rules),
        "security_form": SecurityForm(None, obj=rules),
        "locations_form": LocationForm(None),
        "is_own": current_user.may(RUN_OWN_ORGANISATION),
    }


def _address(organisation_id: UUID) -> str:
    if current_user.may(RUN_OWN_ORGANISATION):
        return url_for("organisations.settings")
    return url_for("organisations.show", organisation_id=organisation_id)
