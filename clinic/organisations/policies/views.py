"""`/privacy` and `/terms` for everybody, and where an administrator writes them."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import RUN_ORGANISATIONS, RUN_OWN_ORGANISATION
from clinic.core.errors import Conflict, Invalid, NotFound
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.security import access, public
from clinic.organisations import queries as organisations
from clinic.organisations.policies import queries, service, words
from clinic.organisations.policies.blocks import blocks
from clinic.organisations.policies.forms import PolicyForm
from clinic.organisations.site.queries import of_person

bp = Blueprint("policies", __name__)


@bp.get("/privacy")
@public
def privacy() -> Response:
    """`?organisation=` says whose, `?version=` an earlier one."""
    return _read("privacy")


@bp.get("/terms")
@public
def terms() -> Response:
    return _read("terms")


def _read(kind: str) -> Response:
    organisation_id = _asked() or _known()
    if organisation_id is None:
        return make_response(render_template(
            "organisations/policies/choose.html",
            title=words.TITLES[kind],
            places=[(one.name, url_for(f"policies.{kind}", organisation=one.id))
                for one in organisations.active()],
        ))  # fmt: skip
    found = queries.policy(organisation_id, kind, _version())
    other = "terms" if kind == "privacy" else "privacy"
    is_at_work = current_user.is_authenticated and not current_user.is_patient
    whose = {} if is_at_work else {"site": queries.site(organisation_id)}
    page = render_template(
        "organisations/policies/show.html",
        policy=found,
        title=words.TITLES[kind],
        blocks=blocks(found.text),
        versions=[
            (one, url_for(f"policies.{kind}", organisation=organisation_id, version=one.version))
            for one in queries.versions(organisation_id, kind)
        ],
        other=(words.TITLES[other], url_for(f"policies.{other}", organisation=organisation_id)),
        **whose,
    )
    return make_response(page)


def _asked() -> UUID | None:
    """Raises NotFound for what is no id."""
    said = request.args.get("organisation")
    if not said:
        return None
    try:
        return UUID(said)
    except ValueError:
        raise NotFound from None


def _version() -> int | None:
    """Raises NotFound for what is no number of a version."""
    said = request.args.get("version")
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 7 and int(said)):
        raise NotFound
    return int(said)


def _known() -> UUID | None:
    """Theirs, who is signed in; else the only one there is."""
    if current_user.is_authenticated:
        site = of_person(current_user.id)
        if site:
            return site.organisation_id
    return organisations.only_active()


@bp.get("/admin/organisations/<uuid:organisation_id>/policies/<any(privacy, terms):kind>")
@access(*RUN_ORGANISATIONS)
def edit(organisation_id: UUID, kind: str) -> Response:
    return _page(organisation_id, kind)


@bp.post("/admin/organisations/<uuid:organisation_id>/policies/<any(privacy, terms):kind>")
@access(*RUN_ORGANISATIONS)
def publish(organisation_id: UUID, kind: str) -> Response:
    organisations.details(organisation_id, current_user.actor)  # or it is nobody of the reader's
    form = PolicyForm()
    if not form.validate():
        return _page(organisation_id, kind, form, 422)
    before = queries.policy(organisation_id, kind).latest
    try:
        now = service.publish(
            organisation_id, kind, form.text.data or "", current_user.actor, form.after
        )
    except (Invalid, Conflict) as error:
        problem = blame(form, error)
        form.version.data = str(before)  # read by now: saved again, it counts
        return _page(organisation_id, kind, form, error.status, problem)
    flash(str(words.PUBLISHED if now != before else words.SAME), "ok")
    return htmx.go(url_for("policies.edit", organisation_id=organisation_id, kind=kind))


def _page(
    organisation_id: UUID,
    kind: str,
    form: PolicyForm | None = None,
    status: int = 200,
    problem: str | None = None,
) -> Response:
    organisation = organisations.details(organisation_id, current_user.actor)
    found = queries.policy(organisation_id, kind)
    is_own = current_user.may(RUN_OWN_ORGANISATION)
    shown: dict[str, Any] = {
        "policy": found,
        "organisation": organisation,
        "title": words.TITLES[kind],
        "form": form or PolicyForm(None, text=found.text, version=found.latest),
        "problem": problem,
        "is_refused": form is not None,
        "is_own": is_own,
        "back": url_for("organisations.settings")
        if is_own
        else url_for("organisations.show", organisation_id=organisation_id),
        "versions": [
            (one, url_for(f"policies.{kind}", organisation=organisation_id, version=one.version))
            for one in queries.versions(organisation_id, kind)
        ],
    }
    return make_response(render_template("organisations/policies/edit.html", **shown), status)
