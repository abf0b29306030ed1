"""What is still free when the picked slot is not, or when a visit is to move."""

import contextlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask import request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from clinic.access.roles import BOOK_FOR_PATIENTS
from clinic.appointments.booking import words
from clinic.appointments.booking.forms import BookingForm
from clinic.appointments.errors import SlotNotOffered
from clinic.appointments.models import LONGEST_REASON
from clinic.appointments.offer import choice, diary
from clinic.appointments.offer.practice import practices, practices_of
from clinic.appointments.reading import own
from clinic.appointments.reading.own import Own
from clinic.core import clock, saying
from clinic.core.data.encryption import Undecipherable, decrypt, encrypt
from clinic.core.errors import N_, NotFound
from clinic.doctors import queries as doctor_queries
from clinic.doctors import words as doctor_words
from clinic.doctors.words import Day
from clinic.organisations.site.queries import Site

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Left:
    doctor: str
    doctor_url: str
    days: tuple[Day, ...]
    zone_label: str
    is_empty: bool
    name: str  # "Mon 16 Nov to Sun 22 Nov"
    earlier: str | None  # the first of the seven days before these, and after; ISO 8601
    later: str | None
    site: Site  # of the doctor's clinic


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for; None for what is no time or no id."""

    doctor_id: UUID | None
    patient_id: UUID | None
    start: datetime | None


def asked_in(form: BookingForm) -> Asked:
    """At the desk the patient is chosen; others book for themselves."""
    at_desk = current_user.may(BOOK_FOR_PATIENTS)
    patient_id = _uuid(form.patient.data) if at_desk else current_user.patient_id
    return Asked(_uuid(form.doctor.data), patient_id, choice.parse_start(form.start.data))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def own_near(form: BookingForm) -> tuple[list[Own], Own | None]:
    """What the form's patient has with its doctor within a week of its time, and what just then."""
    asked = asked_in(form)
    if not (asked.start and asked.doctor_id and asked.patient_id):
        return [], None
    found = own.near(asked.patient_id, asked.doctor_id, asked.start, current_user.actor)
    return found, next((one for one in found if one.starts_at == asked.start), None)


def elsewhere(doctor: str | None) -> str | None:
    """The name of a doctor whom the reader's own clinic does not have, if they book for one."""
    doctor_id = _uuid(doctor)
    if doctor_id is None or not current_user.may(BOOK_FOR_PATIENTS):
        return None
    try:
        profile = doctor_queries.find(doctor_id)
    except NotFound:
        return None
    return None if profile.organisation_id == current_user.organisation_id else profile.name


def left(doctor: str | None, start: str | None) -> Left | None:
    """The seven days from the wanted one; None for a doctor that cannot be booked."""
    doctor_id = _uuid(doctor)
    if doctor_id is None:
        return None
    pick_url = f"{url_for('appointments.new')}?doctor={doctor_id}&start="
    return seven_days(doctor_id, choice.parse_start(start), pick_url, at_desk=False)


KEPT_FOR = timedelta(hours=1)


def given() -> MultiDict[str, str]:
    """What the confirm step begins with: its address, and what `leads_back` kept in it."""
    told = MultiDict(request.args)
    with contextlib.suppress(Undecipherable, ValueError, KeyError, TypeError):
        kept = json.loads(decrypt(request.args.get("kept", "")))
        if clock.now() - datetime.fromisoformat(kept.pop("at")) < KEPT_FOR:
            told.update({name: kept[name] for name in _TYPED if kept.get(name)})
    return told


_TYPED = ("reason", "channel")


def leads_back() -> str:
    """The confirm step as it was sent, for whoever signs in first. What was typed is encrypted: why
    somebody comes stands in no address.
    """
    names = ("doctor", "start", "patient")
    chosen = {name: request.form[name] for name in names if request.form.get(name)}
    typed = {name: request.form.get(name, "")[:LONGEST_REASON] for name in _TYPED}
    kept = encrypt(json.dumps({**typed, "at": clock.now().isoformat()}))
    return f"{url_for('appointments.new')}?{urlencode({**chosen, 'kept': kept})}"


def proof_url(form: BookingForm) -> str:
    """Where a code is entered; it leads back to the same choice."""
    choice = {"doctor": form.doctor.data, "start": form.start.data}
    return url_for("appointments.code", next=url_for("appointments.new", **choice))


def chosen_start() -> datetime:
    """Of a form of free times. Raises SlotNotOffered."""
    start = choice.parse_start(request.form.get("start"))
    if start is None:
        raise SlotNotOffered(N_("That is not a time that can be booked."))
    return start


def chosen_doctor() -> UUID | None:
    """Of the same form, where another doctor's times were offered, or of its address."""
    return _uuid(request.values.get("doctor"))


def wanted_day() -> date | None:
    """`?day=2026-11-23`; None for anything else."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2100 else None


def seven_days(
    doctor_id: UUID, wanted: date | datetime | None, pick_url: str, at_desk: bool
) -> Left | None:
    """From `wanted` on, as near as can be booked; None for a doctor that cannot be booked."""
    try:
        profile = doctor_queries.find(doctor_id)
    except NotFound:
        return None
    found = practices([doctor_id], True) if at_desk else practices_of([profile])
    if doctor_id not in found:
        return None
    practice = found[doctor_id]
    today, last = clock.today(practice.zone), practice.latest.astimezone(practice.zone).date()
    if isinstance(wanted, datetime):
        wanted = wanted.astimezone(practice.zone).date()
    first = min(max(today, wanted or today), last)
    end = first + WEEK - timedelta(days=1)
    slots = diary.diaries(found, first, end)[profile.id].free(first, end)
    return Left(
        doctor=profile.name,
        doctor_url=url_for("doctors.show", doctor_id=profile.id),
        days=doctor_words.days(first, profile, slots, practice.zone, pick_url),
        zone_label=saying.zone(clock.day_bounds(first, practice.zone)[1], practice.zone),
        is_empty=not slots,
        name=words.week(first, end, today.year),
        earlier=max(today, first - WEEK).isoformat() if first > today else None,
        later=(first + WEEK).isoformat() if first + WEEK <= last else None,
        site=doctor_words.site(profile),
    )
