"""What the lights are called, and what they show."""

from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.admin.queries import Light, Name, State
from clinic.core import saying
from clinic.core.errors import N_
from clinic.messaging import answers
from clinic.messaging.senders.held import Standing

_NAMES = {
    Name.WEB: _l("Web processes"),
    Name.WORKERS: _l("Workers"),
    Name.SCHEDULER: _l("Scheduler"),
    Name.REDIS: _l("Redis"),
    Name.OLDEST_MESSAGE: _l("Oldest due message"),
    Name.OLDEST_REMINDER: _l("Oldest due reminder"),
    Name.FAILED_MESSAGES: _l("Messages that failed, unseen"),
    Name.UNCERTAIN_MESSAGES: _l("Messages uncertain"),
    Name.UNPROVEN_MESSAGES: _l("Messages to unconfirmed addresses, last hour"),
    Name.HELD_BACK_MESSAGES: _l("Messages held back by a limit, last hour"),
    Name.OLDEST_EVENT: _l("Oldest waiting event"),
    Name.EVENTS_SET_ASIDE: _l("Events set aside"),
    Name.WEBHOOKS_STOPPED: _l("Webhooks paused by themselves"),
    Name.FAILED_TASKS: _l("Background tasks failed"),
    Name.TEXTS: _l("SMS provider"),
    Name.LETTERS: _l("Mail server"),
    Name.HELD_SENDER: _l("Held"),
    Name.WHATSAPP_TEMPLATES: _l("WhatsApp templates not approved"),
    Name.REFUSED_SIGN_INS: _l("Sign-ins refused"),
    Name.LOCKED_ACCOUNTS: _l("Accounts locked by wrong tries"),
    Name.TEXTS_FOR_NOBODY: _l("Texts whose sender named no clinic, last week"),
    Name.VISITS_NOT_PROVEN: _l("Visits whose code could not be sent"),
}
_STATES = {
    State.NEVER_SEEN: N_("never seen"),
    State.RUNNING: N_("%(number)s running"),
    State.NOT_EXPECTED: N_("not expected here"),
    State.UNHEARD: N_("runs, but no worker hears it"),
    State.SECONDS_AGO: N_("%(number)s s ago"),
    State.ANSWERS: N_("answers"),
    State.DOWN: N_("down"),
    State.SECONDS: N_("%(number)s s"),
    State.MINUTES_LATE: N_("%(number)s min late"),
    State.LAST_HOUR: N_("%(number)s in the last hour"),
    State.SET_UP: N_("set up"),
    State.NOT_SET_UP: N_("not set up"),
    State.WAIT: N_("%(number)s wait"),
}


_ACCOUNTS = {"twilio": _l("All texts are held"), "smtp": _l("All emails are held")}


def name(light: Light) -> str:
    if light.about:
        sender = light.about.sender
        return str(_ACCOUNTS.get(sender) or _("Held: %(sender)s", sender=sender.partition(":")[2]))
    return str(_NAMES[light.name])


def value(light: Light) -> str:
    if light.state is State.COUNT:
        return str(light.number)
    return _(_STATES[light.state], number=light.number)


def remedy(held: Standing, zone: ZoneInfo) -> list[str]:
    """What is wrong, and what to do: three sentences."""
    answer = answers.ANSWERS.get(held.error_code)
    why = _(answer.words) if answer else held.error_code
    return [
        _(
            "Since %(when)s: %(why)s (%(code)s).",
            when=saying.moment(held.since, zone),
            why=why,
            code=held.error_code,
        ),
        _(answer.remedy) if answer else "",
        _("Nothing is lost: it is tried again by itself, and goes on as soon as it can."),
    ]
