"""When somebody is at the desk, and what texts say while nobody is."""

from typing import Annotated, Any

from pydantic import Field

from clinic.access.roles import KEEP_DESK_HOURS
from clinic.api.frame import In, Out, Resource, actor, example
from clinic.api.when import WallEnd, WallTime
from clinic.core.errors import N_, Invalid
from clinic.core.fields import Line
from clinic.core.web.security import access
from clinic.messaging.threads.hours import service
from clinic.messaging.threads.hours.service import Day, Times

bp = Resource("desk_hours", tag="Messages")

MONDAY = {"weekday": 0, "opens": "09:00", "closes": "17:00"}
TIMES = {"is_on": True, "words": "", "days": [MONDAY]}


class DeskDayIn(In):
    weekday: int = Field(ge=0, le=6, description="Monday 0")
    opens: WallTime
    closes: WallEnd = Field(description="24:00, or 00:00, is the end of the day")

    model_config = example(MONDAY)


class DeskHoursIn(In):
    is_on: bool = Field(description="Answer while the desk is closed")
    words: Annotated[str, Line(service.WORDS.most)] = Field(
        "", description="In place of ours; the name and the number for emergencies are added"
    )
    days: list[DeskDayIn] = Field(max_length=7, description="On others nobody is there")

    model_config = example(TIMES)


class DeskDayOut(Out):
    weekday: int
    opens: str
    closes: str

    model_config = example(MONDAY)


class DeskHoursOut(Out):
    is_on: bool
    words: str
    days: list[DeskDayOut]

    model_config = example(TIMES)


@bp.get("/desk-hours")
@access(*KEEP_DESK_HOURS)
@bp.output(DeskHoursOut)
def show() -> dict[str, Any]:
    """Those of your organisation, in its time zone."""
    return _shown(service.times(actor()))


@bp.put("/desk-hours")
@access(*KEEP_DESK_HOURS)
@bp.input(DeskHoursIn)
@bp.output(DeskHoursOut)
def update(json_data: DeskHoursIn) -> dict[str, Any]:
    """Enter them anew, as a whole.

    Who texts while the desk is closed is answered once until it opens, with the number for
    emergencies.
    """
    week = [Day()] * 7
    for one in json_data.days:
        if week[one.weekday] != Day():
            raise Invalid.of("days", N_("Name each weekday once."), "repeated")
        week[one.weekday] = Day(one.opens[:5], one.closes[:5])
    service.save(Times(json_data.is_on, json_data.words, week), actor())
    return _shown(service.times(actor()))


def _shown(times: Times) -> dict[str, Any]:
    days = [
        {"weekday": number, "opens": day.opens, "closes": day.closes}
        for number, day in enumerate(times.week)
        if day.opens
    ]
    return {"is_on": times.is_on, "words": times.words, "days": days}
