"""Enter the code that proves who books, have another one sent."""

from flask import flash, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import Role
from clinic.accounts.errors import AlreadyInUse, WrongCode
from clinic.accounts.forms import CodeForm
from clinic.appointments.blueprint import bp
from clinic.appointments.holding import code as codes
from clinic.appointments.holding import pages, words
from clinic.core.errors import TooMany
from clinic.core.web import htmx
from clinic.core.web.problems import said
from clinic.core.web.security import access, client_address


@bp.get("/code")
@access(Role.PATIENT)
def code() -> Response:
    following = pages.following_in(request.args)
    if codes.person(current_user.patient_id).is_proven:
        return htmx.go(following)
    return _page()


@bp.post("/code")
@access(Role.PATIENT)
def enter_code() -> Response:
    form = CodeForm()
    if not form.validate():
        return _page(422, form)
    try:
        codes.enter(current_user.id, form.code.data or "", current_user.actor)
    except (WrongCode, AlreadyInUse) as error:
        return _page(422, form, said(error))
    except TooMany as error:
        return _page(error.status, form, said(error))
    flash(str(words.PROVEN), "ok")
    return htmx.go(pages.following_in(request.form))


@bp.post("/code/<any(email, phone):kind>")
@access(Role.PATIENT)
def send_code(kind: str) -> Response:
    try:
        codes.send_again(codes.person(current_user.patient_id), kind, client_address())
    except TooMany as error:
        return _page(error.status, problem=said(error))
    flash(str(words.SENT), "ok")
    return htmx.go(url_for("appointments.code", next=pages.following_in(request.form)))


def _page(status: int = 200, form: CodeForm | None = None, problem: str | None = None) -> Response:
    return htmx.render(
        "appointments/holding/code.html",
        partial="appointments/holding/_proof.html",
        status=status,
        **pages.code_part(pages.following_in(request.values), form, problem),
    )
