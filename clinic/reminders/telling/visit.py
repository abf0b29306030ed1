"""A plan of a visit as a message: in its words, to where its people are reached."""

from typing import Any

import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.models import User
from clinic.appointments.reading import calendar
from clinic.appointments.reading.visit import Visit, of_row
from clinic.core import saying
from clinic.doctors.models import Doctor
from clinic.messaging.channels import CHANNELS
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.senders import chosen
from clinic.messaging.words.rendering import When, placeholder
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders import addresses
from clinic.reminders.addresses import DOCTOR, OF_PATIENT, REACH, is_known, reach_in
from clinic.reminders.visits import planning

DEFAULT_LANGUAGE = "en"  # of a login that never chose


# What a visit must still be for its message to be true.
_ACCEPTED = ("scheduled", "confirmed")


_TRUE_WHILE = {
    planning.BOOKED: ("pending", *_ACCEPTED),  # the background task accepts it in a moment
    planning.REQUESTED: ("pending", *_ACCEPTED),
    planning.RESCHEDULED: ("pending", *_ACCEPTED),
    planning.CANCELLED: ("cancelled",),
    planning.NOT_ACCEPTED: ("cancelled",),
    planning.MISSED: ("no_show",),
    planning.DOCTOR_CANCELLED: ("cancelled",),
    planning.DOCTOR_MISSED: ("no_show",),
    planning.DOCTOR_RESCHEDULED: ("cancelled",),
}


_OF_THE_END = (planning.CANCELLED, planning.NOT_ACCEPTED)


def _dedupe_key(row: sa.Row) -> str:
    return f"reminder:{row.plan_id}"


def told(visits: sa.Select[Any]) -> sa.Select[Any]:
    """Visits, with where their people are reached; with the columns of a plan, for `message_of`."""
    return (
        visits.add_columns(
            *(column.label(name) for name, column in REACH.items()),
            is_known("phone").label("phone_is_known"),
            is_known("email").label("email_is_known"),
            sa.func.coalesce(
                sa.func.nullif(User.language, DEFAULT_LANGUAGE), PatientOrganisation.language
            ).label("language"),
            sa.func.coalesce(PatientOrganisation.is_active, sa.true()).label("is_cared_for"),
            PatientOrganisation.died_on,
            addresses.IS_ONE_OF_SEVERAL.label("is_one_of_several"),
            DOCTOR.language.label("doctor_language"),
        )
        .join(DOCTOR, DOCTOR.id == Doctor.user_id)
        .outerjoin(User, User.id == Patient.user_id)
        .outerjoin(PatientOrganisation, OF_PATIENT)
    )


def is_true(row: sa.Row) -> bool:
    """Does the visit still stand as the words will say, and is there somebody to tell?"""
    if planning.is_to_doctor(row.rule):
        is_heard = bool(row.doctor_phone or row.doctor_email)
        if not row.doctor_works and row.rule not in _TRUE_WHILE:
            return False  # of what is to come, somebody else is told
    else:
        is_heard = row.is_cared_for and row.died_on is None
        if not row.doctor_works and row.rule not in _OF_THE_END:
            return False  # nobody is told to come to a doctor who left
    return is_heard and row.status in _TRUE_WHILE.get(row.rule, _ACCEPTED)


def message_of(row: sa.Row, by: str | None = None) -> NewMessage:
    """By the channel of the plan, or the next one that can be; or `by` this one alone."""
    visit = of_row(row, THE_SYSTEM)
    to_doctor = planning.is_to_doctor(row.rule)
    audience = "doctor" if to_doctor else "patient"
    able = (by,) if by else chosen.ways(visit.organisation_id, audience)
    channel, address = reach_in(row, to_doctor).way(row.plan_channel, able)
    language = (row.doctor_language if to_doctor else row.language) or "en"
    return NewMessage(
        organisation_id=visit.organisation_id,
        channel=channel,
        address=address,
        template=planning.template_of(row.rule),
        values=_values(visit) | {"is_one_of_several": row.is_one_of_several},
        language=language,
        about_id=visit.id,
        due_at=row.plan_due_at,
        expires_at=planning.expires(row.rule, visit.starts_at, row.plan_due_at),
        dedupe_key=_dedupe_key(row),
        calendar=_calendar(visit, language) if _carries_calendar(row.rule, channel) else None,
        is_known=to_doctor or _is_known(row, channel),
    )


def _is_known(row: sa.Row, channel: str) -> bool:
    return row.phone_is_known if CHANNELS[channel].address == "phone" else row.email_is_known


def _carries_calendar(rule: str, channel: str) -> bool:
    return rule in planning.OF_CALENDARS and CHANNELS[channel].carries_calendar


def _calendar(visit: Visit, language: str) -> str:
    with saying.in_language(language):
        return calendar.file_of(visit).decode()


def _values(visit: Visit) -> dict[str, object]:
    return {
        "organisation": visit.organisation,
        "phone": visit.clinic_phone,
        "doctor": visit.doctor,
        "place": visit.place,
        "address": visit.address or "",
        "when": When(visit.starts_at, visit.zone),
        "code": visit.code,
        "link": placeholder("link:visit", visit.link_key),
        "confirms": visit.waits_for_word,
        "cancels": visit.has_notice,
    }
