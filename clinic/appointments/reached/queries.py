"""How a patient is reached about a visit: what may be offered, and what the ledger holds."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.appointments.reading.visit import Visit
from clinic.core import clock
from clinic.core.data.db import db
from clinic.doctors.models import Doctor
from clinic.messaging.channels import CHANNELS, USUAL
from clinic.messaging.queueing import queries as messaging
from clinic.messaging.queueing.queries import Told
from clinic.messaging.queueing.reach import Reach, why_stopped
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders.models import Reminder

ENDED = ("skipped", "failed", "cancelled")
_THREE_HOURS_BEFORE = "before_3h"


@dataclass(frozen=True, slots=True)
class Reached:
    """`able` can send now; `offered` of them reach this person. `own` is the organisation's note
    of how they want to be written to."""

    reach: Reach
    own: str | None
    able: tuple[str, ...]
    phone_is_proven: bool

    @property
    def offered(self) -> tuple[str, ...]:
        """All that can send, where nothing is known that would reach them."""
        return tuple(name for name in self.able if self.reach.by(name)) or self.able

    @property
    def usual(self) -> str:
        wanted = self.own or USUAL["email" if not self.reach.phone else "phone"]
        found, _ = self.reach.way(wanted, self.able)
        return found if found in self.offered else next(iter(self.offered), wanted)

    @property
    def stop(self) -> str | None:
        """Why no texts go to their number, if they have one."""
        return why_stopped(self.reach.stop) if self.reach.phone else None


_PHONE = sa.func.coalesce(User.phone, PatientOrganisation.phone)
_EMAIL = sa.func.coalesce(User.email, PatientOrganisation.email)
_PROVEN = sa.and_(User.phone.is_not(None), User.phone_verified_at.is_not(None))
_REACHED = (
    sa.select(
        _PHONE.label("phone"),
        _EMAIL.label("email"),
        messaging.stop_of(_PHONE, Doctor.organisation_id).label("stop"),
        messaging.order_of(Doctor.organisation_id).label("channel_order"),
        PatientOrganisation.channel,
        sa.func.coalesce(_PROVEN, sa.false()).label("is_proven"),
    )
    .select_from(Patient)
    .join(Doctor, Doctor.id == sa.bindparam("doctor_id"))
    .outerjoin(User, User.id == Patient.user_id)
    .outerjoin(
        PatientOrganisation,
        sa.and_(
            PatientOrganisation.patient_id == Patient.id,
            PatientOrganisation.organisation_id == Doctor.organisation_id,
        ),
    )
    .where(Patient.id == sa.bindparam("patient_id"))
)


def reached(patient_id: UUID | None, doctor_id: UUID, organisation_id: UUID) -> Reached:
    """As the organisation of the doctor reaches them; of nobody only what can send is known."""
    able = messaging.ways(organisation_id)
    asked = {"patient_id": patient_id, "doctor_id": doctor_id}
    row = db.session.execute(_REACHED, asked).one_or_none() if patient_id else None
    if row is None:
        return Reached(Reach(None, None), None, able, False)
    return Reached(_reach(row), row.channel, able, row.is_proven)


def _reach(row: Any) -> Reach:
    return Reach(row.phone, row.email, row.stop, row.channel_order)


@dataclass(frozen=True, slots=True)
class News:
    """What becomes of the first message about a visit. Without `channel` nothing goes out.

    `instead_of` is the channel that was wanted and could not be; `because` of what: `opted_out`,
    `unreachable`, `no_address` or `not_configured`.
    """

    channel: str | None
    address: str
    instead_of: str | None = None
    because: str | None = None
    is_reminded: bool = False  # three hours before


def news_of(visit: Visit, found: Reached) -> News:
    """By the ledger; before anything stands there, by the rule that it will be queued by."""
    told = [one for one in messaging.told_about(visit.id) if _goes(one, found)]
    channel, address = (told[-1].channel, told[-1].address) if told else _will_be(visit, found)
    if channel is None:
        return News(None, "", visit.channel, _why(visit.channel, found))
    is_other = channel != visit.channel
    return News(
        channel,
        address,
        instead_of=visit.channel if is_other else None,
        because=_why(visit.channel, found) if is_other else None,
        is_reminded=_is_reminded(visit, bool(told)),
    )


def _goes(told: Told, found: Reached) -> bool:
    """It went, or waits for nothing but its turn."""
    if told.status != "queued":
        return told.status not in ENDED
    return told.channel in found.able and found.reach.by(told.channel) is not None


def _will_be(visit: Visit, found: Reached) -> tuple[str | None, str]:
    channel, address = found.reach.way(visit.channel, found.able)
    goes = channel in found.able and found.reach.by(channel) == address and address
    return (channel, address) if goes else (None, "")


def _why(wanted: str, found: Reached) -> str:
    if wanted not in found.able:
        return "not_configured"
    if found.reach.phone and (stop := found.reach.why(wanted)):
        return stop
    there = found.reach.phone if CHANNELS[wanted].address == "phone" else found.reach.email
    return "failed" if there else "no_address"


def _is_reminded(visit: Visit, is_planned: bool) -> bool:
    if not is_planned:
        return visit.is_reminded
    planned = sa.select(Reminder.id).where(
        Reminder.appointment_id == visit.id,
        Reminder.rule == _THREE_HOURS_BEFORE,
        Reminder.status == "planned",
        Reminder.due_at > clock.now(),
    )
    return db.session.scalar(planned.limit(1)) is not None
