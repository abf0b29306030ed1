"""Cursors come from outside: a wrong one is a wrong request, never a fault."""

import base64
import json
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db
from clinic.core.data.paging import BadCursor, Paging, page_of
from tests.conftest import Stage


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


ID = str(uuid4())
FORGED = {
    "words": "nonsense",
    "no base64": "é",
    "nothing": "=",
    "half": cursor("Asha"),
    "three": cursor("Asha", ID, ID),
    "no id": cursor("Asha", "x"),
    "a number": cursor(7, ID),
    "a list": cursor(["Asha"], ID),
    "nul": cursor("\x00", ID),
    "a surrogate": base64.urlsafe_b64encode(f'["\\ud800","{ID}"]'.encode()).decode(),
    "too long": cursor("x" * 1200, ID),
    "deep": base64.urlsafe_b64encode(b"[" * 2900).decode(),
}
TIMES = {
    "no zone": "2026-11-16T09:00:00",
    "the end of time": "9999-12-31T23:59:59-23:59",
    "the beginning": "0001-01-01T00:00:00+23:59",
    "no time": "Asha",
}


def by_name(text: str) -> None:
    page_of(sa.select(User.email), User.full_name, User.id, Paging(2, text))


def by_time(text: str) -> None:
    page_of(sa.select(User.email), User.created_at, User.id, Paging(2, text), descending=True)


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_cursor_is_refused(both: Stage, kind: str):
    with both.app.app_context(), pytest.raises(BadCursor):
        by_name(FORGED[kind])


@pytest.mark.parametrize("kind", TIMES)
def test_a_forged_time_is_refused(both: Stage, kind: str):
    with both.app.app_context(), pytest.raises(BadCursor):
        by_time(cursor(TIMES[kind], ID))


@pytest.mark.parametrize("order, descending", [("full_name", False), ("created_at", True)])
def test_pages_hold_everybody_once(both: Stage, order: str, descending: bool):
    with both.app.app_context():
        column = getattr(User, order)
        everybody = set(db.session.scalars(sa.select(User.email)))
        seen, following = [], Paging(4)
        while True:
            page = page_of(sa.select(User.email), column, User.id, following, descending)
            assert len(page.items) <= 4
            seen += [row.email for row in page.items]
            if page.next_cursor is None:
                break
            following = Paging(4, page.next_cursor)
        db.session.remove()
    assert len(seen) == len(set(seen)) == len(everybody)
