"""Who is meant by what somebody typed."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.core.text import respelt
from clinic.organisations import queries as organisations
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people.typed import Typed, read

_Link = PatientOrganisation
# A person with a login owns these; they count before what an organisation noted.
PHONE = sa.func.coalesce(User.phone, _Link.phone)
EMAIL = sa.func.coalesce(User.email, _Link.email)

PEOPLE = sa.outerjoin(Patient, _Link, _Link.patient_id == Patient.id).outerjoin(
    User, User.id == Patient.user_id
)


def everywhere(text: str | None, is_active: bool | None) -> list[sa.ColumnElement[bool]]:
    """By what any organisation knows; shown as the first of them knows the person."""
    other = aliased(_Link)
    first = (
        sa.select(other.organisation_id)
        .where(other.patient_id == Patient.id)
        .order_by(other.created_at, other.organisation_id)
        .limit(1)
        .scalar_subquery()
    )
    known = sa.select(Patient.id).select_from(PEOPLE)
    found: list[sa.ColumnElement[bool]] = [_Link.organisation_id.is_not_distinct_from(first)]
    if text is not None:
        found.append(Patient.id.in_(known.where(matches(text)).correlate(None)))
    if is_active is not None:
        found.append(_Link.is_active.is_(is_active))
    return found


def matches(text: str, organisation_id: UUID | None = None) -> sa.ColumnElement[bool]:
    """Of a statement that has the person, one link and perhaps the login.

    The organisation's country reads days and numbers. Every name there is compared: its rows are
    found by its links, and less than 2 characters find nobody.
    """
    typed = read(
        text, lambda: organisations.country_of(organisation_id) if organisation_id else None
    )
    if typed is None:
        return sa.false()
    ways = [_by_code(typed.compact)] if typed.compact else []
    if typed.narrows:
        ways.append(sa.and_(*_narrowed(typed)))
    return sa.or_(*ways) if ways else sa.false()


def _by_code(compact: str) -> sa.ColumnElement[bool]:
    """The number of the record, or the code of a visit there."""
    visits = sa.exists().where(
        Appointment.code == compact,
        Appointment.patient_id == Patient.id,
        Appointment.organisation_id == _Link.organisation_id,
    )
    return sa.or_(_Link.record_number == compact, visits.correlate(Patient, _Link))


def _narrowed(typed: Typed) -> list[sa.ColumnElement[bool]]:
    found = [_named(word) for word in typed.words]
    if typed.digits:
        found.append(_by_number(typed))
    if typed.born:
        found.append(Patient.birth_date == typed.born)
    if typed.email:
        found.append(sa.func.lower(EMAIL).contains(typed.email, autoescape=True))
    return found


def _named(word: str) -> sa.ColumnElement[bool]:
    """`annemarie` is Anne-Marie, and `mueller` may be Müller."""
    joined = sa.func.replace(Patient.sort_name, " ", "")
    return sa.or_(
        *(
            name.contains(one, autoescape=True)
            for one in (word, respelt(word))
            if one
            for name in (Patient.sort_name, joined)
        )
    )


def _by_number(typed: Typed) -> sa.ColumnElement[bool]:
    ways = [PHONE.contains(typed.digits), Patient.sort_name.contains(typed.digits)]
    if typed.phone:
        ways.append(PHONE.startswith(typed.phone))
    return sa.or_(*ways)
