"""What is said to whoever makes the rules of reminders."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from clinic.core import saying
from clinic.reminders.rules.queries import Listed, Progress

ADDED = _l("The reminder is added.")
SAVED = _l("Saved.")
DELETED = _l("The reminder is deleted.")
AUDIENCES = {"patient": _l("The patient"), "doctor": _l("The doctor")}
CHANNELS = {
    "own": _l("As each of them is written to"),
    "sms": _l("Text message"),
    "whatsapp": _l("WhatsApp"),
    "email": _l("Email"),
}
UNITS = {"minutes": _l("Minutes"), "hours": _l("Hours"), "days": _l("Days")}
_WAYS = {
    "own": _l("as each patient is written to"),
    "sms": _l("by text message"),
    "whatsapp": _l("by WhatsApp"),
    "email": _l("by email"),
}


def sentence(rule: Listed) -> str:
    """`1 day before, by email`"""
    ahead = saying.duration(rule.minutes_before)
    if rule.audience == "patient":
        return _("%(duration)s before, %(way)s", duration=ahead, way=_WAYS[rule.channel])
    way = _WAYS["sms" if rule.channel == "own" else rule.channel]
    return _("%(duration)s before, to the doctor, %(way)s", duration=ahead, way=way)


def progress(now: Progress) -> str:
    """What the last change meant for visits that are booked."""
    if not now.is_done:
        return _("The reminders of visits to come are being planned anew.")
    said = [
        ngettext("%(num)d reminder was added", "%(num)d reminders were added", now.planned),
        ngettext("%(num)d was moved", "%(num)d were moved", now.moved),
        ngettext("%(num)d was taken back", "%(num)d were taken back", now.withdrawn),
    ]
    counts = (now.planned, now.moved, now.withdrawn)
    changed = [words for words, count in zip(said, counts, strict=True) if count]
    if not changed:
        return _("The last change altered nothing for visits to come.")
    return _("For visits to come: %(changes)s.", changes=", ".join(changed))
