"""An organisation's own reminders before visits, and its quiet hours."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from clinic.access.roles import RUN_ORGANISATIONS
from clinic.api.bodies import left_out
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    page,
)
from clinic.core.fields import Line
from clinic.core.web.security import access
from clinic.reminders.models import LONGEST_LABEL
from clinic.reminders.rules import queries, service
from clinic.reminders.rules.queries import Listed

bp = Resource("reminder_rules", tag="Reminders")

Before = Annotated[
    int,
    Field(ge=service.LEAST_BEFORE, le=service.MOST_BEFORE, description="Minutes before the visit"),
]
Way = Annotated[
    Literal["own", "sms", "whatsapp", "email"],
    Field(description="`own`: as each of them is written to"),
]
Audience = Literal["patient", "doctor"]
Label = Annotated[str, Line(LONGEST_LABEL)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
GIVEN = {
    "minutes_before": 1440,
    "channel": "email",
    "audience": "patient",
    "label": "The day before",
    "is_active": True,
}
RULE = {**GIVEN, "id": "3d6f3f76-8a0e-4c59-8d8b-6e1b8d7a2c10"}
PLANNING = {"is_done": True, "planned": 140, "moved": 0, "withdrawn": 0}
QUIET = {"quiet_from": "21:00", "quiet_to": "08:00"}


class ReminderRuleIn(In):
    minutes_before: Before
    channel: Way = "own"
    audience: Audience = "patient"
    label: Label = Field("", description="A note for those who make the rules")
    is_active: bool = True

    model_config = example(GIVEN)


class ReminderRulePatch(In):
    """What is left out stays as it is."""

    minutes_before: Before = left_out()
    channel: Way = left_out()
    audience: Audience = left_out()
    label: Label = left_out()
    is_active: bool = left_out()

    model_config = example({"is_active": False})


class ReminderRuleOut(Out):
    id: UUID
    minutes_before: int
    channel: str
    audience: str
    label: str
    is_active: bool

    model_config = example(RULE)


class PlanningOut(Out):
    """What the last change of the rules meant for visits to come, in reminders."""

    is_done: bool = Field(description="false while visits are still being planned anew")
    planned: int
    moved: int
    withdrawn: int

    model_config = example(PLANNING)


class ReminderRulePage(PageOf[ReminderRuleOut]):
    planning: PlanningOut | None = Field(description="null where the rules never changed")

    model_config = example({"items": [RULE], "next_cursor": None, "planning": PLANNING})


class QuietHoursPatch(In):
    """By the organisation's clock; what is left out stays as it is. The same time twice: none."""

    quiet_from: TimeOfDay = left_out()
    quiet_to: TimeOfDay = left_out()

    model_config = example({"quiet_from": "20:30"})


class QuietHoursOut(Out):
    quiet_from: str
    quiet_to: str

    model_config = example(QUIET)


@bp.get("/organisations/<uuid:organisation_id>/reminder-rules")
@access(*RUN_ORGANISATIONS)
@bp.input(PageQuery, location="query")
@bp.output(ReminderRulePage)
def index(organisation_id: UUID, query_data: PageQuery) -> dict[str, Any]:
    """The organisation's own, the earliest first.

    The one 3 hours before is always there beside them.
    """
    found = page(queries.page(organisation_id, actor(), query_data.paging))
    return found | {"planning": queries.progress(organisation_id, actor())}


@bp.post("/organisations/<uuid:organisation_id>/reminder-rules")
@access(*RUN_ORGANISATIONS)
@honours_key
@bp.input(ReminderRuleIn)
@bp.output(ReminderRuleOut, 201)
def create(organisation_id: UUID, json_data: ReminderRuleIn) -> Listed:
    """Add a reminder; visits to come get it, too. The same once more is refused: 409."""
    values = json_data.model_dump()
    rule_id = once(lambda: service.add(organisation_id, values, actor()), json_data)
    return queries.rule(organisation_id, UUID(rule_id), actor())


@bp.get("/organisations/<uuid:organisation_id>/reminder-rules/<uuid:rule_id>")
@access(*RUN_ORGANISATIONS)
@bp.output(ReminderRuleOut)
def show(organisation_id: UUID, rule_id: UUID) -> Listed:
    """One of them."""
    return queries.rule(organisation_id, rule_id, actor())


@bp.patch("/organisations/<uuid:organisation_id>/reminder-rules/<uuid:rule_id>")
@access(*RUN_ORGANISATIONS)
@bp.input(ReminderRulePatch)
@bp.output(ReminderRuleOut)
def update(organisation_id: UUID, rule_id: UUID, json_data: ReminderRulePatch) -> Listed:
    """Change it; visits to come follow."""
    changes = json_data.model_dump(exclude_unset=True)
    service.change(organisation_id, rule_id, changes, actor())
    return queries.rule(organisation_id, rule_id, actor())


@bp.delete("/organisations/<uuid:organisation_id>/reminder-rules/<uuid:rule_id>")
@access(*RUN_ORGANISATIONS)
@bp.doc(responses={204: "Deleted: what it planned and was not sent is withdrawn"})
def delete(organisation_id: UUID, rule_id: UUID) -> tuple[str, int]:
    """Delete it, and withdraw what it planned for visits to come."""
    service.remove(organisation_id, rule_id, actor())
    return "", 204


@bp.get("/organisations/<uuid:organisation_id>/quiet-hours")
@access(*RUN_ORGANISATIONS)
@bp.output(QuietHoursOut)
def quiet_hours(organisation_id: UUID) -> dict[str, str]:
    """When the organisation's own reminders wait. The one 3 hours before never does."""
    return _hours(organisation_id)


@bp.patch("/organisations/<uuid:organisation_id>/quiet-hours")
@access(*RUN_ORGANISATIONS)
@bp.input(QuietHoursPatch)
@bp.output(QuietHoursOut)
def set_quiet_hours(organisation_id: UUID, json_data: QuietHoursPatch) -> dict[str, str]:
    """Choose them; reminders of visits to come are moved."""
    given = json_data.model_dump(exclude_unset=True)
    changes = {name: _minutes(said) for name, said in given.items()}
    service.set_quiet_hours(organisation_id, changes, actor())
    return _hours(organisation_id)


def _hours(organisation_id: UUID) -> dict[str, str]:
    found = queries.hours(organisation_id, actor())
    return {"quiet_from": _said(found.quiet_from), "quiet_to": _said(found.quiet_to)}


def _minutes(said: str) -> int:
    return int(said[:2]) * 60 + int(said[3:])


def _said(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
