"""What pages say of reminders."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import ValidationError

from clinic.core import clock, saying
from clinic.messaging.desk import words as ledger
from clinic.messaging.wording import words as messages
from clinic.reminders.own import plain
from clinic.reminders.queries import Listed

TYPES = {
    "notification": _l("Notification"),
    "medication": _l("Medication"),
    "follow_up": _l("Follow-up"),
    "deadline": _l("Deadline"),
    "appointment": _l("Appointment"),
}
AGAIN = {
    plain.ONCE: _l("Once"),
    plain.DAILY: _l("Every day"),
    plain.WEEKDAYS: _l("Monday to Friday"),
    plain.WEEKLY: _l("Every week on certain days"),
    plain.MONTHLY: _l("Every month"),
}
TO = {
    "one": _l("One patient"),
    "all": _l("All active patients"),
    "of_doctor": _l("A doctor's patients"),
    "visits": _l("Who has a visit in certain days"),
    "address": _l("A number or address"),
    "me": _l("Me"),
}
STATUSES = {"planned": _l("Planned"), "paused": _l("Paused")} | ledger.STATUSES
COLOURS = {"planned": "scheduled", "paused": "pending"}  # of badges
SAVED = _l("Saved.")
PAUSED = _l("Paused. It waits until you resume it.")
RESUMED = _l("It goes on.")
CANCELLED = _l("Cancelled. It is not sent any more.")
SENT = _l("On its way.")
NOT_A_DAY = _l("Choose a day")
NOT_A_TIME = _l("Choose a time such as 09:00")
CHOOSE_PATIENT = _l("Find the patient, and choose them")
CHOOSE_DOCTOR = _l("Choose a doctor")
CHOOSE_WHO = _l("Choose who gets it")
ENTER_ADDRESS = _l("Enter a number or an address")
ENTER_DAYS = _l("Choose a first and a last day")
NOBODY_FOUND = _l("Nobody found by that. Try the number, or fewer letters.")

moment = saying.moment
reason = ledger.reason


def wrong(said: Any) -> ValidationError:
    return ValidationError(str(said))


def status(name: str) -> str:
    return str(STATUSES.get(name, name))


def colour(name: str) -> str:
    return COLOURS.get(name, name)


def title(one: Listed) -> str:
    """Its own, or what is told of which visit: `Reminder: Dr Asha Rao, Tue 24 Nov, 09:30`."""
    if one.title or one.visit_at is None:
        return one.title or ""
    return _(
        "%(what)s: %(doctor)s, %(when)s",
        what=ledger.title(one.template or ""),
        doctor=one.doctor,
        when=saying.moment(one.visit_at, clock.zone(one.timezone)),
    )


def rule(text: str | None, first: date | None = None) -> str:
    """How often; the rule itself where no plain words stand for it."""
    chosen = plain.chosen_of(text, first or date(2026, 1, 1))
    if chosen.again == plain.KEPT:
        return text or ""
    said = str(AGAIN[chosen.again])
    if chosen.again == plain.WEEKLY:
        days = (saying.weekday(date(2026, 11, 16 + day)) for day in chosen.days)
        said = _("Every week on %(days)s", days=", ".join(days))
    if not chosen.until:
        return said
    last = saying.day(chosen.until, clock.now().year)
    return _("%(often)s until %(day)s", often=said, day=last)


def whom(one: Listed, people: Mapping[UUID, str], doctors: Mapping[str, str], me: UUID) -> str:
    """Who gets it."""
    if one.choice:
        return _chosen(one.choice, doctors)
    name = people.get(one.patient_id, "") if one.patient_id else ""
    if one.to_address:
        return f"{name}, {one.to_address}" if name else one.to_address
    if one.patient_id:
        return name
    return _("You") if one.author_id == me else _("Who made it")


def _chosen(choice: Mapping[str, Any], doctors: Mapping[str, str]) -> str:
    if "patient_ids" in choice:
        return named(len(choice["patient_ids"]))
    if choice.get("everyone"):
        return str(TO["all"])
    said = []
    if doctor_id := choice.get("doctor_id"):
        said.append(_("Patients of %(name)s", name=doctors.get(doctor_id, "")))
    if choice.get("visits_from"):
        year = clock.now().year
        first, last = (
            saying.day(date.fromisoformat(choice[name]), year)
            for name in ("visits_from", "visits_to")
        )
        said.append(_("Visits %(first)s to %(last)s", first=first, last=last))
    return ", ".join(said)


def named(many: int) -> str:
    return ngettext("%(num)s patient", "%(num)s patients", many)


size = messages.size


def reach(many: int) -> str:
    return ngettext("Goes to %(num)s person now.", "Goes to %(num)s people now.", many)
