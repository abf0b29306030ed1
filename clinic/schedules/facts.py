"""What happens to doctors' windows and time off."""

from dataclasses import dataclass
from uuid import UUID

from clinic.events.fact import Fact, fact


@dataclass(frozen=True, kw_only=True)
class ScheduleFact(Fact):
    schedule_id: UUID
    doctor_id: UUID


@fact("schedule.published")
class SchedulePublished(ScheduleFact):
    pass


@fact("schedule.updated")
class ScheduleUpdated(ScheduleFact):
    visits: str | None = None  # what becomes of those it no longer holds: keep, cancel, move


@fact("schedule.withdrawn")
class ScheduleWithdrawn(ScheduleFact):
    visits: str | None = None  # the same


@dataclass(frozen=True, kw_only=True)
class TimeOffFact(Fact):
    time_off_id: UUID
    doctor_id: UUID


@fact("time_off.taken")
class TimeOffTaken(TimeOffFact):
    pass


@fact("time_off.withdrawn")
class TimeOffWithdrawn(TimeOffFact):
    pass
