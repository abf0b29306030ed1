"""Who may see what: one table for each kind of thing, in the room that owns the kind.

    VISIBLE = Visible("visit", {Role.PATIENT: same_patient(Appointment.patient_id), ...})

Lists, pages, streams, commands and jobs put `VISIBLE.to(actor)` into their query.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor

Condition = sa.ColumnElement[bool]
Row = Callable[[Actor], Condition]
Column = sa.SQLColumnExpression[Any]


class Visible:
    """A row for each role that sees any of the kind; a role without a row sees nothing."""

    def __init__(self, kind: str, rows: Mapping[str, Row], public: Condition | None = None) -> None:
        """`public` is what everybody sees, also who is not signed in."""
        self.kind = kind
        self.rows = dict(rows)
        self.public = sa.false() if public is None else public

    def to(self, actor: Actor | None) -> Condition:
        """The condition under which the actor (None for nobody signed in) sees one of the kind."""
        row = self.rows.get(actor.role) if actor else None
        return sa.or_(self.public, row(actor)) if actor and row else self.public

    def shows_any(self, actor: Actor) -> bool:
        """Whether the role of the actor has a row."""
        return self.rows.get(actor.role) is not None

    def of(self, role: str) -> Condition:
        """The same for whoever has that role, for a statement that is kept: who asks is a value of
        it, by `asked_by`.
        """
        return self.to(Actor(role=role, **_ASKED))


_KEYS = ("user_id", "organisation_id", "doctor_id", "patient_id")
_ASKED: dict[str, Any] = {key: sa.bindparam(f"actor_{key}") for key in _KEYS}


def asked_by(actor: Actor) -> dict[str, UUID | None]:
    """The values of `Visible.of`."""
    return {f"actor_{key}": getattr(actor, key) for key in _KEYS}


def everything(_: Actor) -> Condition:
    return sa.true()


def same_organisation(column: Column) -> Row:
    """What belongs to the organisation they work for."""
    return lambda actor: _is(column, actor.organisation_id)


def same_doctor(column: Column) -> Row:
    return lambda actor: _is(column, actor.doctor_id)


def same_patient(column: Column) -> Row:
    return lambda actor: _is(column, actor.patient_id)


def same_user(column: Column) -> Row:
    return lambda actor: _is(column, actor.user_id)


def _is(column: Column, key: object) -> Condition:
    # Or who belongs to no organisation would see what belongs to none: `= NULL` becomes IS NULL.
    return sa.false() if key is None else column == key
