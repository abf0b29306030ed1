"""Long lists in pages that neither skip nor repeat a row when others come and go meanwhile."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
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
    values: Mapping[str, Any] | None = None,
) -> Page[sa.Row[Any]]:
    """The page of `query` after the cursor, in the order of a NOT NULL column and then the id.

    Each row carries `order` and `identity` as its last two columns. `values` are those of the
    query's own parameters. Raises BadCursor.
    """
    query = paged(query, order, identity, bool(paging.cursor), descending)
    asked = {**(values or {}), **asked_of(paging, order)}
    return cut(db.session.execute(query, asked).all(), paging)


def paged(
    query: sa.Select[*tuple[Any, ...]],
    order: Any,
    identity: Any,
    is_later: bool,  # not the first page: it begins after a cursor
    descending: bool = False,
) -> sa.Select[*tuple[Any, ...]]:
    """The statement alone: `asked_of` has its values, `cut` makes a page of its rows."""
    last = sa.tuple_(order, identity)
    ways = (order.desc(), identity.desc()) if descending else (order.asc(), identity.asc())
    query = query.add_columns(order.label("_order"), identity.label("_identity")).order_by(*ways)
    if is_later:
        after = sa.tuple_(
            sa.bindparam("after", type_=order.type), sa.bindparam("after_id", type_=identity.type)
        )
        query = query.where(last < after if descending else last > after)
    return query.limit(sa.bindparam("most_rows", type_=sa.Integer))


def asked_of(paging: Paging, order: Any) -> dict[str, Any]:
    """Raises BadCursor."""
    values = {"most_rows": paging.limit + 1}
    if not paging.cursor:
        return values
    return values | _stands_for(paging.cursor, order)


def cut(rows: Sequence[T], paging: Paging) -> Page[T]:
    """Of rows, one more than were asked for if there are, whose last columns are order and id."""
    page = list(rows[: paging.limit])
    more = len(rows) > paging.limit
    return Page(page, _cursor(*page[-1][-2:]) if more else None)  # type: ignore[index]


def _cursor(value: Any, identity: UUID) -> str:
    value = value.isoformat() if hasattr(value, "isoformat") else value
    text = json.dumps([value, str(identity)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _stands_for(cursor: str, order: Any) -> dict[str, Any]:
    """It comes from outside: anything may stand there."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError
        value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return {"after": _value(value, order.type), "after_id": UUID(row_id)}
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
