"""What people read of a reminder before a visit, shown to whoever makes the rules."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.doctors.models import Doctor
from clinic.messaging.words import rendering
from clinic.messaging.words.rendering import When, placeholder
from clinic.organisations.models import Location, Organisation
from clinic.reminders.visits import planning

SAMPLE_CODE = "K7M2QP"


@dataclass(frozen=True, slots=True)
class Shown:
    """Links stand as dots."""

    audience: str
    channel: str
    subject: str | None
    text: str


def of(organisation_id: UUID) -> list[Shown]:
    """As a text and as a letter, of a made-up visit tomorrow, with a doctor and a place of theirs.
    For whoever sees the organisation."""
    values = _values(organisation_id)
    to_patient = planning.template_of(planning.BEFORE)
    to_doctor = planning.template_of(planning.AHEAD_OF_DOCTOR)
    return [
        _shown("patient", "sms", to_patient, values),
        _shown("patient", "email", to_patient, values),
        _shown("doctor", "sms", to_doctor, values),
    ]


def _shown(audience: str, channel: str, template: str, values: dict[str, object]) -> Shown:
    words = rendering.render(template, channel, values)
    return Shown(audience, channel, words.subject, rendering.with_dots(words.text))


def _values(organisation_id: UUID) -> dict[str, object]:
    is_open = Location.closed_at.is_(None)
    row = db.session.execute(
        sa.select(
            Organisation.name,
            Organisation.phone,
            Organisation.timezone,
            _first(Doctor.name, Doctor.organisation_id, Doctor.is_active.is_(True)).label("doctor"),
            _first(Location.name, Location.organisation_id, is_open).label("place"),
            _first(Location.address, Location.organisation_id, is_open).label("address"),
        ).where(Organisation.id == organisation_id)
    ).one()
    zone = clock.zone(row.timezone)
    at = datetime.combine(clock.today(zone) + timedelta(days=1), time(10, 30), zone)
    return {
        "organisation": row.name,
        "phone": row.phone,
        "doctor": row.doctor or "",
        "place": row.place or "",
        "address": row.address or "",
        "when": When(at, zone),
        "code": SAMPLE_CODE,
        "link": placeholder("link:visit", SAMPLE_CODE),
    }


def _first(
    column: sa.SQLColumnExpression[str],
    whose: sa.SQLColumnExpression[UUID],
    which: sa.ColumnElement[bool],
) -> sa.ScalarSelect[str]:
    query = sa.select(column).where(whose == Organisation.id, which)
    return query.order_by(column).limit(1).correlate(Organisation).scalar_subquery()
