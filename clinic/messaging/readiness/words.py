"""What the page of readiness says."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core import saying
from clinic.messaging.desk import words as desk
from clinic.messaging.proving.checks import Check, State
from clinic.messaging.readiness.queries import Proof, Way
from clinic.messaging.readiness.trial import Trial

CHANNELS = desk.CHANNELS
NAMES = {
    "provider": _l("Provider"),
    "credentials": _l("Sign-in"),
    "sender": _l("Sender"),
    "inbound_address": _l("Way back"),
    "public_address": _l("Our address"),
    "registration": _l("Registration"),
    "opt_outs": _l("STOP and START"),
    "rate": _l("Pace"),
    "templates": _l("Templates"),
    "reports": _l("Reports"),
    "answers": _l("Answers"),
    "mail_server": _l("Mail server"),
    "domain": _l("Domain"),
}
ASKED = _l("The check has begun. It takes half a minute at most.")
POINTED = _l("What people write there comes here now. It is being checked.")
TEST_SENT = _l("The test is on its way.")
reason = desk.reason_alone
moment = saying.moment


def level(state: State) -> str:
    """The badge."""
    return "info" if state is State.UNKNOWN else str(state)


def name(check: Check) -> str:
    return str(NAMES.get(check.name, check.name))


def sentence(check: Check, zone: ZoneInfo) -> str:
    return _filled(check.words, check, zone)


def remedy(check: Check, zone: ZoneInfo) -> str:
    return _filled(check.remedy, check, zone).strip() if check.remedy else ""


def _filled(words: str, check: Check, zone: ZoneInfo) -> str:
    values = dict(check.values)
    if "when" in values:
        values["when"] = saying.moment(datetime.fromisoformat(values["when"]), zone)
    return _(words, **values) if values else _(words)


def overall(proof: Proof) -> str:
    bad = [one for one in proof.checks if one.state in (State.DANGER, State.WARNING)]
    return _("%(number)s to look at", number=len(bad)) if bad else _("All well")


def way_level(way: Way) -> str:
    if way.held:
        return "danger"
    if way.can_send and way.is_set_up:
        return "ok"
    return "warning" if way.is_set_up and not _is_unused(way) else "info"


def _is_unused(way: Way) -> bool:
    """Nobody must write by WhatsApp."""
    return way.channel == "whatsapp" and not way.senders


def way_state(way: Way) -> str:
    if way.held:
        return _("Held")
    if way.can_send and way.is_set_up:
        return _("Set up")
    if _is_unused(way):
        return _("Not used")
    return _("Half set up") if way.is_set_up else _("Not set up")


def age(way: Way) -> str:
    """In whole minutes, hours or days, by the largest that is full."""
    minutes = int(way.oldest_s // 60)
    unit = 1440 if minutes >= 1440 else 60 if minutes >= 60 else 1
    return saying.duration(minutes // unit * unit) if minutes else _("less than a minute")


def trial_level(trial: Trial) -> str:
    if trial.answered_at:
        return "ok"
    if trial.status in ("failed", "skipped", "cancelled", "uncertain"):
        return "danger"
    if trial.can_be_answered or trial.is_open:
        return "info" if trial.is_open else "warning"
    return "ok"


def trial_told(trial: Trial, zone: ZoneInfo) -> str:
    """How far it came, in a sentence."""
    if trial.answered_at:
        when = saying.moment(trial.answered_at, zone)
        return _("The answer arrived %(when)s: messages go and come.", when=when)
    if trial.status in ("failed", "skipped", "cancelled"):
        return _("It did not go: %(reason)s.", reason=desk.reason(trial.error_code))
    if trial.status == "uncertain":
        return _("Nobody knows whether it went. Look at it under Messages.")
    if trial.status in ("queued", "sending"):
        return _("It waits to be sent.")
    if trial.can_be_answered:
        if not trial.is_open:
            return _("No answer has arrived. Look at where answers are brought, above.")
        return _("It was sent. Reply OK from your phone: this page shows when that arrives.")
    if trial.status == "delivered":
        return _("It arrived.")
    return _("It was sent. Look whether it is there.")
