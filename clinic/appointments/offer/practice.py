"""Which slots are offered: what a page shows is what can be booked, by the same function."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.doctors.models import Doctor
from clinic.doctors.queries import Profile
from clinic.organisations.models import Organisation, OrganisationSettings

# Of which doctors: a condition on the column that names them.
Which = Callable[[Any], sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Practice:
    """A doctor as booking sees them: the zone and the rules of the organisation."""

    doctor_id: UUID
    name: str
    organisation_id: UUID
    zone: ZoneInfo
    earliest: datetime
    latest: datetime
    approval_required: bool


class Rules(NamedTuple):
    """A row of `rules_of`."""

    id: UUID
    name: str
    organisation_id: UUID
    timezone: str
    minimum_notice_minutes: int
    booking_horizon_days: int
    approval_required: bool

    def practice(self, at_desk: bool) -> Practice:
        """The desk ignores notice and horizon, but not the past."""
        return _practice(self, self, at_desk)


DOCTORS: sa.BindParameter[Any] = sa.bindparam("doctors", expanding=True)


def rules_of(which: Which) -> sa.Select[*tuple[Any, ...]]:
    """Active doctors with the rules that booking them follows: the columns of `Rules`."""
    return (
        sa.select(
            Doctor.id,
            Doctor.name,
            Doctor.organisation_id,
            Organisation.timezone,
            OrganisationSettings.minimum_notice_minutes,
            OrganisationSettings.booking_horizon_days,
            OrganisationSettings.approval_required,
        )
        .join(Organisation, Organisation.id == Doctor.organisation_id)
        .join(OrganisationSettings, OrganisationSettings.organisation_id == Organisation.id)
        .where(which(Doctor.id), Doctor.is_active, Organisation.is_active)
    )


_PRACTICES = rules_of(lambda doctor: doctor.in_(DOCTORS))


def practices(doctor_ids: Iterable[UUID], at_desk: bool = False) -> dict[UUID, Practice]:
    """Active doctors by id. The desk ignores notice and horizon, but not the past."""
    rows = db.session.execute(_PRACTICES, {"doctors": list(doctor_ids)})
    return {row.id: _practice(row, row, at_desk) for row in rows}


def practices_of(profiles: Iterable[Profile]) -> dict[UUID, Practice]:
    """The same of doctors whose profiles are at hand, for their patients."""
    return {one.id: _practice(one, one.rules, at_desk=False) for one in profiles}


def _practice(doctor: Any, rules: Any, at_desk: bool) -> Practice:
    now = clock.now()
    notice = timedelta(minutes=0 if at_desk else rules.minimum_notice_minutes)
    return Practice(
        doctor_id=doctor.id,
        name=doctor.name,
        organisation_id=doctor.organisation_id,
        zone=clock.zone(rules.timezone),
        earliest=now + notice,
        latest=now + timedelta(days=365 if at_desk else rules.booking_horizon_days),
        approval_required=rules.approval_required,
    )
