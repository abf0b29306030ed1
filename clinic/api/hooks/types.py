"""The events there are, by name: what webhooks and filters may ask for."""

from typing import Any

from pydantic import Field

from clinic.access.roles import KEEP_WEBHOOKS
from clinic.api.frame import Out, Resource, example
from clinic.core.web.security import access
from clinic.events import queries
from clinic.hooks import catalogue

bp = Resource("event_types", tag="Webhooks")

TYPE = {
    "name": "appointment.rescheduled",
    "topic": "appointment.rescheduled",
    "fields": ["appointment_id", "previous_id"],
    "can_subscribe": True,
}


class EventTypeOut(Out):
    name: str
    topic: str = Field(description="What its filters may also call it: the first of several steps")
    fields: list[str] = Field(description="Beside the organisation's id; ids and closed words")
    can_subscribe: bool = Field(description="Whether webhooks may be told of it")

    model_config = example(TYPE)


class EventTypesOut(Out):
    items: list[EventTypeOut]
    next_cursor: None = Field(description="All come at once")

    model_config = example({"items": [TYPE], "next_cursor": None})


@bp.get("/events/types")
@access(*KEEP_WEBHOOKS)
@bp.output(EventTypesOut)
def index() -> dict[str, Any]:
    """Every event there is, by name."""
    offered = frozenset(catalogue.names())
    items = [
        {
            "name": name,
            "topic": one.topic,
            "fields": sorted(one.kinds),
            "can_subscribe": name in offered,
        }
        for name, one in queries.types()
    ]
    return {"items": items, "next_cursor": None}
