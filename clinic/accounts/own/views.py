"""A person's own account: who they are, how they look, where they are reached."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.accounts.addresses import contact
from clinic.accounts.addresses.contact import KINDS
from clinic.accounts.errors import (
    AlreadyInUse,
    BadPhoto,
    PhotoTooLarge,
    WrongCode,
    WrongPassword,
)
from clinic.accounts.forms import CodeForm
from clinic.accounts.own import photo as photos
from clinic.accounts.own import profile, words
from clinic.accounts.own import queries as own_queries
from clinic.accounts.own.forms import EmailForm, PhoneForm, ProfileForm
from clinic.accounts.proof import checks, keys
from clinic.accounts.signin import gate
from clinic.core.errors import Conflict, Invalid, TooMany, Wrong
from clinic.core.fields import PhoneNumber
from clinic.core.web import htmx
from clinic.core.web.problems import said, said_of
from clinic.core.web.security import client_address, local_path, public, signed_in, takes_up_to
from clinic.messaging.consents import words as text_words
from clinic.messaging.consents.vocabulary import Agreed
from clinic.organisations import queries as organisations
from clinic.organisations.site.queries import for_person

bp = Blueprint("account", __name__, url_prefix="/account")

FORMS: dict[str, Any] = {"email": EmailForm, "phone": PhoneForm}
MOST_UPLOADED = photos.MOST_BYTES + 64 * 1024  # the form around the photo
PHOTO_KEPT_S = 3600  # by browsers; its address changes with it


@bp.get("/")
@signed_in
def index() -> Response:
    return _profile_page(_unchanged())


@bp.post("/profile")
@signed_in
def save() -> Response:
    form = ProfileForm()
    if not form.validate():
        return _profile_page(form, 422)
    changes = {name: form[name].data for name in ("full_name", "language", "timezone")}
    try:
        profile.update_own(current_user.id, changes, current_user.actor)
    except Invalid as error:
        for one in error.errors:
            form[one.field].errors = [said_of(one)]
        return _profile_page(form, 422)
    return _done(words.PROFILE_SAVED)


@bp.get("/photo/<uuid:user_id>")
@public
def photo(user_id: UUID) -> Response:
    """One's own; that of a doctor is seen by everybody."""
    viewer = current_user.actor if current_user.is_authenticated else None
    stored = photos.visible_photo(viewer, user_id)
    response = make_response(stored.data)
    response.content_type = stored.content_type
    if photos.is_public(user_id):  # one's own is kept nowhere, like the page it is on
        response.cache_control.private = True
        response.cache_control.max_age = PHOTO_KEPT_S
    response.add_etag()
    return response.make_conditional(request)


@bp.post("/photo")
@takes_up_to(MOST_UPLOADED)
@signed_in
def save_photo() -> Response:
    file = request.files.get("photo")
    if not file or not file.filename:
        return _photo_refused(words.NO_PHOTO)
    try:
        photos.save_photo(current_user.id, file.read(), current_user.actor)
    except (BadPhoto, PhotoTooLarge) as error:
        return _photo_refused(said(error))
    return _done(words.PHOTO_SAVED)


def _photo_refused(problem: str) -> Response:
    return _profile_page(_unchanged(), 422, photo_problem=problem)


def _unchanged() -> ProfileForm:
    return ProfileForm(
        formdata=None,
        full_name=current_user.full_name,
        language=current_user.language,
        timezone=current_user.timezone,
    )


@bp.post("/photo/remove")
@signed_in
def remove_photo() -> Response:
    photos.remove_photo(current_user.id, current_user.actor)
    return _done(words.PHOTO_REMOVED)


@bp.get("/<any(email, phone):kind>")
@signed_in
def change_contact(kind: str) -> Response:
    return _contact_page(kind, FORMS[kind]())


@bp.post("/<any(email, phone):kind>")
@signed_in
def send_code(kind: str) -> Response:
    """Nothing changes yet: the new address counts once its code came back."""
    form = FORMS[kind]()
    if not form.validate():
        return _contact_page(kind, form, 422)
    address = client_address()
    try:
        target = _target(kind, form.target.data)
        checks.confirm_password(current_user.id, form.password.data, address)
    except Wrong as error:
        form.target.errors = [said_of(error)]
        return _contact_page(kind, form, 422)
    except WrongPassword as error:
        form.password.errors = [said(error)]
        return _contact_page(kind, form, 422)
    contact.send_code(current_user.id, kind, target, address, _agreed(kind))
    return htmx.go(url_for("account.code", kind=kind))


def _agreed(kind: str) -> Agreed | None:
    """To texts at the number, by the words below its field."""
    if kind != "phone":
        return None
    said = request.form.get(text_words.FIELD)
    return text_words.agreed(for_person(current_user.id), said, "account", current_user.id)


def _target(kind: str, typed: str) -> str:
    """Raises Wrong."""
    if kind == "email":
        return typed
    country = organisations.country_for(current_user.organisation_id)
    return PhoneNumber(country=country).read(typed)


@bp.post("/<any(email, phone):kind>/verify")
@signed_in
def verify(kind: str) -> Response:
    """Send a code to the address the account has."""
    target = getattr(current_user, kind)
    if target is None:
        return htmx.go(url_for("account.change_contact", kind=kind))
    try:
        _target(kind, target)  # one that was kept before there were rules for it
    except Wrong as wrong:
        form = FORMS[kind]()
        form.target.errors = [said_of(wrong)]
        return _contact_page(kind, form, 422)
    contact.send_code(current_user.id, kind, target, client_address())
    return htmx.go(url_for("account.code", kind=kind))


@bp.post("/<any(email, phone):kind>/code/again")
@signed_in
def send_again(kind: str) -> Response:
    """To where one is on its way: whoever began that has given the password."""
    target = keys.awaited(current_user.id, KINDS[kind])
    if target is None:
        return htmx.go(url_for("account.change_contact", kind=kind))
    try:
        contact.send_again(current_user.id, kind, target, client_address())
    except TooMany as error:
        return gate.with_wait(_code_page(kind, CodeForm(formdata=None), 429, said(error)), error)
    flash(str(words.SENT_AGAIN), "ok")
    return htmx.go(url_for("account.code", kind=kind))


@bp.get("/<any(email, phone):kind>/code")
@signed_in
def code(kind: str) -> Response:
    return _code_page(kind, CodeForm())


@bp.post("/<any(email, phone):kind>/code")
@signed_in
def prove(kind: str) -> Response:
    form = CodeForm()
    if not form.validate():
        return _code_page(kind, form, 422)
    try:
        profile.prove(
            current_user.id, kind, form.code.data or "", client_address(), current_user.actor
        )
    except (WrongCode, AlreadyInUse) as error:
        return _code_page(kind, form, 422, said(error))
    return _done(words.CONFIRMED[kind])


@bp.post("/texts")
@signed_in
def allow_texts() -> Response:
    """From wherever it says that none are sent: back to there."""
    try:
        profile.allow_texts(current_user.id)
    except Conflict as error:
        flash(said(error), "warning")
        return htmx.go(url_for("account.index"))
    flash(str(words.TEXTS_AGAIN), "ok")
    return htmx.go(local_path(request.args.get("next"), url_for("account.index")))


def _done(news: str) -> Response:
    flash(str(news), "ok")
    return htmx.go(url_for("account.index"))


def _profile_page(
    form: ProfileForm, status: int = 200, photo_problem: str | None = None
) -> Response:
    me = own_queries.account_of(current_user.id)
    page = render_template(
        "accounts/own/index.html",
        form=form,
        me=me,
        waits_until=words.waits_until(me),
        photo_problem=photo_problem,
    )
    return make_response(page, status)


def _contact_page(kind: str, form: Any, status: int = 200) -> Response:
    page = render_template(
        "accounts/own/contact.html", form=form, kind=kind, present=getattr(current_user, kind)
    )
    return make_response(page, status)


def _code_page(
    kind: str, form: CodeForm, status: int = 200, problem: str | None = None
) -> Response:
    """Without a code on its way there is nothing to enter."""
    target = keys.awaited(current_user.id, KINDS[kind])
    if target is None and problem is None:
        return htmx.go(url_for("account.change_contact", kind=kind))
    page = render_template(
        "accounts/own/contact_code.html",
        form=form,
        kind=kind,
        target=target,
        wait_s=keys.wait_s(current_user.id, KINDS[kind]),
        problem=problem,
    )
    return make_response(page, status)
