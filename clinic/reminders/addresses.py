"""Where a patient is reached, and which of these addresses are known to be theirs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.accounts.models import User
from clinic.accounts.proof import standing
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import UPCOMING
from clinic.core.data.bulk import among
from clinic.core.data.db import UtcDateTime, db
from clinic.doctors.models import Doctor
from clinic.messaging.models import Message
from clinic.messaging.queueing.queries import order_of, stop_of
from clinic.messaging.queueing.reach import Reach
from clinic.patients.models import Patient, PatientOrganisation

# For statements that join all of them: the login's own, else what the organisation noted.
PHONE = sa.func.coalesce(User.phone, PatientOrganisation.phone)
EMAIL = sa.func.coalesce(User.email, PatientOrganisation.email)
OF_PATIENT = sa.and_(
    PatientOrganisation.patient_id == Appointment.patient_id,
    PatientOrganisation.organisation_id == Appointment.organisation_id,
)
_Earlier = aliased(Appointment)


def is_known(
    kind: str, patient_id: Any = Appointment.patient_id, place: Any = Appointment.organisation_id
) -> sa.ColumnElement[bool]:
    """Who has no login was registered by the desk. Of a login it is what came back from there; and
    whoever has been here is no stranger, proven or not."""
    typed_by_the_desk = getattr(User, kind).is_(None)
    has_been_here = sa.exists().where(
        _Earlier.patient_id == patient_id,
        _Earlier.organisation_id == place,
        _Earlier.status == "completed",
    )
    return sa.or_(typed_by_the_desk, standing.is_proven(kind), has_been_here)


_Other = aliased(Appointment)
_Sharer, _SharersUser, _SharersLink = aliased(Patient), aliased(User), aliased(PatientOrganisation)
# An answer without a code would not say which visit is meant: the patient has another one to come,
# or the number is on somebody else's record. Each by an index; `now` is a value of the statement.
IS_ONE_OF_SEVERAL = sa.or_(
    sa.exists().where(
        _Other.patient_id == Appointment.patient_id,
        _Other.id != Appointment.id,
        _Other.starts_at > sa.bindparam("now", type_=UtcDateTime()),
        _Other.status.in_(sorted(UPCOMING)),
    ),
    sa.exists().where(
        _SharersUser.phone == PHONE,
        _Sharer.user_id == _SharersUser.id,
        _Sharer.id != Appointment.patient_id,
    ),
    sa.exists().where(
        _SharersLink.organisation_id == Appointment.organisation_id,
        _SharersLink.phone == PHONE,
        _SharersLink.patient_id != Appointment.patient_id,
    ),
)


DOCTOR = aliased(User)


REACH: Mapping[str, sa.SQLColumnExpression[Any]] = {
    "phone": PHONE,
    "email": EMAIL,
    "stop": stop_of(PHONE, Appointment.organisation_id),
    "channel_order": order_of(Appointment.organisation_id),
    "doctor_phone": DOCTOR.phone,
    "doctor_email": DOCTOR.email,
    "doctor_stop": stop_of(DOCTOR.phone, Appointment.organisation_id),
}


def reach_in(row: sa.Row, to_doctor: bool) -> Reach:
    """Of a row that has the columns of REACH."""
    if to_doctor:
        return Reach(row.doctor_phone, row.doctor_email, row.doctor_stop, row.channel_order)
    return Reach(row.phone, row.email, row.stop, row.channel_order)


_NAMED: list[Any] = [column.label(name) for name, column in REACH.items()]
_REACHED = (
    sa.select(*_NAMED)
    .select_from(Appointment)
    .join(Doctor, Doctor.id == Appointment.doctor_id)
    .join(DOCTOR, DOCTOR.id == Doctor.user_id)
    .join(Patient, Patient.id == Appointment.patient_id)
    .outerjoin(User, User.id == Patient.user_id)
    .outerjoin(PatientOrganisation, OF_PATIENT)
)


def reach_of(visit_id: UUID, to_doctor: bool = False) -> Reach:
    """Where the patient of a visit is reached, or its doctor."""
    return reach_in(db.session.execute(_REACHED.where(Appointment.id == visit_id)).one(), to_doctor)


@dataclass(frozen=True, slots=True)
class Beside:
    """Where else a patient hears of what a text from some number did."""

    by_email: bool
    by_phone: bool  # their present number is another one


_last_from = (
    sa.select(Message.address)
    .where(Message.about_id == Appointment.id, Message.direction == "in")
    .order_by(Message.created_at.desc())
    .limit(1)
    .scalar_subquery()
)
_BESIDE = (
    sa.select(
        Appointment.id,
        sa.and_(EMAIL.is_not(None), is_known("email")).label("by_email"),
        sa.func.coalesce(_last_from != PHONE, False).label("by_phone"),
    )
    .join(Patient, Patient.id == Appointment.patient_id)
    .outerjoin(User, User.id == Patient.user_id)
    .outerjoin(PatientOrganisation, OF_PATIENT)
)


def beside_the_number(visit_ids: Collection[UUID]) -> dict[UUID, Beside]:
    """Of visits that a text was about last, by id."""
    rows = db.session.execute(_BESIDE.where(among(Appointment.id, visit_ids)))
    return {row.id: Beside(row.by_email, row.by_phone) for row in rows}
