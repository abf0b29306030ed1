"""The page of one place: its name and address, and its end."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import RUN_ORGANISATIONS, RUN_OWN_ORGANISATION
from clinic.core.errors import Invalid
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.organisations import words
from clinic.organisations.errors import NameTaken, PlaceInUse
from clinic.organisations.forms import LocationForm
from clinic.organisations.places import queries, service

bp = Blueprint("places", __name__, url_prefix="/admin/organisations/<uuid:organisation_id>")


@bp.get("/locations/<uuid:location_id>")
@access(*RUN_ORGANISATIONS)
def show(organisation_id: UUID, location_id: UUID) -> Response:
    return _page(organisation_id, location_id)


@bp.post("/locations/<uuid:location_id>")
@access(*RUN_ORGANISATIONS)
def save(organisation_id: UUID, location_id: UUID) -> Response:
    queries.place(organisation_id, location_id, current_user.actor)
    form = LocationForm()
    if not form.validate():
        return _page(organisation_id, location_id, 422, form=form)
    changes = {"name": form.place.data or "", "address": form.address.data or ""}
    try:
        service.change(organisation_id, location_id, changes, current_user.actor)
    except (Invalid, NameTaken) as error:
        return _page(organisation_id, location_id, 422, form=form, problem=form.blame(error))
    return _done(organisation_id, str(words.SAVED))


@bp.post("/locations/<uuid:location_id>/close")
@access(*RUN_ORGANISATIONS)
def close(organisation_id: UUID, location_id: UUID) -> Response:
    """The hours there end with it. Where visits are booked, it asks first what becomes of those."""
    place = queries.place(organisation_id, location_id, current_user.actor)
    hours = queries.hours_to_come(location_id)
    chosen = request.form.get("visits")
    try:
        service.close(organisation_id, location_id, current_user.actor, chosen)
    except PlaceInUse as error:
        return _page(organisation_id, location_id, 409, ask=words.ask_of_place(error, place.name))
    news = words.closed(place.name, hours, queries.visits_to_come(location_id))
    return _done(organisation_id, news)


def _done(organisation_id: UUID, news: str) -> Response:
    flash(news, "ok")
    return htmx.go(_of_organisation(organisation_id))


def _of_organisation(organisation_id: UUID) -> str:
    if current_user.may(RUN_OWN_ORGANISATION):
        return url_for("organisations.settings")
    return url_for("organisations.show", organisation_id=organisation_id)


def _page(organisation_id: UUID, location_id: UUID, status: int = 200, **more: Any) -> Response:
    """The whole page; `more`: form and problem of a refused change, ask of a refused end."""
    place = queries.place(organisation_id, location_id, current_user.actor)
    asked = more.get("form")
    shown = {
        "place": place,
        "hours": words.hours_end(place.name, queries.hours_to_come(location_id)),
        "organisation_id": organisation_id,
        "back": _of_organisation(organisation_id),
        "is_own": current_user.may(RUN_OWN_ORGANISATION),
        "problem": None,
        "ask": None,
        **more,
        "form": asked or LocationForm(None, data={"place": place.name, "address": place.address}),
        "is_refused": asked is not None,
    }
    return make_response(render_template("organisations/places/place.html", **shown), status)
