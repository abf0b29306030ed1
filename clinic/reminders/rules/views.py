"""The page of an organisation's reminders: the one that is always there, its own, quiet hours."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import RUN_ORGANISATIONS, RUN_OWN_ORGANISATION
from clinic.core.errors import Invalid
from clinic.core.web.forms import blame
from clinic.core.web.security import access
from clinic.organisations import queries as organisations
from clinic.reminders.errors import RuleTaken, TooManyRules
from clinic.reminders.rules import preview, queries, service, words
from clinic.reminders.rules.forms import NewRuleForm, QuietForm, RuleForm

bp = Blueprint(
    "reminder_rules", __name__, url_prefix="/admin/organisations/<uuid:organisation_id>/reminders"
)


@bp.get("")
@access(*RUN_ORGANISATIONS)
def index(organisation_id: UUID) -> Response:
    return _page(organisation_id)


@bp.post("")
@access(*RUN_ORGANISATIONS)
def add(organisation_id: UUID) -> Response:
    queries.see(organisation_id, current_user.actor)
    form = NewRuleForm()
    if not form.validate():
        return _page(organisation_id, 422, form=form)
    try:
        service.add(organisation_id, form.values, current_user.actor)
    except (Invalid, RuleTaken, TooManyRules) as error:
        status = 422 if isinstance(error, Invalid) else 409
        return _page(organisation_id, status, form=form, problem=blame(form, error))
    return _done(organisation_id, str(words.ADDED))


@bp.post("/quiet-hours")
@access(*RUN_ORGANISATIONS)
def save_quiet_hours(organisation_id: UUID) -> Response:
    queries.see(organisation_id, current_user.actor)
    form = QuietForm()
    if not form.validate():
        return _page(organisation_id, 422, quiet_form=form)
    service.set_quiet_hours(organisation_id, form.values, current_user.actor)
    return _done(organisation_id, str(words.SAVED))


@bp.get("/<uuid:rule_id>")
@access(*RUN_ORGANISATIONS)
def show(organisation_id: UUID, rule_id: UUID) -> Response:
    return _rule_page(organisation_id, rule_id)


@bp.post("/<uuid:rule_id>")
@access(*RUN_ORGANISATIONS)
def save(organisation_id: UUID, rule_id: UUID) -> Response:
    queries.rule(organisation_id, rule_id, current_user.actor)
    form = RuleForm()
    if not form.validate():
        return _rule_page(organisation_id, rule_id, 422, form=form)
    try:
        service.change(organisation_id, rule_id, form.values, current_user.actor)
    except (Invalid, RuleTaken) as error:
        status = 422 if isinstance(error, Invalid) else 409
        return _rule_page(organisation_id, rule_id, status, form=form, problem=blame(form, error))
    return _done(organisation_id, str(words.SAVED))


@bp.post("/<uuid:rule_id>/delete")
@access(*RUN_ORGANISATIONS)
def delete(organisation_id: UUID, rule_id: UUID) -> Response:
    service.remove(organisation_id, rule_id, current_user.actor)
    return _done(organisation_id, str(words.DELETED))


def _done(organisation_id: UUID, news: str) -> Response:
    flash(news, "ok")
    return redirect(url_for("reminder_rules.index", organisation_id=organisation_id), code=303)


def _page(organisation_id: UUID, status: int = 200, **more: Any) -> Response:
    """`more`: form or quiet_form of what was refused, problem."""
    actor = current_user.actor
    last = queries.progress(organisation_id, actor)
    shown = {
        "organisation": organisations.details(organisation_id, actor),
        "rules": [(one, words.sentence(one)) for one in queries.rules(organisation_id, actor)],
        "progress": words.progress(last) if last else "",
        "texts": preview.of(organisation_id),
        "form": NewRuleForm(None),
        "quiet_form": QuietForm.of(queries.hours(organisation_id, actor)),
        "is_own": current_user.may(RUN_OWN_ORGANISATION),
        "is_refused": bool(more),
        "problem": None,
        **more,
    }
    return make_response(render_template("reminders/rules/index.html", **shown), status)


def _rule_page(organisation_id: UUID, rule_id: UUID, status: int = 200, **more: Any) -> Response:
    rule = queries.rule(organisation_id, rule_id, current_user.actor)
    shown = {
        "organisation_id": organisation_id,
        "rule": rule,
        "sentence": words.sentence(rule),
        "form": more.get("form") or RuleForm.of(rule),
        "problem": more.get("problem"),
        "is_own": current_user.may(RUN_OWN_ORGANISATION),
        "is_refused": bool(more),
    }
    return make_response(render_template("reminders/rules/rule.html", **shown), status)
