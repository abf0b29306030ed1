"""What happens to the profiles of doctors."""

from dataclasses import dataclass
from uuid import UUID

from clinic.events.fact import Fact, fact


@dataclass(frozen=True, kw_only=True)
class DoctorFact(Fact):
    doctor_id: UUID


@fact("doctor.created")
class DoctorCreated(DoctorFact):
    pass


@fact("doctor.updated")
class DoctorUpdated(DoctorFact):
    pass
