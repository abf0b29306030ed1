"""What is said of webhooks, and of what came of their calls."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.hooks import catalogue
from clinic.hooks.models import BY_HAND, FAILING, GONE, Webhook, WebhookAttempt

SAVED = _l("Saved.")
DELETED = _l("Deleted. It is told nothing more.")
PAUSED = _l("Paused. What happens meanwhile is kept for a day.")
RESUMED = _l("Resumed.")
SENT = _l("It goes out in a moment. Load the page again to see what came of it.")

GROUPS = {
    "address": _l("Opt-outs of texts"),
    "appointment": _l("Visits"),
    "conversation": _l("Conversations of the desk"),
    "doctor": _l("Doctors"),
    "inbox": _l("Inbox of the desk"),
    "location": _l("Places"),
    "message": _l("Messages"),
    "organisation": _l("Organisation"),
    "patient": _l("Patients"),
    "reminder": _l("Reminders"),
    "schedule": _l("Hours"),
    "sender": _l("Senders of messages"),
    "sender_identity": _l("Sender identities"),
    "settings": _l("Rules of booking"),
    "time_off": _l("Time off"),
    "user": _l("Accounts of people at work"),
    "webhook": _l("Webhooks"),
}
_WHY = {
    BY_HAND: _l("Paused by hand."),
    FAILING: _l("Paused by itself: no call has worked for a day."),
    GONE: _l("Paused by itself: the program there answered that it is gone for good."),
}
_ERRORS = {
    "bad_address": _l("The address is not one that we call"),
    "unknown_name": _l("Nobody has this name"),
    "not_public": _l("The name does not lead to the public internet"),
    "refused": _l("Nobody listens there"),
    "bad_certificate": _l("The certificate there proves nothing"),
    "too_slow": _l("No answer within 5 seconds"),
    "broken": _l("What came back was no answer"),
    "no_secret": _l("The secret cannot be read any more: make a new one"),
}
_STATUSES = {
    "waiting": ("queued", _l("Waiting")),
    "delivered": ("delivered", _l("Delivered")),
    "failed": ("failed", _l("Failed")),
}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


def choices() -> list[tuple[str, list[Choice]]]:
    """By group: its title, all of it, and each of its events."""
    found = []
    for group, names in catalogue.groups().items():
        title = str(GROUPS.get(group, group.replace("_", " ").capitalize()))
        together = [Choice(f"{group}.*", _("All of these, and what comes later"))]
        together += [Choice(one, _steps(one)) for one in catalogue.topics(names)]
        found.append((title, [*together, *(Choice(name, name) for name in names)]))
    return sorted(found, key=lambda one: one[0])


def _steps(topic: str) -> str:
    return _("All later steps together (%(topic)s)", topic=topic)


def state(webhook: Webhook) -> tuple[str, str]:
    """The colour and the words."""
    if webhook.pause_reason:
        return ("skipped" if webhook.pause_reason == BY_HAND else "danger"), _("Paused")
    if webhook.failing_since:
        return "warning", _("Failing")
    return "ok", _("Active")


def why_paused(webhook: Webhook) -> str:
    return str(_WHY.get(webhook.pause_reason or "", ""))


def status(name: str) -> tuple[str, str]:
    """The colour and the words of a delivery."""
    colour, words = _STATUSES[name]
    return colour, str(words)


def outcome(attempt: WebhookAttempt) -> str:
    """Of one call."""
    if attempt.error:
        return str(_ERRORS.get(attempt.error, attempt.error))
    return _("Answered %(status)s", status=attempt.status_code)
