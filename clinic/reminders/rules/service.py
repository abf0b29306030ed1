"""Add, change and remove an organisation's own reminders, and choose its quiet hours."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound
from clinic.core.fields import Choice, Flag, Kind, Line, Number, read
from clinic.events.service import record
from clinic.organisations.models import Organisation
from clinic.organisations.service import RUN
from clinic.reminders import quiet
from clinic.reminders.errors import RuleTaken, TooManyRules
from clinic.reminders.facts import ReminderRulesChanged
from clinic.reminders.models import LONGEST_LABEL, ReminderRule, ReminderSettings
from clinic.reminders.rules import replan

MOST_RULES = 10
LEAST_BEFORE, MOST_BEFORE = 30, 30 * 24 * 60  # minutes
CHANNELS = ("own", "sms", "whatsapp", "email")
AUDIENCES = ("patient", "doctor")
KINDS: dict[str, Kind[Any]] = {
    "minutes_before": Number(LEAST_BEFORE, MOST_BEFORE),
    "channel": Choice(CHANNELS),
    "audience": Choice(AUDIENCES),
    "label": Line(LONGEST_LABEL),
    "is_active": Flag(),
}
QUIET: dict[str, Kind[Any]] = {
    "quiet_from": Number(0, quiet.A_DAY - 1),
    "quiet_to": Number(0, quiet.A_DAY - 1),
}


@transactional
def add(organisation_id: UUID, values: Mapping[str, Any], actor: Actor) -> UUID:
    """`values` are columns of ReminderRule. Raises NotFound, Invalid, TooManyRules; RuleTaken
    where there is one of the same time, channel and audience."""
    _hold(organisation_id, actor)
    mine = sa.select(sa.func.count()).where(ReminderRule.organisation_id == organisation_id)
    if db.session.execute(mine).scalar_one() >= MOST_RULES:
        raise TooManyRules
    rule = ReminderRule(organisation_id=organisation_id, **_read(values))
    _write(rule, {})
    _say_changed(organisation_id, actor, plans_follow=rule.is_active)
    return rule.id


@transactional
def change(organisation_id: UUID, rule_id: UUID, changes: Mapping[str, Any], actor: Actor) -> None:
    """Raises NotFound, Invalid, RuleTaken."""
    _hold(organisation_id, actor)
    rule = _rule(organisation_id, rule_id)
    wanted = {key: new for key, new in _read(changes).items() if getattr(rule, key) != new}
    if not wanted:
        return
    was_active = rule.is_active
    _write(rule, wanted)
    follow = (was_active or rule.is_active) and bool(wanted.keys() - {"label"})
    _say_changed(organisation_id, actor, plans_follow=follow)


@transactional
def remove(organisation_id: UUID, rule_id: UUID, actor: Actor) -> None:
    """What it planned and was not sent is withdrawn. Raises NotFound."""
    _hold(organisation_id, actor)
    rule = _rule(organisation_id, rule_id)
    db.session.delete(rule)
    db.session.flush()
    _say_changed(organisation_id, actor, plans_follow=rule.is_active)


@transactional
def set_quiet_hours(organisation_id: UUID, changes: Mapping[str, Any], actor: Actor) -> None:
    """`changes`: quiet_from and quiet_to, in minutes after midnight. Raises NotFound, Invalid."""
    _hold(organisation_id, actor)
    wanted = {key: read(key, QUIET[key], value) for key, value in changes.items()}
    known = db.session.get(ReminderSettings, organisation_id, populate_existing=True)
    hours = known or ReminderSettings(
        organisation_id=organisation_id, quiet_from=quiet.BEGIN, quiet_to=quiet.END
    )
    if all(getattr(hours, key) == value for key, value in wanted.items()):
        return
    for key, value in wanted.items():
        setattr(hours, key, value)
    db.session.add(hours)
    db.session.flush()
    _say_changed(organisation_id, actor, plans_follow=True)


def _hold(organisation_id: UUID, actor: Actor) -> None:
    """Whoever plans by the rules of now ends first, and who begins after this reads the new ones:
    plans hold it (`plans.TO_PLAN`). Meanwhile nothing that refers to it is written.
    """
    held = sa.select(Organisation.id).where(Organisation.id == organisation_id, RUN.to(actor))
    if db.session.scalar(held.with_for_update()) is None:
        raise NotFound


def _rule(organisation_id: UUID, rule_id: UUID) -> ReminderRule:
    rule = db.session.scalar(
        sa.select(ReminderRule)
        .where(ReminderRule.id == rule_id, ReminderRule.organisation_id == organisation_id)
        .execution_options(populate_existing=True)
    )
    if rule is None:
        raise NotFound
    return rule


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: read(key, KINDS[key], value) for key, value in values.items()}


def _write(rule: ReminderRule, values: Mapping[str, Any]) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(rule)
            for key, value in values.items():
                setattr(rule, key, value)
    except sa.exc.IntegrityError:
        raise RuleTaken from None


def _say_changed(organisation_id: UUID, actor: Actor, plans_follow: bool) -> None:
    record(ReminderRulesChanged(organisation_id=organisation_id), actor)
    if plans_follow:
        replan.start(organisation_id)
