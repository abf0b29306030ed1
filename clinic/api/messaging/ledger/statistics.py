"""How many messages there were: by status, channel and day."""

from dataclasses import asdict
from datetime import date
from typing import Any

from pydantic import Field

from clinic.access.roles import READ_MESSAGES
from clinic.api.frame import In, Out, Resource, actor, example
from clinic.api.messaging.ledger.messages import Channel, MessageStatus
from clinic.api.when import Day
from clinic.appointments.reading import lists
from clinic.core.web.security import access
from clinic.messaging.desk import statistics
from clinic.messaging.statuses import Status

bp = Resource("message_stats", tag="Messages")


FUNNEL = {"queued": 3, "waiting": 0, "sent": 3, "delivered": 2, "failed": 1, "skipped": 0}
NONE = dict.fromkeys(FUNNEL, 0)


class FunnelOut(Out):
    queued: int = Field(description="All that went out, or was to")
    waiting: int
    sent: int = Field(description="Taken by a provider, whatever became of it")
    delivered: int
    failed: int = Field(description="Or nobody knows")
    skipped: int = Field(description="Never tried, or stopped")

    model_config = example(FUNNEL)


class CountsOut(Out):
    total: int
    by_status: dict[MessageStatus, int]
    by_channel: dict[Channel, int]
    funnel: FunnelOut
    funnel_by_channel: dict[Channel, FunnelOut]


COUNTS: dict[str, Any] = {
    "total": 3,
    "by_status": {str(status): 0 for status in Status} | {"delivered": 2, "failed": 1},
    "by_channel": {"sms": 2, "whatsapp": 0, "email": 1},
    "funnel": FUNNEL,
    "funnel_by_channel": {
        "sms": NONE | {"queued": 2, "sent": 2, "delivered": 1, "failed": 1},
        "whatsapp": NONE,
        "email": NONE | {"queued": 1, "sent": 1, "delivered": 1},
    },
}


class MessageDayOut(CountsOut):
    day: date

    model_config = example({"day": "2026-11-16", **COUNTS})


class MessageStatisticsOut(CountsOut):
    timezone: str
    first: date
    last: date
    by_day: list[MessageDayOut]

    model_config = example(
        {
            "timezone": "Europe/London",
            "first": "2026-11-16",
            "last": "2026-11-16",
            **COUNTS,
            "by_day": [{"day": "2026-11-16", **COUNTS}],
        }
    )


class MessageStatisticsQuery(In):
    first: Day | None = Field(None, validation_alias="from")
    last: Day | None = Field(None, validation_alias="to", description="Included")


@bp.get("/messages/stats")
@access(*READ_MESSAGES)
@bp.input(MessageStatisticsQuery, location="query")
@bp.output(MessageStatisticsOut)
def of_days(query_data: MessageStatisticsQuery) -> dict[str, Any]:
    """How many messages there were, and how far they came.

    By status, channel and day, over up to 92 days."""
    zone = lists.zone_of(actor())
    found = statistics.of_days(actor(), zone, query_data.first, query_data.last)
    return {
        "timezone": found.timezone,
        "first": found.first,
        "last": found.last,
        **asdict(found.counts),
        "by_day": [{"day": one.day, **asdict(one.counts)} for one in found.days],
    }
