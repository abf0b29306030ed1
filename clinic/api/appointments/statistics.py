"""How a doctor's visits went."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AliasChoices, Field

from clinic.access.roles import READ_STATISTICS
from clinic.api.appointments.shown import VISIT
from clinic.api.frame import In, Out, Resource, actor, example
from clinic.api.when import Day
from clinic.appointments.reading import statistics
from clinic.appointments.reading.statistics import Statistics
from clinic.appointments.vocabulary import Status
from clinic.core.web.security import access

bp = Resource("appointment_stats", tag="Appointments")

COUNTS = {str(status): 0 for status in Status} | {"completed": 9, "no_show": 1}
PERIOD = {"period": "2026-11-16", "total": 10, "counts": COUNTS}


class StatisticsQuery(In):
    group_by: Literal["day", "month"] = Field(
        "day", validation_alias=AliasChoices("group_by", "groupBy")
    )
    first: Day | None = Field(None, validation_alias="from")
    last: Day | None = Field(None, validation_alias="to")


class PeriodOut(Out):
    period: str = Field(description="A local day or month")
    total: int
    counts: dict[Status, int]

    model_config = example(PERIOD)


class StatisticsOut(Out):
    doctor_id: UUID
    timezone: str
    first: date
    last: date
    group_by: str
    total: int
    counts: dict[Status, int]
    no_show_rate: float = Field(description="Missed among those missed or attended, 0 to 1")
    trend: list[PeriodOut]

    model_config = example(
        {
            "doctor_id": VISIT["doctor_id"],
            "timezone": "Europe/London",
            "first": "2026-11-16",
            "last": "2026-11-16",
            "group_by": "day",
            "total": 10,
            "counts": COUNTS,
            "no_show_rate": 0.1,
            "trend": [PERIOD],
        }
    )


@bp.get("/appointments/stats/doctor/<uuid:doctor_id>")
@access(*READ_STATISTICS)
@bp.input(StatisticsQuery, location="query")
@bp.output(StatisticsOut)
def of_days(doctor_id: UUID, query_data: StatisticsQuery) -> Statistics:
    """How a doctor's visits went, by day or month, over up to 92 days."""
    asked = query_data
    return statistics.of_doctor(actor(), doctor_id, asked.first, asked.last, asked.group_by)
