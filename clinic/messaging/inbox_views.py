"""The development inbox: a telephone and a mailbox in the browser, where no provider is set."""

from uuid import uuid4

from flask import Blueprint, abort, current_app, request, url_for
from werkzeug.wrappers import Response

from clinic.core import htmx
from clinic.core.security import public
from clinic.messaging import queries, receiving
from clinic.messaging.receiving import Inbound

bp = Blueprint("dev", __name__, url_prefix="/dev")


@bp.before_request
def _only_in_development() -> None:
    if current_app.config["SETTINGS"].environment != "development":
        abort(404)


@bp.get("/inbox")
@public
def inbox() -> Response:
    return htmx.render(
        "messaging/inbox.html",
        partial="messaging/_inbox.html",
        phones=queries.development_inbox("sms"),
        mailboxes=queries.development_inbox("email"),
        chosen=request.args.get("phone", ""),
    )


@bp.post("/inbox/reply")
@public
def reply() -> Response:
    """As if the telephone had sent a text: the way of Twilio's post, without its signature."""
    address, body = request.form.get("address", "")[:254], request.form.get("body", "")[:1600]
    if not address or not body.strip() or "\x00" in body:
        abort(400)
    receiving.receive(Inbound(f"dev-{uuid4().hex}", address, "development inbox", body))
    return htmx.done(
        url_for("dev.inbox", phone=address),
        partial="messaging/_inbox.html",
        phones=queries.development_inbox("sms"),
        mailboxes=queries.development_inbox("email"),
        chosen=address,
    )
