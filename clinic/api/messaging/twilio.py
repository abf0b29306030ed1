"""Twilio's two posts: a text that came in, and what became of one that went out."""

from uuid import UUID

import phonenumbers
from flask import Blueprint, Response, abort, current_app, request

from clinic.core.web.security import public
from clinic.messaging import channels
from clinic.messaging.delivery import callbacks
from clinic.messaging.delivery.callbacks import Report
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.words import rendering

bp = Blueprint("twilio", __name__, url_prefix="/api/v1/twilio")


@bp.before_request
def _believe_only_twilio() -> None:
    """Signed over the public address and the whole form; anything else is 403."""
    tokens = current_app.config["SETTINGS"].twilio_tokens
    signature = request.headers.get("X-Twilio-Signature")
    url = current_app.config["PUBLIC_BASE_URL"] + request.full_path.rstrip("?")
    if not channels.is_signed_by_twilio(tokens, url, request.form, signature):
        abort(403)


@bp.post("/webhook", strict_slashes=False)
@public
def webhook() -> Response:
    """Answer a text inside the request, in TwiML; a replay gets the same answer."""
    sid, sender = request.form.get("MessageSid", ""), request.form.get("From", "")
    if not sid or not sender:
        abort(400)
    channel, number = channels.read_address(sender)
    _, ours = channels.read_address(request.form.get("To", ""))
    text = Inbound(
        sid=sid[:64],
        address=_e164(number),
        to=ours[:254],
        body=request.form.get("Body", "").replace("\x00", ""),
        channel=channel,
        opt_out=request.form.get("OptOutType", "")[:10],
        payload=request.form.get("ButtonPayload", "")[:256],
        button=request.form.get("ButtonText", "")[:40],
        media=_how_many_media(),
        service=request.form.get("MessagingServiceSid", "")[:64],
    )
    answer = receiving.receive(text)
    return _twiml(rendering.with_secrets(answer))


def _how_many_media() -> int:
    """A message carries ten at most."""
    given = request.form.get("NumMedia", 0, type=int)
    return min(max(given, 0), 10)


def _e164(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number[:254]  # a short code or a name: kept as it is
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _twiml(text: str) -> Response:
    return Response(channels.twiml(text), content_type="text/xml; charset=utf-8")


@bp.post("/status", strict_slashes=False)
@public
def status() -> tuple[str, int]:
    """Move a message forward; unknown ids, repeats and late news are quietly taken."""
    report = Report(
        message_id=_message_id(),
        provider_id=request.form.get("MessageSid", "")[:64],
        provider_status=request.form.get("MessageStatus", "").lower()[:20],
        error_code=request.form.get("ErrorCode", "")[:40] or None,
    )
    if report.provider_id and report.provider_status:
        callbacks.record_callback(report)
    return "", 204


def _message_id() -> UUID | None:
    return request.args.get("m", type=UUID)
