"""Texts by Twilio's own SDK, imported where it is used with what it calls by: pages have no need.

SMS and WhatsApp share it; the `prefix` of an address tells Twilio which of the two.
"""

import json
import logging
import re
import threading
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from clinic.config import Settings
from clinic.config.settings import TWILIO
from clinic.core import clock
from clinic.messaging import answers, statuses
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.statuses import Status

if TYPE_CHECKING:
    import requests
    from twilio.http.response import Response
    from twilio.rest import Client

CONNECT_S, READ_S = 3, 10  # together within the 15 s of lease a call may begin with
STATUS_PATH = "/api/v1/twilio/status"
SERVICE = re.compile(r"MG[0-9a-f]{32}")
LONGEST_VALID_S = 36_000
_SMART = {  # what Twilio's smart encoding puts plain letters for
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4`"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), ""),
    **dict.fromkeys(map(ord, "\u2022\u00b7"), "*"),
    ord("\u2026"): "...",
    ord("\u2044"): "/",
}
E164 = re.compile(r"\+[1-9][0-9]{4,14}")

# The SDK writes addresses, and with them telephone numbers, into its log.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


def is_set_up(settings: Settings) -> bool:
    return bool(settings.twilio_account_sid)


def is_whole(settings: Settings) -> bool:
    return bool(settings.twilio_account_sid and all(settings.twilio_login))


def is_number(address: str) -> bool:
    return E164.fullmatch(address) is not None


@lru_cache(maxsize=200)  # twice as many as there may be threads
def _client(
    sid: str, login: tuple[str, str], place: tuple[str, str], base: str, _thread: int
) -> "Client":
    """One for each thread: the SDK's keeps its last answer in itself, and returns it from there."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Rebased(TwilioHttpClient):
        """Twilio's client with time-outs, no retries of its own, and TWILIO_API_BASE."""

        def __init__(self) -> None:
            super().__init__(timeout=READ_S, max_retries=0)
            self.timeout = (CONNECT_S, READ_S)  # the constructor takes one number only

        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> "Response":
            if base != TWILIO:  # a stand-in answers for all of Twilio's names
                there = urlsplit(base)
                parts = urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc)
                url = urlunsplit(parts)
            return super().request(method, url, *args, **kwargs)

    edge, region = place
    # Else the SDK would look into the process's own.
    environment = {"TWILIO_EDGE": edge, "TWILIO_REGION": region}
    return Client(*login, account_sid=sid, http_client=Rebased(), environment=environment)


def client(settings: Settings) -> "Client":
    """Signed in, for the thread that asks."""
    return _client(
        settings.twilio_account_sid,
        settings.twilio_login,
        settings.twilio_place,
        settings.twilio_api_base,
        threading.get_ident(),
    )


def load(settings: Settings) -> None:
    """Import what `send` needs; the SDK fetches the rest of itself when it is first asked."""
    _ = client(settings).messages


def send(
    settings: Settings, claim: Claim, content: Content, sender: str, prefix: str = ""
) -> Outcome:
    import requests
    from twilio.base.exceptions import TwilioException

    try:
        sent = client(settings).messages.create(
            to=f"{prefix}{claim.address}",
            **_said(content),
            **_from(sender, prefix),
            **_reported_to(settings, claim),
            **({} if prefix else {**_useful_for(claim), **_judged(claim)}),
        )
    except TwilioException as error:
        return _refused(error, sender)
    except requests.RequestException as error:
        return _broken(error, sender)
    except ValueError:  # it was taken, but the answer cannot be read
        return Outcome("uncertain", error_code="unreadable", sender=sender)
    return Outcome("sent", provider_id=sent.sid, sender=sender)


def _said(content: Content) -> dict[str, Any]:
    if content.template:
        return {"content_sid": content.template, "content_variables": content.variables}
    return {"body": content.text}


def _from(sender: str, prefix: str) -> dict[str, Any]:
    """A messaging service chooses the number itself."""
    if is_service(sender):
        return {"messaging_service_sid": sender}
    return {"from_": f"{prefix}{sender}"}


def is_service(sender: str) -> bool:
    return SERVICE.fullmatch(sender) is not None


def _reported_to(settings: Settings, claim: Claim) -> dict[str, Any]:
    """It names our message, so that a report can come before we know the provider's id."""
    if not settings.public_base_url:
        return {}
    base = settings.public_base_url.rstrip("/")
    return {"status_callback": f"{base}{STATUS_PATH}?m={claim.id}"}


def _useful_for(claim: Claim) -> dict[str, Any]:
    """How long the provider may try: what would arrive after it is of use, it must drop."""
    if claim.expires_at is None:
        return {}
    left = int((claim.expires_at - clock.now()).total_seconds())
    return {"validity_period": min(max(left, 1), LONGEST_VALID_S)}


def _judged(claim: Claim) -> dict[str, Any]:
    """Numbers that strangers typed the provider judges first, and refuses where texts to them are
    known to make somebody money."""
    return {} if claim.is_known else {"risk_check": "enable"}


def client_by_token(settings: Settings) -> "Client":
    """Signed in by the account's own token, whatever else calls sign in by."""
    login = (settings.twilio_account_sid, settings.twilio_auth_token)
    base, thread = settings.twilio_api_base, threading.get_ident()
    return _client(settings.twilio_account_sid, login, settings.twilio_place, base, thread)


def probe(settings: Settings) -> Outcome:
    """Whether we may sign in, and whether the account is at work.

    A key may ask for everything but the account itself (401 for ever); an account that is not at
    work refuses all of it.
    """
    import requests
    from twilio.base.exceptions import TwilioException

    try:
        if signs_in_by_key(settings):
            client(settings).messages.list(limit=1)
            return Outcome("sent")
        account = client(settings).api.accounts(settings.twilio_account_sid).fetch()
    except (TwilioException, requests.RequestException, ValueError) as error:
        return outcome_of(error)
    is_at_work = str(account.status) == "active"
    return Outcome("sent") if is_at_work else Outcome("held", error_code="20005")


def signs_in_by_key(settings: Settings) -> bool:
    return settings.twilio_login[0] != settings.twilio_account_sid


def outcome_of(error: Exception) -> Outcome:
    """Of a question that met this error."""
    import requests
    from twilio.base.exceptions import TwilioException

    if isinstance(error, requests.RequestException):  # some of which are ValueErrors, too
        return _broken(error, "")
    if isinstance(error, TwilioException):
        return _refused(error, "")
    return Outcome("uncertain", error_code="unreadable")


def answered(error: Exception) -> tuple[int | None, int | None]:
    """The status and the code the provider answered with; of a list the SDK hides them."""
    if hasattr(error, "status"):
        return error.status, getattr(error, "code", None)
    answer = error.args[1] if len(error.args) > 1 else None
    status = getattr(answer, "status_code", None)
    try:
        code = json.loads(getattr(answer, "text", "") or "{}").get("code")
    except (ValueError, AttributeError):
        code = None
    return status, code if isinstance(code, int) else None


def _refused(error: Exception, sender: str) -> Outcome:
    status, code = answered(error)
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
    settings: Settings, address: str, said: Collection[str], since: datetime, prefix: str = ""
) -> list[Outcome]:
    import requests
    from twilio.base.exceptions import TwilioException

    to, words = f"{prefix}{address}", tuple(_plain(one) for one in said)
    try:
        found = client(settings).messages.list(to=to, date_sent_after=since, limit=50)
    except (TwilioException, requests.RequestException, ValueError):
        return []
    return [
        Outcome(
            str(statuses.forward(Status.UNCERTAIN, str(sent.status)) or Status.SENT),
            provider_id=sent.sid,
            sender=sent.from_,
        )
        for sent in found
        if _plain(sent.body or "").endswith(words)  # a trial account's begin with others
    ]


def _plain(text: str) -> str:
    """As a messaging service may have changed it, so that it takes fewer parts."""
    return " ".join(text.translate(_SMART).split())


def is_signed_by_twilio(
    tokens: Collection[str], url: str, form: Any, signature: str | None
) -> bool:
    """By any of these. `form` must be the MultiDict itself: repeated fields count. A missing
    header is False."""
    from twilio.request_validator import RequestValidator

    if not signature:
        return False
    return any(RequestValidator(token).validate(url, form, signature) for token in tokens if token)


def twiml(text: str) -> str:
    """An answer for the texter, or silence."""
    from twilio.twiml.messaging_response import MessagingResponse

    response = MessagingResponse()
    if text:
        response.message(text)
    return str(response)
