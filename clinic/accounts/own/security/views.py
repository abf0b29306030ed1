"""How a person's own account is kept safe: password, two-factor, where it is signed in."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from clinic.accounts.errors import NotProven, WeakPassword, WrongOtp, WrongPassword
from clinic.accounts.own import queries as own_queries
from clinic.accounts.own.security import service as security_service
from clinic.accounts.own.security import words
from clinic.accounts.own.security.forms import (
    PasswordForm,
    TwoFactorForm,
)
from clinic.accounts.proof import checks, two_factor
from clinic.accounts.recovery import service as recovery
from clinic.accounts.sessions import known_browsers
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import (
    client_address,
    keep_known,
    known_browser,
    leave_nothing,
    signed_in,
)

bp = Blueprint("security", __name__, url_prefix="/account")


@bp.get("/security")
@signed_in
def index() -> Response:
    return _security_page(PasswordForm())


@bp.post("/password")
@signed_in
def change_password() -> Response:
    form = PasswordForm()
    if not form.validate():
        return _security_page(form, 422)
    try:
        recovery.change_password(
            current_user.id,
            current_user.session_id,
            form.old_password.data or "",
            form.password.data or "",
            client_address(),
            current_user.actor,
        )
    except WrongPassword as error:
        form.old_password.errors = [said(error)]
        return _security_page(form, 422)
    except WeakPassword as error:
        form.password.errors = [said(error)]
        return _security_page(form, 422)
    # The new password ended what this browser was known by.
    value = known_browsers.with_account(known_browser(), current_user.id)
    keep_known(value, known_browsers.KEPT_FOR)
    return leave_nothing(_done(words.PASSWORD_CHANGED))


@bp.post("/sessions/<uuid:key>/end")
@signed_in
def end(key: UUID) -> Response:
    is_this = key == current_user.session_id
    security_service.end_own(current_user.id, key, current_user.actor)
    done = _done(words.DEVICE_SIGNED_OUT)
    return leave_nothing(done) if is_this else done


@bp.post("/sessions/end-others")
@signed_in
def end_others() -> Response:
    security_service.end_others(current_user.id, current_user.session_id, current_user.actor)
    return _done(words.OTHERS_SIGNED_OUT)


@bp.get("/two-factor")
@signed_in
def two_factor_page() -> Response:
    return _two_factor_page()


@bp.post("/two-factor/begin")
@signed_in
def begin() -> Response:
    try:
        two_factor.begin(current_user.id)
    except NotProven as error:
        return _two_factor_page(error.status, problem=said(error))
    return htmx.go(url_for("security.two_factor_page"))


@bp.post("/two-factor/on")
@signed_in
def switch_on() -> Response:
    form = TwoFactorForm()
    if not _is_confirmed(form):
        return _two_factor_page(422, on_form=form)
    try:
        codes = two_factor.switch_on(
            current_user.id, current_user.session_id, form.code.data or "", current_user.actor
        )
    except WrongOtp as error:
        form.code.errors = [said(error)]
        return _two_factor_page(422, on_form=form)
    return _codes_page(codes)


@bp.post("/two-factor/codes")
@signed_in
def renew_codes() -> Response:
    form = TwoFactorForm(prefix="renew")
    if not _is_confirmed(form):
        return _two_factor_page(422, renew_form=form)
    try:
        codes = security_service.renew_recovery_codes(
            current_user.id, form.code.data or "", client_address(), current_user.actor
        )
    except WrongOtp as error:
        form.code.errors = [said(error)]
        return _two_factor_page(422, renew_form=form)
    return _codes_page(codes)


@bp.post("/two-factor/off")
@signed_in
def switch_off() -> Response:
    form = TwoFactorForm(prefix="off")
    if not _is_confirmed(form):
        return _two_factor_page(422, off_form=form)
    try:
        security_service.switch_off_two_factor(
            current_user.id, form.code.data or "", client_address(), current_user.actor
        )
    except WrongOtp as error:
        form.code.errors = [said(error)]
        return _two_factor_page(422, off_form=form)
    flash(str(words.TWO_FACTOR_OFF), "ok")
    return htmx.go(url_for("security.two_factor_page"))


def _is_confirmed(form: FlaskForm) -> bool:
    """Is the form complete, and the password in it right?"""
    if not form.validate():
        return False
    try:
        checks.confirm_password(current_user.id, form.password.data or "", client_address())
    except WrongPassword as error:
        form.password.errors = [said(error)]
        return False
    return True


def _done(news: str) -> Response:
    flash(str(news), "ok")
    return htmx.go(url_for("security.index"))


def _security_page(form: PasswordForm, status: int = 200) -> Response:
    me = own_queries.account_of(current_user.id)
    doors = own_queries.open_doors(me.id, current_user.session_id)
    page = render_template(
        "accounts/own/security/security.html",
        form=form,
        me=me,
        doors=words.door_lines(doors, me.timezone),
    )
    return make_response(page, status)


def _two_factor_page(status: int = 200, problem: str | None = None, **forms: Any) -> Response:
    """`forms` are those that came back with errors, by name."""
    me = own_queries.account_of(current_user.id)
    page = render_template(
        "accounts/own/security/two_factor.html",
        is_on=me.two_factor,
        is_proven=me.email_verified,
        has_email=me.email is not None,
        problem=problem,
        is_required=two_factor.is_required(current_user.role, current_user.organisation_id),
        enrolment=two_factor.begun(me.id),
        codes_left=two_factor.codes_left(me.id),
        on_form=forms.get("on_form") or TwoFactorForm(formdata=None),
        renew_form=forms.get("renew_form") or TwoFactorForm(formdata=None, prefix="renew"),
        off_form=forms.get("off_form") or TwoFactorForm(formdata=None, prefix="off"),
    )
    return make_response(page, status)


def _codes_page(codes: list[str]) -> Response:
    """Answered to the POST itself: codes that are shown once are kept nowhere to be fetched."""
    return make_response(render_template("accounts/own/security/recovery_codes.html", codes=codes))
