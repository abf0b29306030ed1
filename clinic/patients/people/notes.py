"""A death that one organisation noted, as others read of it: a note, until their desk has decided.

It is gone where the desk said no, where it noted the death itself, and once the person logs in.
"""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.data.db import db
from clinic.patients.models import Patient, PatientOrganisation

_Link = PatientOrganisation
_Other = aliased(PatientOrganisation)
_stands = sa.and_(
    _Other.patient_id == _Link.patient_id,
    _Other.organisation_id != _Link.organisation_id,
    _Other.died_on.is_not(None),
    sa.or_(_Link.note_dismissed_at.is_(None), _Link.note_dismissed_at < _Other.death_noted_at),
    sa.or_(Patient.seen_alive_at.is_(None), Patient.seen_alive_at < _Other.death_noted_at),
)
_day = sa.select(sa.func.max(_Other.died_on)).where(_stands).correlate(Patient, _Link)

# Columns for a statement that has the person and one link: the day another one says, and whether
# the person logged in after this one said it.
NOTED_ELSEWHERE: sa.ColumnElement[date | None] = sa.case(
    (_Link.died_on.is_(None), _day.scalar_subquery())
)
SEEN_SINCE = sa.func.coalesce(
    sa.and_(_Link.died_on.is_not(None), Patient.seen_alive_at > _Link.death_noted_at), sa.false()
)

# First the few of whom anybody says so, by an index of theirs; then what an organisation knows of.
TO_DECIDE = sa.and_(
    Patient.id.in_(sa.select(_Other.patient_id).where(_Other.died_on.is_not(None))),
    sa.or_(NOTED_ELSEWHERE.is_not(None), SEEN_SINCE),
)


def noted_elsewhere(organisation_id: UUID, patient_id: UUID) -> date | None:
    return db.session.scalar(
        sa.select(NOTED_ELSEWHERE)
        .select_from(_Link)
        .join(Patient, Patient.id == _Link.patient_id)
        .where(_Link.patient_id == patient_id, _Link.organisation_id == organisation_id)
    )
