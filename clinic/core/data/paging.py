"""Long lists in pages that neither skip nor repeat a row when others come and go meanwhile."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa

from clinic.core.data.db import UtcDateTime, db
from clinic.core.errors import N_, ClinicError
from clinic.core.text import UNSTORABLE

T = TypeVar("T")
U = TypeVar("U")

USUAL, MOST = 25, 100
LONGEST_CURSOR = 1000  # characters: 120 of any script, and an id


class BadCursor(ClinicError):
    code, title = "bad_cursor", N_("That page does not exist. Begin again without a cursor.")


@dataclass(frozen=True, slots=True)
class Paging:
    """What the caller asked for."""

    limit: int = USUAL
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: list[T]
    next_cursor: str | None

    def of(self, make: Callable[[Sequence[T]], list[U]]) -> "Page[U]":
        """The same page with its rows made into something else, all at once."""
        return Page(make(self.items), self.next_cursor)


def page_of(
    query: sa.Select[*tuple[Any, ...]],
    order: sa.SQLColumnExpression[Any],
    identity: sa.SQLColumnExpression[UUID],
    paging: Paging,
    descending: bool = False,
) -> Page[sa.Row[Any]]:
    """The page of `query` after the cursor, in the order of a NOT NULL column and then the id.

    Each row carries `order` and `identity` as its last two columns. Raises BadCursor.
    """
    last = sa.tuple_(order, identity)
    ways = (order.desc(), identity.desc()) if descending else (order.asc(), identity.asc())
    query = query.add_columns(order.label("_order"), identity.label("_identity")).order_by(*ways)
    if paging.cursor:
        after = sa.tuple_(*_literals(paging.cursor, order, identity))
        query = query.where(last < after if descending else last > after)
    rows = db.session.execute(query.limit(paging.limit + 1)).all()
    more = len(rows) > paging.limit
    rows = rows[: paging.limit]
    return Page(list(rows), _cursor(rows[-1]) if more else None)


def _cursor(row: sa.Row[Any]) -> str:
    value = row._order.isoformat() if hasattr(row._order, "isoformat") else row._order
    text = json.dumps([value, str(row._identity)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _literals(
    cursor: str, order: Any, identity: Any
) -> tuple[sa.BindParameter[Any], sa.BindParameter[UUID]]:
    """What the cursor stands for. It comes from outside: anything may stand there."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError
        value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return sa.literal(_value(value, order.type), order.type), sa.literal(
            UUID(row_id), identity.type
        )
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
        raise BadCursor from None


def _value(value: Any, kind: Any) -> object:
    if isinstance(kind, UtcDateTime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)  # here, where the ends of time are only a wrong cursor
    if not isinstance(value, kind.python_type) or UNSTORABLE.search(str(value)):
        raise ValueError
    return value
