"""One commit place: what joins, what rolls back, what runs after; and no update is lost."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError

from clinic.appointments.life.locking import lock_for_booking
from clinic.core.data.db import after_commit, db, transactional
from clinic.core.work import heartbeat
from clinic.core.work.heartbeat import Heartbeat
from clinic.events.models import EventRow
from tests.conftest import Stage
from tests.crowd import SIZE, at_once, faults

MOMENT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def beats():
    db.session.rollback()
    return sorted(db.session.scalars(sa.select(Heartbeat.name)))


@transactional
def write(*names):
    for name in names:
        db.session.add(Heartbeat(name=name, beat_at=MOMENT))
        db.session.flush()


class Trouble(Exception):
    pass


def test_a_command_commits_what_it_wrote(in_app):
    write("one")
    assert beats() == ["one"]


def test_a_command_that_raises_leaves_nothing(in_app):
    @transactional
    def outer():
        write("one")
        raise Trouble

    with pytest.raises(Trouble):
        outer()
    assert beats() == []
    write("two")
    assert beats() == ["two"]


def test_an_inner_command_joins_the_outer_one(in_app):
    """What the inner wrote is not committed before the outer is done."""
    seen_outside = []

    @transactional
    def outer():
        write("inner")
        with db.engine.connect() as other:
            seen_outside.append(other.scalar(sa.select(sa.func.count()).select_from(Heartbeat)))
        write("outer")

    outer()
    assert seen_outside == [0]
    assert beats() == ["inner", "outer"]


def test_a_failure_that_is_caught_inside_still_commits_the_rest(in_app):
    @transactional
    def outer():
        write("one")
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(Heartbeat(name="one", beat_at=MOMENT))
            db.session.flush()
        write("two")

    outer()
    assert beats() == ["one", "two"]


def test_what_follows_a_commit_runs_after_it_in_order_and_once(in_app):
    ran = []

    def note(word):
        ran.append((word, beats()))

    @transactional
    def inner():
        after_commit("second", lambda: note("second"))
        write("inner")

    @transactional
    def outer():
        after_commit("first", lambda: note("first"))
        inner()
        after_commit("first", lambda: note("first again"))
        assert ran == []

    outer()
    assert ran == [("first again", ["inner"]), ("second", ["inner"])]


def test_nothing_follows_a_rollback(in_app):
    ran = []

    @transactional
    def outer():
        after_commit("a", lambda: ran.append("a"))
        raise Trouble

    with pytest.raises(Trouble):
        outer()
    write("later")
    assert ran == []


def test_outside_a_command_it_runs_at_once(in_app):
    ran = []
    after_commit("a", lambda: ran.append("a"))
    assert ran == ["a"]


def test_locks_belong_inside_a_command(in_app, cast):
    with pytest.raises(RuntimeError):
        lock_for_booking([cast.dr_chandra.doctor_id])


@pytest.mark.trust
def test_no_update_is_lost_when_many_write(both: Stage):
    """Read, add one, write back: the classic that a deferred SQLite transaction loses."""
    with both.app.app_context():
        write("counter")

    @transactional
    def add_a_second():
        row = db.session.get(Heartbeat, "counter", with_for_update=True)
        row.beat_at += timedelta(seconds=1)

    def many_times():
        for _ in range(25 * SIZE):
            add_a_second()

    assert faults(at_once(both.app, [many_times] * 8)) == []
    with both.app.app_context():
        row = db.session.get(Heartbeat, "counter")
        assert row.beat_at - MOMENT == timedelta(seconds=8 * 25 * SIZE)


@pytest.mark.trust
def test_reading_first_does_not_break_a_writer(both: Stage):
    """A page that has read, and then commands: SQLite alone would say 'database is locked'."""

    def read_then_write(number):
        for turn in range(5 * SIZE):
            assert beats() is not None
            write(f"{number}-{turn}")

    answers = at_once(both.app, [lambda n=number: read_then_write(n) for number in range(8)])
    assert faults(answers) == []
    with both.app.app_context():
        assert len(beats()) == 8 * 5 * SIZE


def test_an_instant_comes_back_in_utc(both: Stage):
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    with both.app.app_context():

        @transactional
        def put():
            db.session.add(Heartbeat(name="x", beat_at=MOMENT.astimezone(kathmandu)))

        put()
        db.session.remove()
        found = db.session.get(Heartbeat, "x").beat_at
        assert (found, found.tzinfo) == (MOMENT, UTC)


def test_a_time_without_a_zone_is_refused(both: Stage):
    with both.app.app_context():

        @transactional
        def put():
            db.session.add(Heartbeat(name="x", beat_at=datetime(2026, 11, 16, 9, 0)))  # noqa: DTZ001 - the point

        with pytest.raises(StatementError, match="without a zone"):
            put()


def test_events_cannot_be_changed_or_removed(both: Stage):
    with both.app.app_context():
        for statement in (sa.update(EventRow).values(name="x"), sa.delete(EventRow)):

            @transactional
            def change(statement=statement):
                db.session.execute(statement)

            with pytest.raises(sa.exc.DBAPIError, match="append-only"):
                change()


def test_a_heartbeat_is_one_row_however_often_it_beats(both: Stage):
    with both.app.app_context():
        for _ in range(3):
            heartbeat.beat("scheduler")
        assert beats() == ["scheduler"]
        assert heartbeat.last_beat("scheduler") is not None
        assert heartbeat.last_beat("nobody") is None
