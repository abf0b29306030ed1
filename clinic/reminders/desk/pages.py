"""How reminders are shown, entered and refused on pages."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.core import clock, saying
from clinic.core.errors import ClinicError
from clinic.core.web import forms, htmx
from clinic.doctors import queries as doctors
from clinic.messaging.queueing import queries as messaging
from clinic.organisations import queries as organisations
from clinic.patients.people import queries as patients
from clinic.reminders import delivered, queries
from clinic.reminders.desk import words
from clinic.reminders.desk.forms import DeskForm, ReminderForm
from clinic.reminders.keeping import make
from clinic.reminders.own import plain, recipients, wording
from clinic.reminders.queries import Listed

# What a command calls a field, and the page another name or part of one.
FIELDS = {
    "delivery_time": "day",
    "recurrence": "again",
    "patient_id": "find",
    "reminder_metadata.to": "address",
    "recipients": "to",
    "recipients.doctor_id": "doctor",
    "recipients.visits_from": "visits_from",
    "recipients.visits_to": "visits_to",
}
_KEYS = {
    "named": "patient_ids",
    "all": "everyone",
    "visits": "visits_from",
    "of_doctor": "doctor_id",
}


def to(name: str, **values: Any) -> str:
    return url_for(f"{request.blueprint}.{name}", **values)


def zone() -> ZoneInfo:
    """In which times are entered and shown: at work the organisation's."""
    if current_user.is_patient:
        return clock.zone(make.usual_zone(current_user.actor))
    return clock.zone(organisations.timezone_of(current_user.organisation_id))


def names(found: Iterable[Listed]) -> dict[str, Any]:
    """Of whom and what the lines speak."""
    whose = {one.patient_id for one in found if one.patient_id}
    named: dict[str, str] = {}
    if not current_user.is_patient:
        here = doctors.of_organisation(current_user.organisation_id)
        named = {str(key): name for key, name in here}
    return {"people": queries.names_of(whose), "doctors": named}


def around() -> dict[str, Any]:
    here = zone()
    return {
        "to": to,
        "words": words,
        "zone": here,
        "zone_label": saying.zone(clock.now(), here),
        "is_desk": not current_user.is_patient,
    }


def as_entered(kept: Listed) -> dict[str, Any]:
    wall = kept.delivery_time.astimezone(clock.zone(kept.timezone))
    chosen = plain.chosen_of(kept.recurrence, wall.date())
    choice = kept.choice or {}
    who = next((name for name, key in _KEYS.items() if choice.get(key)), None)
    if who is None:
        who = "address" if kept.to_address else "one" if kept.patient_id else "me"
    return {
        "title": kept.title, "message": kept.message, "type": kept.type,
        "method": kept.method or "", "again": chosen.again,
        "day": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}",
        "days": list(chosen.days), "until": chosen.until.isoformat() if chosen.until else None,
        "to": who, "patient": str(kept.patient_id) if kept.patient_id else None,
        "doctor": choice.get("doctor_id"), "visits_from": choice.get("visits_from"),
        "visits_to": choice.get("visits_to"), "address": kept.to_address,
    }  # fmt: skip


def form_for(kept: Listed | None, formdata: Any, **values: Any) -> ReminderForm:
    rule = kept.recurrence if kept else None
    wall = kept.delivery_time.astimezone(clock.zone(kept.timezone)).date() if kept else None
    is_odd = wall is not None and plain.chosen_of(rule, wall).again == plain.KEPT
    given: dict[str, Any] = {
        "ways": messaging.ways(current_user.organisation_id),
        "kept": rule if is_odd else None,
    }
    if current_user.is_patient:
        return ReminderForm(formdata, **given, **values)
    here = doctors.of_organisation(current_user.organisation_id)
    named = len((kept.choice or {}).get("patient_ids", ())) if kept else 0
    return DeskForm(formdata, **given, doctors=here, named=named, **values)


def unmoved(kept: Listed | None, values: dict[str, Any]) -> dict[str, Any]:
    """The page knows minutes alone: who changes the words does not move the seconds, and what a
    program noted stays."""
    if kept is None:
        return values
    at: datetime = values["delivery_time"]
    if f"{kept.delivery_time:%Y%m%d%H%M}" == f"{at:%Y%m%d%H%M}":
        values = values | {"delivery_time": kept.delivery_time}
    if "details" in values:
        noted = {key: value for key, value in (kept.details or {}).items() if key != "to"}
        values = values | {"details": noted | values["details"]}
    return values


def found_by(form: ReminderForm) -> list[Any] | None:
    asked = form.find.data if isinstance(form, DeskForm) else None
    return patients.search(current_user.organisation_id, asked) if asked else None


def preview_of(values: dict[str, Any]) -> wording.Preview:
    place, method = make.sender_of(current_user.actor), values["method"] or "sms"
    return wording.preview(place, method, values["title"], values["message"])


def reach_of(values: dict[str, Any]) -> int | None:
    choice = values.get("choice")
    return recipients.count(choice, current_user.organisation_id) if choice else None


def form_page(
    form: ReminderForm,
    kept: Listed | None,
    status: int = 200,
    problem: str | None = None,
    **shown: Any,
) -> Response:
    return htmx.render(
        "reminders/desk/form.html",
        partial="reminders/desk/_form.html",
        status=status,
        form=form,
        kept=kept,
        problem=problem,
        chosen=_chosen(form),
        **shown,
        **around(),
    )


def show_page(reminder_id: UUID, status: int = 200, problem: str | None = None) -> Response:
    one = queries.one(current_user.actor, reminder_id)
    deliveries = delivered.deliveries(current_user.actor, reminder_id)
    known = names([one])
    if not current_user.is_patient:
        told = {each.patient_id for each in deliveries if each.patient_id}
        known["people"] |= queries.names_of(told)
    return htmx.render(
        "reminders/desk/show.html",
        partial="reminders/desk/_show.html",
        status=status,
        one=one,
        problem=problem,
        deliveries=deliveries,
        may_keep=not one.appointment_id and queries.may_keep(current_user.actor, one.author_id),
        is_open=one.status in ("planned", "paused"),
        **known,
        **around(),
    )


def _chosen(form: ReminderForm) -> patients.FoundPerson | None:
    """The patient it is for, if they are the reader's."""
    if not isinstance(form, DeskForm) or not form.patient.data:
        return None
    found = patients.of_organisation(current_user.organisation_id, UUID(form.patient.data))
    if found is None:
        form.patient.data = None
    return found


def blame(form: ReminderForm, error: ClinicError) -> str | None:
    """What a command refused, beside the page's fields; what none of them can say is returned."""
    error.errors = tuple(
        replace(one, field=FIELDS.get(one.field, one.field)) for one in error.errors
    )
    return forms.blame(form, error)
