"""Questions asked together are answered as if each had been asked alone."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import UtcDateTime, db, transactional
from clinic.core.data.trips.asking import Question, ask
from clinic.core.work.heartbeat import Heartbeat
from clinic.doctors.models import Doctor
from clinic.events.models import EventRow
from clinic.schedules.models import Schedule
from tests.conftest import Stage
from tests.factories import book
from tests.questions import asked
from tests.trips import trips

MOMENT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
BEATS = Question(
    sa.select(Heartbeat.name, Heartbeat.beat_at)
    .where(Heartbeat.beat_at >= sa.bindparam("since", type_=UtcDateTime))
    .order_by(Heartbeat.name)
)
ROLES = Question(
    sa.select(User.email, User.id)
    .where(User.role.in_(["doctor", "staff"]), User.organisation_id == sa.bindparam("place"))
    .order_by(User.email)
)


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


@transactional
def beat(*names: str) -> None:
    for name in names:
        db.session.add(Heartbeat(name=name, beat_at=MOMENT))


def test_the_rows_are_those_of_single_statements(cast):
    beat("one", "two")
    asked_for = [(BEATS, {"since": MOMENT}), (ROLES, {"place": cast.harbour})]
    together = transactional(ask)(*asked_for)
    alone = [db.session.execute(one.statement, values).all() for one, values in asked_for]
    assert [[tuple(row) for row in rows] for rows in together] == [
        [tuple(row) for row in rows] for rows in alone
    ]
    beats, roles = together
    assert [row.name for row in beats] == ["one", "two"]
    assert beats[0].beat_at == MOMENT
    assert beats[0].beat_at.tzinfo is UTC
    assert len(roles) == 3


def test_columns_of_each_kind_come_back_as_sqlalchemy_gives_them(cast):
    book(cast.asha, cast.dr_chandra)
    for statement in (sa.select(*EventRow.__table__.c), sa.select(*Schedule.__table__.c)):
        (rows,) = transactional(ask)((Question(statement), {}))
        assert [tuple(row) for row in rows] == [*map(tuple, db.session.execute(statement))]
        assert rows


def test_a_question_may_be_asked_with_other_values(cast):
    beat("one")
    later = MOMENT + timedelta(seconds=1)
    found = transactional(ask)((BEATS, {"since": MOMENT}), (BEATS, {"since": later}))
    assert [len(rows) for rows in found] == [1, 0]


def test_what_waits_is_seen(cast):
    @transactional
    def write_and_look():
        db.session.add(Heartbeat(name="new", beat_at=MOMENT))
        return ask((BEATS, {"since": MOMENT}))

    ((row,),) = write_and_look()
    assert row.name == "new"


def test_all_go_in_one_trip_with_begin(postgres_stage: Stage):
    postgres_stage.put_back()

    place = {"place": postgres_stage.cast.harbour}
    with postgres_stage.app.app_context():
        with trips() as made:
            transactional(ask)((BEATS, {"since": MOMENT}), (ROLES, place))
        assert made.count == 2, made.wire  # the questions, and the end of the transaction


def test_listeners_hear_of_each_statement(postgres_stage: Stage):
    with postgres_stage.app.app_context(), asked() as heard:
        transactional(ask)((BEATS, {"since": MOMENT}), (BEATS, {"since": MOMENT}))
    assert len([one for one in heard if "heartbeats" in one]) == 2


def test_a_refused_statement_is_sqlalchemys_error(cast):
    wrong = Question(sa.update(Doctor).values(diary_version=None).returning(Doctor.id))
    with pytest.raises(sa.exc.IntegrityError):
        transactional(ask)((wrong, {}))
    beat("after")  # and the connection is as good as before
    assert db.session.scalar(sa.select(Heartbeat.name)) == "after"
