"""Templates of WhatsApp at Twilio: put there, handed in to WhatsApp, asked about.

No transaction may be open here. All raise Unavailable where the provider cannot be asked now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

from clinic.config import Settings
from clinic.core.errors import N_, Unavailable
from clinic.messaging.channels import twilio

T = TypeVar("T")
MOST = 1000
NOT_HANDED_IN = "unsubmitted"
REJECTED = "rejected"
_OURS_OR_LATER = (401, 403, 408, 429)  # says nothing of the template


@dataclass(frozen=True, slots=True)
class Approval:
    status: str  # unsubmitted, received, pending, approved, rejected, paused or disabled
    reason: str = ""


class NotTaken(Exception):
    """The provider refused the request itself."""

    def __init__(self, reason: str) -> None:
        self.reason = reason[:500]


def names(settings: Settings) -> dict[str, str]:
    """The sids of all templates of the account, by name."""
    listed = _ask(lambda: twilio.client(settings).content.v1.contents.list(limit=MOST))
    return {str(one.friendly_name): str(one.sid) for one in listed}


def create(
    settings: Settings,
    name: str,
    language: str,
    samples: Mapping[str, str],
    types: Mapping[str, Any],
) -> str:
    """Its sid. Raises NotTaken."""
    # The SDK's own request says null for each kind it is not.
    wanted: Any = _request(
        friendly_name=name, language=language, variables=dict(samples), types=dict(types)
    )
    return str(_ask(lambda: twilio.client(settings).content.v1.contents.create(wanted)).sid)


def hand_in(settings: Settings, sid: str, name: str, category: str) -> Approval:
    """To WhatsApp, for approval. What is refused at once is rejected."""
    wanted: Any = _request(name=name, category=category)
    content = twilio.client(settings).content.v1.contents(sid)
    try:
        said = _ask(lambda: content.approval_create.create(wanted))
    except NotTaken as error:
        return Approval(REJECTED, error.reason)
    return Approval(str(said.status or NOT_HANDED_IN), str(said.rejection_reason or "")[:500])


def approval(settings: Settings, sid: str) -> Approval:
    """What WhatsApp says of it now; of one that is gone there: rejected."""
    content = twilio.client(settings).content.v1.contents(sid)
    try:
        said = _ask(lambda: content.approval_fetch().fetch())
    except NotTaken as error:
        return Approval(REJECTED, error.reason)
    known = said.whatsapp or {}
    status = str(known.get("status") or NOT_HANDED_IN)
    return Approval(status, str(known.get("rejection_reason") or "")[:500])


def _request(**said: Any) -> SimpleNamespace:
    return SimpleNamespace(to_dict=lambda: said)


def _ask(call: Callable[[], T]) -> T:
    import requests
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        return call()
    except TwilioRestException as error:
        if 400 <= error.status < 500 and error.status not in _OURS_OR_LATER:
            raise NotTaken(f"{error.code}: {error.msg}") from error
        raise Unavailable(N_("The provider cannot be asked now. Try again later.")) from error
    except (TwilioException, requests.RequestException, ValueError) as error:
        raise Unavailable(N_("The provider cannot be asked now. Try again later.")) from error
