"""Texts by Twilio's own SDK, imported where it is used with what it calls by: pages have no need.

SMS and WhatsApp share it; the `prefix` of an address tells Twilio which of the two.
"""

import logging
import re
import threading
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from clinic.config import Settings
from clinic.messaging import answers, statuses
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.statuses import Status

if TYPE_CHECKING:
    import requests
    from twilio.http.response import Response
    from twilio.rest import Client

CONNECT_S, READ_S = 3, 10  # together within the 15 s of lease a call may begin with
STATUS_PATH = "/api/v1/twilio/status"
E164 = re.compile(r"\+[1-9][0-9]{4,14}")

# The SDK writes addresses, and with them telephone numbers, into its log.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


def is_set_up(settings: Settings) -> bool:
    return bool(settings.twilio_account_sid)


def is_whole(settings: Settings) -> bool:
    return bool(settings.twilio_account_sid and settings.twilio_auth_token)


def is_number(address: str) -> bool:
    return E164.fullmatch(address) is not None


@lru_cache(maxsize=200)  # twice as many as there may be threads
def _client(sid: str, token: str, base: str, _thread: int) -> "Client":
    """One for each thread: the SDK's keeps its last answer in itself, and returns it from there."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Rebased(TwilioHttpClient):
        """Twilio's client with time-outs, no retries of its own, and TWILIO_API_BASE."""

        def __init__(self) -> None:
            super().__init__(timeout=READ_S, max_retries=0)
            self.timeout = (CONNECT_S, READ_S)  # the constructor takes one number only

        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> "Response":
            there = urlsplit(base)
            parts = urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc)
            return super().request(method, urlunsplit(parts), *args, **kwargs)

    return Client(sid, token, http_client=Rebased())


def _twilio(settings: Settings) -> "Client":
    thread = threading.get_ident()
    return _client(
        settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_base, thread
    )


def load(settings: Settings) -> None:
    """Import what `send` needs; the SDK fetches the rest of itself when it is first asked."""
    _ = _twilio(settings).messages


def send(
    settings: Settings, claim: Claim, content: Content, sender: str, prefix: str = ""
) -> Outcome:
    import requests
    from twilio.base.exceptions import TwilioException

    callback: dict[str, str] = {}
    if settings.public_base_url:
        # It names our message, so that a report can come before we know the provider's id.
        base = settings.public_base_url.rstrip("/")
        callback["status_callback"] = f"{base}{STATUS_PATH}?m={claim.id}"
    try:
        sent = _twilio(settings).messages.create(
            to=f"{prefix}{claim.address}",
            from_=f"{prefix}{sender}",
            body=content.text,
            **callback,
        )
    except TwilioException as error:
        return _refused(error, sender)
    except requests.RequestException as error:
        return _broken(error, sender)
    except ValueError:  # it was taken, but the answer cannot be read
        return Outcome("uncertain", error_code="unreadable", sender=sender)
    return Outcome("sent", provider_id=sent.sid, sender=sender)


def probe(settings: Settings) -> Outcome:
    """Ask for the account itself: whether we may sign in, and whether it is at work."""
    import requests
    from twilio.base.exceptions import TwilioException

    try:
        account = _twilio(settings).api.accounts(settings.twilio_account_sid).fetch()
    except TwilioException as error:
        return _refused(error, "")
    except requests.RequestException as error:
        return _broken(error, "")
    except ValueError:
        return Outcome("uncertain", error_code="unreadable")
    is_at_work = str(account.status) == "active"
    return Outcome("sent") if is_at_work else Outcome("held", error_code="20005")


def _refused(error: Exception, sender: str) -> Outcome:
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    kind = answers.classify(status, code)
    return Outcome(str(kind), error_code=str(code or status or "unknown")[:40], sender=sender)


def _broken(error: "requests.RequestException", sender: str) -> Outcome:
    """No connection came about: try again. Anything later may have reached Twilio: uncertain."""
    import requests
    from urllib3.exceptions import NewConnectionError

    cause = getattr(error.args[0], "reason", None) if error.args else None
    # Refused, no route, or a name that cannot be resolved.
    never_left = isinstance(error, requests.ConnectTimeout) or isinstance(cause, NewConnectionError)
    code = "refused" if never_left else type(error).__name__
    kind = answers.classify(None, refused=never_left)
    return Outcome(str(kind), error_code=code[:40], sender=sender)


def find(
    settings: Settings, address: str, body: str, since: datetime, prefix: str = ""
) -> list[Outcome]:
    import requests
    from twilio.base.exceptions import TwilioException

    to = f"{prefix}{address}"
    try:
        found = _twilio(settings).messages.list(to=to, date_sent_after=since, limit=50)
    except (TwilioException, requests.RequestException, ValueError):
        return []
    return [
        Outcome(
            str(statuses.forward(Status.UNCERTAIN, str(sent.status)) or Status.SENT),
            provider_id=sent.sid,
            sender=sent.from_,
        )
        for sent in found
        if sent.body == body
    ]


def is_signed_by_twilio(token: str, url: str, form: Any, signature: str | None) -> bool:
    """`form` must be the MultiDict itself: repeated fields count. A missing header is False."""
    from twilio.request_validator import RequestValidator

    if not token or not signature:
        return False
    return RequestValidator(token).validate(url, form, signature)


def twiml(text: str) -> str:
    """An answer for the texter, or silence."""
    from twilio.twiml.messaging_response import MessagingResponse

    response = MessagingResponse()
    if text:
        response.message(text)
    return str(response)
