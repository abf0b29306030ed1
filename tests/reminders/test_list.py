"""The list of an organisation's reminders is read along its index, its messages by their key."""

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, is_sqlite
from clinic.core.data.paging import Paging
from clinic.reminders import queries
from clinic.reminders.queries import Wanted
from tests.conftest import Stage
from tests.factories import scheduled
from tests.reminders.plan_helpers import LATE, handed_over, work

INDEX = "ix_reminders_organisation_id_due_at_id"
WANTED = [Wanted(), Wanted(frozenset({"planned"})), Wanted(frozenset({"delivered", "failed"}))]


@pytest.fixture
def stage(both: Stage):
    with both.app.app_context():
        yield both


def plan_of(asked) -> str:
    """How the database answers what `asked` asks of reminders."""
    said = []

    def hear(_conn, _cursor, statement, parameters, *_):
        if "FROM reminders" in statement:
            said.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        asked()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)
    db.session.rollback()
    ((statement, parameters),) = said
    word = "EXPLAIN QUERY PLAN" if is_sqlite() else "EXPLAIN"
    with db.engine.connect() as connection:
        if not is_sqlite():  # of a table with two rows it would read all
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        rows = connection.exec_driver_sql(f"{word} {statement}", parameters).all()
        connection.rollback()
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("wanted", WANTED, ids=["all", "planned", "ended"])
def test_the_list_of_the_desk_is_read_in_its_order(stage, wanted):
    desk = stage.cast.esha.actor
    for cursor in (None, _cursor(stage)):
        plan = plan_of(lambda at=cursor: queries.page(desk, wanted, Paging(cursor=at)))
        assert INDEX in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan
        assert "dedupe_key" in plan  # the message of each, by its unique index
        assert "SCAN messages" not in plan and "Seq Scan" not in plan


def _cursor(stage: Stage) -> str:
    scheduled(stage.cast.asha, stage.cast.dr_chandra, LATE)
    work()
    cursor = queries.page(stage.cast.esha.actor, Wanted(), Paging(limit=1)).next_cursor
    db.session.rollback()
    assert cursor
    return cursor


def test_each_is_told_with_its_own_message(stage):
    visit = scheduled(stage.cast.asha, stage.cast.dr_chandra, LATE)
    work()
    handed_over(visit)
    found = queries.page(stage.cast.esha.actor, Wanted(), Paging()).items
    assert [(one.rule, one.status) for one in found] == [
        ("booked", "delivered"), ("before_3h", "planned"),
    ]  # fmt: skip
    assert found[0].message_id
    assert found[1].message_id is None


@pytest.mark.parametrize("wanted", WANTED, ids=["all", "planned", "ended"])
def test_the_list_of_a_patient_is_read_by_theirs_alone(stage, wanted):
    """Not through the reminders of everybody."""
    plan = plan_of(lambda: queries.page(stage.cast.asha.actor, wanted, Paging()))
    assert "SCAN reminders" not in plan
    assert "Seq Scan" not in plan
