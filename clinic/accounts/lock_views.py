"""The locked screen opens again."""

from flask import Blueprint, abort, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.accounts import signing
from clinic.accounts.forms import UnlockForm
from clinic.accounts.service import WrongPassword
from clinic.core import htmx
from clinic.core.errors import TooMany
from clinic.core.security import local_path, public

bp = Blueprint("lock", __name__)


@bp.post("/unlock")
@public
def unlock() -> Response:
    """The password of who is signed in; asked also of one whose session is awake elsewhere."""
    following = local_path(request.form.get("next"), "/")
    if current_user.is_anonymous:
        if htmx.is_partial():
            abort(401)
        return redirect(url_for("accounts.login", next=following), code=303)
    form = UnlockForm()
    if form.session.data and form.session.data != str(current_user.session_id):
        return htmx.go(following)  # somebody else logged in beside: that page is theirs no more
    if not form.validate():
        return _again(422, _("Enter your password"))
    try:
        signing.unlock(form.password.data or "")
    except WrongPassword as error:
        return _again(422, _(error.message))
    except TooMany as error:
        return signing.with_wait(_again(429, _(error.message)), error)
    if htmx.is_partial():
        return htmx.trigger(make_response("", 204), **{"session-unlocked": True})
    return redirect(following, code=303)


def _again(status: int, problem: str) -> Response:
    following = local_path(request.form.get("next"), "/")
    return htmx.render(
        "accounts/lock.html",
        partial="accounts/_lock.html",
        status=status,
        problem=problem,
        person=current_user,
        action=url_for("lock.unlock"),
        field="password",
        carried=[("next", following)],
    )
