"""What the ledger says of a message: its name, why it ended, what happened to it and when."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core import clock, saying
from clinic.messaging import answers
from clinic.messaging.desk.narrowing import Filter
from clinic.messaging.desk.queries import Happening, What
from clinic.messaging.words import catalogue

_REASONS = {
    "no_address": _l("there is no number or address"),
    "stale": _l("the visit had begun"),
    "opted_out": _l("the person wants no texts"),
    "unreachable": _l("the number cannot be reached"),
    "too_many": _l("too many messages went out in a short time; call, or send it again later"),
    "not_configured": _l("no provider is set up"),
    "not_approved": _l(
        "WhatsApp has not approved these words, and the person has not written lately"
    ),
    "by_desk": _l("somebody at the clinic stopped it"),
    "no_answer": _l("the worker stopped in the middle of the call"),
}
_ENDS = {"skipped": _l("Skipped"), "cancelled": _l("Cancelled")}
_OUTCOMES = {  # of an attempt: the words, and the status whose colour they have
    "sent": (_l("The provider took it"), "sent"),
    "delivered": (_l("Delivered"), "delivered"),
    "retry": (_l("Not taken, will be tried again"), "queued"),
    "uncertain": (_l("No clear answer: it may have been taken"), "uncertain"),
    "failed": (_l("Refused"), "failed"),
    "held": (_l("Not taken: a fault of ours, it waits"), "queued"),
    "opted_out": (_l("Refused"), "failed"),
    "unreachable": (_l("Refused"), "failed"),
    "skipped": (_l("Not sent"), "skipped"),
}
_REPORTS = {
    **dict.fromkeys(("delivered", "read"), "delivered"),
    **dict.fromkeys(("failed", "undelivered"), "failed"),
}

STATUSES = {
    "queued": _l("Queued"),
    "sending": _l("Sending"),
    "sent": _l("Sent"),
    "delivered": _l("Delivered"),
    "failed": _l("Failed"),
    "uncertain": _l("Uncertain"),
    "skipped": _l("Skipped"),
    "cancelled": _l("Cancelled"),
    "received": _l("Received"),
}
DIRECTIONS = {"out": _l("Sent by the clinic"), "in": _l("Received")}
CHANNELS = {"sms": _l("SMS"), "whatsapp": _l("WhatsApp"), "email": _l("Email")}

moment = saying.moment


def filters(asked: Filter, since: date | None, until: date | None) -> str:
    """What the list was narrowed to, but for what needs a look: `+4477, Failed, since 16 Nov`."""
    year = clock.now().year
    named = [
        asked.address,
        *(str(STATUSES.get(one, one)) for one in asked.statuses),
        *(str(CHANNELS.get(one, one)) for one in asked.channels),
        str(DIRECTIONS.get(asked.direction, asked.direction)),
        *(title(one) for one in asked.kinds),
        _("since %(day)s", day=saying.day(since, year)) if since else "",
        _("until %(day)s", day=saying.day(until, year)) if until else "",
    ]
    return ", ".join(one for one in named if one)


def kinds() -> list[tuple[str, str]]:
    """Every message there is, by its name, for people to choose from."""
    found = {name: title(name) for name in (*catalogue.TEMPLATES, catalogue.INBOUND)}
    return sorted(found.items(), key=lambda one: one[1].casefold())


def seen() -> str:
    return _("Marked as seen.")


def title(template: str) -> str:
    """The bare name of a template that this version does not know."""
    return _(catalogue.title_of(template))


def reason(code: str | None) -> str:
    """Why it went no further, for the middle of a line; empty while nothing is wrong."""
    if not code:
        return ""
    if code in _REASONS:
        return str(_REASONS[code])
    known = answers.ANSWERS.get(code)
    return _(known.words) if known else _("error %(code)s", code=code)


def reason_alone(code: str | None) -> str:
    """The same as a sentence of its own, without the full stop."""
    words = reason(code)
    return words[:1].upper() + words[1:]


def what(step: Happening) -> str:
    if step.what is What.ATTEMPT:
        return _("Attempt %(number)s", number=step.detail)
    if step.what is What.REPORT:
        return _("Reported: %(status)s", status=step.detail)
    if step.what is What.OUTCOME:
        return str(_OUTCOMES[step.detail][0]) if step.detail in _OUTCOMES else step.detail
    if step.what is What.ENDED:
        return str(_ENDS.get(step.detail, step.detail))
    if step.what is What.AGAIN:
        way = str(CHANNELS.get(step.detail, step.detail))
        return _("Sent again by %(channel)s", channel=way)
    if step.what is What.QUEUED and step.message_id:
        return _("Queued, to say it again")
    return _("Received") if step.what is What.RECEIVED else _("Queued")


def colour(step: Happening) -> str:
    """The status whose colour the step has."""
    if step.what in (What.ATTEMPT, What.AGAIN):
        return "sending"
    if step.what is What.REPORT:
        return _REPORTS.get(step.detail, "info")
    if step.what is What.OUTCOME:
        return _OUTCOMES[step.detail][1] if step.detail in _OUTCOMES else "info"
    return step.detail or str(step.what)
