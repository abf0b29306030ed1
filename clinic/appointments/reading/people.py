"""The visits of people whom somebody at work looks up."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.life.scope import VISIBLE, still_meant
from clinic.appointments.models import Appointment
from clinic.appointments.reading.visit import MOST_LISTED, VISITS, Visit, read
from clinic.appointments.vocabulary import FINISHED
from clinic.core import clock


@dataclass(frozen=True, slots=True)
class Visits:
    coming: list[Visit]  # and going on, soonest first
    past: list[Visit]  # over or cancelled, newest first


def next_of(patient_ids: Collection[UUID], reader: Actor) -> dict[UUID, Visit]:
    """The next visit of each that has one, of those the reader may see."""
    if not patient_ids:
        return {}
    first = (
        sa.select(sa.func.min(Appointment.starts_at))
        .where(_is_coming(), VISIBLE.to(reader), Appointment.patient_id.in_(patient_ids))
        .group_by(Appointment.patient_id)
        .with_only_columns(Appointment.patient_id, sa.func.min(Appointment.starts_at))
    )
    key = sa.tuple_(Appointment.patient_id, Appointment.starts_at)
    query = VISITS.where(key.in_(first.correlate(None)), _is_coming(), VISIBLE.to(reader))
    return {one.patient_id: one for one in read(query, reader)}


def of_code(code: str, reader: Actor) -> Visit | None:
    """The visit that is still to come by its reference."""
    found = read(
        VISITS.where(Appointment.code == code, _is_coming(), VISIBLE.to(reader)).limit(1), reader
    )
    return found[0] if found else None


def of_person(patient_id: UUID, reader: Actor) -> Visits:
    """Those the reader may see; what moved stands at its new time alone."""
    theirs = VISITS.where(VISIBLE.to(reader), Appointment.patient_id == patient_id, still_meant())
    coming = theirs.where(_is_coming()).order_by(Appointment.starts_at)
    past = theirs.where(sa.not_(_is_coming())).order_by(Appointment.starts_at.desc())
    return Visits(read(coming.limit(MOST_LISTED), reader), read(past.limit(MOST_LISTED), reader))


def _is_coming() -> sa.ColumnElement[bool]:
    return sa.and_(Appointment.ends_at > clock.now(), Appointment.status.not_in(sorted(FINISHED)))
