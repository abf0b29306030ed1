"""What the page of readiness says."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core import saying
from clinic.messaging.desk import words as desk
from clinic.messaging.proving.checks import Check, State
from clinic.messaging.readiness.queries import Proof, Way

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
    "reports": _l("Reports"),
    "answers": _l("Answers"),
    "mail_server": _l("Mail server"),
    "domain": _l("Domain"),
}
ASKED = _l("The check has begun. It takes half a minute at most.")
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
    return "warning" if way.is_set_up else "info"


def way_state(way: Way) -> str:
    if way.held:
        return _("Held")
    if way.can_send and way.is_set_up:
        return _("Set up")
    return _("Half set up") if way.is_set_up else _("Not set up")


def age(way: Way) -> str:
    minutes = int(way.oldest_s // 60)
    return _("less than a minute") if minutes < 1 else _("%(number)s min", number=minutes)
