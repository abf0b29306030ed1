"""Back into an account by a link: a forgotten password, an invitation."""

import sqlalchemy as sa
from flask import Blueprint, flash, make_response, render_template, request, session, url_for
from werkzeug.wrappers import Response

from clinic.access.roles import HAVE_PROFILE, may
from clinic.accounts.addresses import entered
from clinic.accounts.errors import (
    AddressOfAnother,
    AlreadyInUse,
    LinkSpent,
    WeakPassword,
    WrongPassword,
)
from clinic.accounts.proof import keys
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.accounts.recovery import words
from clinic.accounts.recovery.forms import ForgotForm, NewPasswordForm
from clinic.accounts.sessions import known_browsers
from clinic.accounts.signin import gate
from clinic.accounts.signin import service as signin
from clinic.accounts.signin.service import Known
from clinic.core.data.db import db
from clinic.core.errors import ClinicError
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import (
    client_address,
    keep_known,
    known_browser,
    leave_nothing,
    public,
    start_session,
)
from clinic.doctors.models import Doctor
from clinic.organisations.site import queries as sites

bp = Blueprint("recovery", __name__)


@bp.route("/forgot", methods=["GET", "POST"])
@public
def forgot() -> Response:
    """The answer is the same, and takes as long, whether or not anybody has that address."""
    form = ForgotForm()
    if request.method == "GET":
        return make_response(render_template("accounts/recovery/forgot.html", form=form))
    if not form.validate():
        return make_response(render_template("accounts/recovery/forgot.html", form=form), 422)
    recovery.forget(form.email.data or "", client_address(), known_browser())
    return htmx.go(url_for("recovery.sent"))


@bp.get("/forgot/sent")
@public
def sent() -> str:
    return render_template("accounts/recovery/forgot_sent.html")


@bp.get("/reset/<token>")
@public
def reset(token: str) -> Response:
    """Looking spends nothing: mail scanners and previews open every link."""
    return _show(token, Purpose.RESET)


@bp.post("/reset/<token>")
@public
def set_password(token: str) -> Response:
    return _set(token, Purpose.RESET)


@bp.get("/invitation/<token>")
@public
def invitation(token: str) -> Response:
    return _show(token, Purpose.INVITATION)


@bp.post("/invitation/<token>")
@public
def accept(token: str) -> Response:
    return _set(token, Purpose.INVITATION)


@bp.get("/contact/<token>")
@public
def contact(token: str) -> Response:
    """An administrator entered another address: its owner is asked at the one before."""
    try:
        opened = keys.opened_by(token, Purpose.CONTACT)
    except LinkSpent as error:
        return _contact_spent(error)
    site = sites.for_person(opened.user_id)
    page = render_template("accounts/recovery/contact.html", opened=opened, site=site)
    return make_response(page)


@bp.post("/contact/<token>")
@public
def answer(token: str) -> Response:
    is_right = request.form.get("answer") == "yes"
    try:
        entered.accept(token) if is_right else entered.refuse(token)
    except (LinkSpent, AlreadyInUse) as error:
        return _contact_spent(error)
    flash(str(words.ADDRESS_IS_RIGHT if is_right else words.ADDRESS_IS_BACK), "ok")
    return htmx.go(url_for("accounts.login"))


def _contact_spent(error: ClinicError) -> Response:
    page = render_template("accounts/recovery/contact.html", opened=None, problem=said(error))
    return make_response(page, error.status)


def _show(token: str, purpose: Purpose) -> Response:
    try:
        return _form_page(token, purpose, NewPasswordForm())
    except LinkSpent as error:
        return _spent_page(purpose, error)


def _set(token: str, purpose: Purpose) -> Response:
    """Who chose a password is let in with it, except where two-factor stands between."""
    form = NewPasswordForm()
    try:
        if not form.validate():
            return _form_page(token, purpose, form, 422)
        known = recovery.set_password(token, purpose, form.password.data or "")
    except WeakPassword as error:
        form.password.errors = [said(error)]
        return _form_page(token, purpose, form, 422)
    except AddressOfAnother as error:
        return _form_page(token, purpose, form, error.status, said(error))
    except LinkSpent as error:
        return _spent_page(purpose, error)
    # Strangers who guess do not keep this browser out, should it have to log in yet.
    kept = known_browsers.with_account(known_browser(), known.user_id)
    keep_known(kept, known_browsers.KEPT_FOR)
    following = _let_in(known, kept)
    if purpose is Purpose.INVITATION and may(known.role, HAVE_PROFILE):
        following = _to_profile(known, following)
    return leave_nothing(htmx.go(following))


def _to_profile(known: Known, following: str) -> str:
    """A doctor whom nobody finds yet completes the profile first, once they are in."""
    if known.needs_code or db.session.scalar(sa.select(Doctor.id).filter_by(user_id=known.user_id)):
        return following
    return url_for("doctor_profile.edit", doctor_id=known.user_id)


def _let_in(known: Known, kept: str) -> str:
    """Where they go on: the first page of theirs, or to the code or password it still takes."""
    session.clear()  # whoever was signed in at this browser is not who came by the link
    if known.needs_code:
        gate.remember_half(known)
        flash(str(words.NOW_THE_CODE), "ok")
        return url_for("accounts.login_code")
    try:
        start_session(signin.open_browser(known, request.user_agent.string, kept))
    except WrongPassword:  # changed, or deactivated, in this moment
        flash(str(words.PASSWORD_IS_SET), "ok")
        return url_for("accounts.login")
    flash(str(words.YOU_ARE_IN), "ok")
    return url_for("accounts.login")  # which leads everybody who is in to their own first page


def _form_page(
    token: str,
    purpose: Purpose,
    form: NewPasswordForm,
    status: int = 200,
    problem: str | None = None,
) -> Response:
    """Raises LinkSpent."""
    opened = keys.opened_by(token, purpose)
    page = render_template(
        "accounts/recovery/new_password.html",
        form=form,
        opened=opened,
        site=sites.for_person(opened.user_id),
        problem=problem,
        is_invitation=purpose is Purpose.INVITATION,
    )
    return make_response(page, status)


def _spent_page(purpose: Purpose, error: LinkSpent) -> Response:
    is_invitation = purpose is Purpose.INVITATION
    page = render_template("accounts/recovery/link_spent.html", is_invitation=is_invitation)
    return make_response(page, error.status)
