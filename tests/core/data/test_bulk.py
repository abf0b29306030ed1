"""Many rows by one statement, on both databases: new ones counted, known ones left as they are."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.bulk import among, insert_all, insert_unknown, update_all
from clinic.core.data.db import db, transactional
from clinic.core.work.heartbeat import Heartbeat
from clinic.events.models import BackgroundTask, EventRow

MOMENT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def cast(both):
    with both.app.app_context():
        yield both.cast


def beats(*names):
    return [{"name": name, "beat_at": MOMENT} for name in names]


def names():
    db.session.rollback()
    return sorted(db.session.scalars(sa.select(Heartbeat.name)))


def test_new_rows_are_counted_and_known_ones_stay_as_they_are():
    insert = transactional(insert_unknown)
    assert insert(Heartbeat, beats("one", "two")) == 2
    later = [{"name": "two", "beat_at": MOMENT + timedelta(days=1)}, *beats("three", "three")]
    assert insert(Heartbeat, later) == 1
    assert names() == ["one", "three", "two"]
    assert db.session.get(Heartbeat, "two").beat_at == MOMENT


def test_a_known_row_is_refused_where_all_are_to_be_new():
    transactional(insert_all)(Heartbeat, beats("one", "two"))
    with pytest.raises(sa.exc.IntegrityError):
        transactional(insert_all)(Heartbeat, beats("three", "two"))
    assert names() == ["one", "two"]


def test_nothing_is_no_statement():
    transactional(insert_all)(Heartbeat, [])
    assert transactional(insert_unknown)(Heartbeat, []) == 0
    assert names() == []


def test_every_kind_of_column_comes_back_as_it_went():
    rows = [
        {
            "id": uuid4(),
            "at": MOMENT,
            "name": "visit.doodled",
            "topic": 'it\'s "quoted", {braced} and \\ slashed',
            "organisation_id": place,
            "actor_id": None,
            "actor_role": "system",
            "request_id": None,
            "payload": {"one": "ü, 'x'", "two": None, "three": [1, {"a": True}]},
        }
        for place in (uuid4(), None)
    ]
    transactional(insert_all)(EventRow, rows)
    for row in rows:
        kept = db.session.get_one(EventRow, row["id"])
        assert {name: getattr(kept, name) for name in row} == row


def test_a_word_that_is_too_long_is_refused_and_not_cut_off(both):
    row = _task("k" * 41)
    if both.app.config["SETTINGS"].database_url:
        with pytest.raises(sa.exc.DataError):
            transactional(insert_all)(BackgroundTask, [row])
        return
    transactional(insert_all)(BackgroundTask, [row])  # SQLite knows no lengths
    assert db.session.scalars(sa.select(BackgroundTask.kind)).all() == ["k" * 41]


def _task(kind) -> dict[str, object]:
    moment = clock.now()
    there: dict[str, UUID] = {"id": uuid4(), "about_id": uuid4()}
    times = {"created_at": moment, "due_at": moment}
    return {"kind": kind, "status": "queued", "attempts": 0, **there, **times}


def test_a_rule_that_is_broken_is_no_known_row():
    with pytest.raises(sa.exc.IntegrityError):
        transactional(insert_unknown)(
            BackgroundTask, [_task("one"), {**_task("two"), "status": "odd"}]
        )
    assert db.session.scalars(sa.select(BackgroundTask.kind)).all() == []


def test_a_time_without_a_zone_is_refused():
    naive = [{"name": "one", "beat_at": MOMENT.replace(tzinfo=None)}]
    with pytest.raises((ValueError, sa.exc.StatementError), match="without a zone"):
        transactional(insert_all)(Heartbeat, naive)


def test_outside_a_command_it_is_refused():
    for insert in (insert_all, insert_unknown):
        with pytest.raises(RuntimeError):
            insert(Heartbeat, beats("one"))


@pytest.mark.parametrize("wanted", [(), ("one",), ("one", "three", "four")])
def test_among_is_what_in_is(wanted):
    transactional(insert_all)(Heartbeat, beats("one", "two", "three"))
    found = db.session.scalars(sa.select(Heartbeat.name).where(among(Heartbeat.name, wanted)))
    assert sorted(found) == sorted({*wanted} & {"one", "three"})


def test_rows_are_changed_each_as_it_says_though_not_all_change_the_same():
    rows = [_task(kind) for kind in ("one", "two", "three")]
    transactional(insert_all)(BackgroundTask, rows)
    later = rows[0]["due_at"] + timedelta(days=1)
    changes = [
        {"id": rows[0]["id"], "status": "failed", "error_message": "ü, \\ and {x}"},
        {"id": rows[1]["id"], "due_at": later},
        {"id": uuid4(), "due_at": later},
    ]
    transactional(update_all)(BackgroundTask.__table__, ("id",), changes)
    db.session.rollback()
    found = {one.kind: one for one in db.session.scalars(sa.select(BackgroundTask))}
    assert (found["one"].status, found["one"].error_message) == ("failed", "ü, \\ and {x}")
    assert (found["two"].status, found["two"].due_at) == ("queued", later)
    assert (found["three"].status, found["three"].error_message) == ("queued", None)


def test_a_change_to_a_word_that_is_too_long_is_refused_and_not_cut_off(both):
    row = _task("one")
    transactional(insert_all)(BackgroundTask, [row])
    change = [{"id": row["id"], "kind": "k" * 41}]
    if both.app.config["SETTINGS"].database_url:
        with pytest.raises(sa.exc.DataError):
            transactional(update_all)(BackgroundTask.__table__, ("id",), change)
        return
    transactional(update_all)(BackgroundTask.__table__, ("id",), change)  # SQLite knows no lengths
    assert db.session.scalars(sa.select(BackgroundTask.kind)).all() == ["k" * 41]
