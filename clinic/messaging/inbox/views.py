"""The development inbox: a telephone and a mailbox in the browser, where no provider is set."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from clinic.core import running, saying
from clinic.core.web import htmx, live, nearby
from clinic.core.web.security import public
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.inbox import queries as shown
from clinic.messaging.queueing import messages

bp = Blueprint("dev", __name__, url_prefix="/dev")


@bp.before_request
def _only_in_development() -> None:
    """What is read here opens accounts: it is for who sits at this machine."""
    if not shown.is_open() or not _is_asked_here():
        abort(404)


def _is_asked_here() -> bool:
    if not nearby.is_host_local() or nearby.was_forwarded():
        return False
    return nearby.is_peer_local() or running.settings().allow_dev_exposed


@bp.get("/inbox")
@public
def inbox() -> Response:
    chosen = request.args.get("phone", "")
    return htmx.render(
        "messaging/inbox/inbox.html", partial="messaging/inbox/_inbox.html", **_devices(chosen)
    )


def _devices(chosen: str) -> dict[str, Any]:
    """The telephone that was asked for, though it never rang, else the one that rang last."""
    numbers = shown.numbers()
    number = chosen or next(iter(numbers), None)
    return {
        "numbers": numbers,
        "chosen": chosen,
        "phone": shown.phone(number) if number else None,
        "letters": shown.letters(),
        "moment": saying.moment,
    }


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
        partial="messaging/inbox/_inbox.html",
        **_devices(address),
    )


@bp.get("/inbox/live")
@public
def ring() -> Response:
    """The inbox rings for everybody who may open it: there, nobody is signed in."""
    return live.stream("messages", messages.INBOX, lambda: True)
