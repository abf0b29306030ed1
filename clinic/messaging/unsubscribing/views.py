"""The link in a letter: mail programs post to it by themselves, people are asked first."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from clinic.core.web.security import public
from clinic.messaging.unsubscribing import service

bp = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")


@bp.get("/<token>")
@public
def show(token: str) -> str:
    """Looking changes nothing: mail scanners open every link."""
    return render_template(
        "messaging/unsubscribing/show.html", token=token, found=service.subscription(token)
    )


@bp.post("/<token>")
@public
def stop(token: str) -> Response | str:
    """A mail program that posts `List-Unsubscribe=One-Click` follows no redirect (RFC 8058)."""
    service.stop(token)
    if request.form.get("List-Unsubscribe") == "One-Click":
        return show(token)
    return redirect(url_for("unsubscribe.show", token=token), code=303)


@bp.post("/<token>/again")
@public
def start(token: str) -> Response:
    service.start(token)
    return redirect(url_for("unsubscribe.show", token=token), code=303)
