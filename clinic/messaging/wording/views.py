"""Pages on which an organisation words its messages."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import KEEP_WORDING
from clinic.core import saying
from clinic.core.errors import ClinicError
from clinic.core.languages import LANGUAGES
from clinic.core.web import htmx
from clinic.core.web.security import access
from clinic.messaging.channels import CHANNELS
from clinic.messaging.templates import queries as approvals
from clinic.messaging.wording import queries, sample, service, words
from clinic.messaging.wording.forms import WordingForm, filled
from clinic.messaging.words.own import substitution

bp = Blueprint("wording", __name__, url_prefix="/admin/templates")

INDEX, PAGE = "messaging/wording/index.html", "messaging/wording/edit.html"


@bp.get("/")
@access(*KEEP_WORDING)
def index() -> Response:
    own = queries.languages(current_user.actor)
    waits = [] if approvals.missing() is None else approvals.standing()
    return htmx.render(
        INDEX,
        partial=INDEX,
        templates=[*substitution.WORDED],
        channels=[*CHANNELS],
        own={key: ", ".join(map(words.language, tags)) for key, tags in own.items()},
        approvals=[one for one in waits if not one.is_approved],
        approved=sum(one.is_approved for one in waits),
        words=words,
    )


@bp.get("/<template>/<channel>")
@access(*KEEP_WORDING)
def edit(template: str, channel: str) -> Response:
    wording = queries.one(template, channel, _language(), current_user.actor)
    form = filled(body=wording.body, subject=wording.subject, version=str(wording.version))
    return _page(wording, form)


@bp.post("/<template>/<channel>")
@access(*KEEP_WORDING)
def save(template: str, channel: str) -> Response:
    """Or only show how it reads."""
    language = _language()
    wording = queries.one(template, channel, language, current_user.actor)
    form = WordingForm()
    if not form.validate():
        return _page(wording, form, 422)
    try:
        if request.form.get("step") == "preview":
            service.judged(template, channel, language, form.own, current_user.actor)
            return _page(wording, form)
        service.save(
            template, channel, language, form.own, current_user.actor, form.changed_version
        )
    except ClinicError as error:
        return _page(wording, form, 409 if error.status == 409 else 422, form.blame(error))
    return _done(template, channel, language, words.SAVED)


@bp.post("/<template>/<channel>/standard")
@access(*KEEP_WORDING)
def standard(template: str, channel: str) -> Response:
    language = _language()
    service.remove(template, channel, language, current_user.actor)
    return _done(template, channel, language, words.STANDARD)


@bp.post("/<template>/<channel>/preview")
@access(*KEEP_WORDING)
def preview(template: str, channel: str) -> Response:
    """While it is being typed."""
    language = _language()
    queries.must_be_known(template, channel, language)
    form = WordingForm()
    return htmx.render(
        "messaging/wording/_preview.html",
        partial="messaging/wording/_preview.html",
        previews=_previews(template, channel, language, form),
        words=words,
    )


def _previews(
    template: str, channel: str, language: str, form: WordingForm
) -> sample.Previews | None:
    place = queries.place_of(current_user.actor)
    own = form.own
    return sample.previews(place, template, channel, language, own) if own.body else None


def _language() -> str:
    asked = request.values.get("language", "en")
    return asked if asked in LANGUAGES else "en"


def _done(template: str, channel: str, language: str, news: Any) -> Response:
    flash(str(news), "ok")
    here = url_for("wording.edit", template=template, channel=channel, language=language)
    return htmx.go(here)


def _page(
    wording: queries.Wording, form: WordingForm, status: int = 200, problem: str | None = None
) -> Response:
    where = (wording.template, wording.channel, wording.language)
    return htmx.render(
        PAGE,
        partial=PAGE,
        status=status,
        wording=wording,
        form=form,
        problem=problem,
        previews=_previews(*where, form),
        standard_words=sample.standard(*where),
        languages=saying.languages(),
        words=words,
    )
