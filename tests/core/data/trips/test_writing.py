"""Rows that were handed over are there whenever anybody looks, and refused like any others."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.facts import AppointmentAccepted
from clinic.core.data.db import db, transactional
from clinic.core.data.trips.rows import MOST_TOGETHER, Again
from clinic.core.data.trips.writing import add, hand_over
from clinic.core.work.heartbeat import Heartbeat
from clinic.doctors.models import DoctorLanguage
from clinic.events.models import EventDelivery, EventRow
from clinic.events.service import record_all
from tests.conftest import Stage
from tests.factories import book
from tests.trips import trips

MOMENT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


class Trouble(Exception):
    pass


def beat(name: str) -> dict[str, object]:
    return {"name": name, "beat_at": MOMENT}


def names() -> list[str]:
    return sorted(db.session.scalars(sa.select(Heartbeat.name)))


def stored() -> list[str]:
    db.session.rollback()
    return names()


def test_what_is_handed_over_is_stored_at_the_end(cast):
    @transactional
    def command():
        hand_over(Heartbeat, beat("one"))
        hand_over(Heartbeat, beat("two"), beat("three"))
        with db.engine.connect() as other:
            assert other.scalar(sa.select(sa.func.count()).select_from(Heartbeat)) == 0

    command()
    assert stored() == ["one", "three", "two"]
    assert set(db.session.scalars(sa.select(Heartbeat.beat_at))) == {MOMENT}


def test_a_command_that_raises_stores_nothing_and_leaves_nothing_behind(cast):
    @transactional
    def command():
        hand_over(Heartbeat, beat("one"))
        raise Trouble

    with pytest.raises(Trouble):
        command()
    transactional(lambda: hand_over(Heartbeat, beat("two")))()
    assert stored() == ["two"]


@pytest.mark.parametrize(
    "look",
    [
        lambda: names(),
        lambda: [db.session.get(Heartbeat, "one").name],
        lambda: [row.name for row in db.session.connection().execute(sa.select(Heartbeat))],
        lambda: [*db.session.connection().exec_driver_sql("SELECT name FROM heartbeats").scalars()],
    ],
    ids=["select", "get", "connection", "text"],
)
def test_whoever_looks_in_the_same_command_sees_it(cast, look):
    seen = []

    @transactional
    def command():
        hand_over(Heartbeat, beat("one"))
        seen.extend(look())

    command()
    assert seen == ["one"] == stored()


def test_what_was_added_before_is_written_before(cast):
    """A row of the old way, one that waits and belongs to it, and again one of the old way."""

    @transactional
    def command():
        event = EventRow(name="x", topic="x", at=MOMENT, actor_role="patient", payload={})
        event.id = sa.Uuid().python_type(int=1)
        db.session.add(event)
        delivery = {"id": event.id, "event_id": event.id, "handler": "a.b", "due_at": MOMENT}
        hand_over(EventDelivery, {**delivery, "attempts": 0})
        db.session.add(Heartbeat(name="last", beat_at=MOMENT))

    command()
    assert stored() == ["last"]
    assert db.session.scalar(sa.select(EventDelivery.handler)) == "a.b"


def test_a_savepoint_takes_back_only_what_came_after_it(cast):
    @transactional
    def command():
        hand_over(Heartbeat, beat("before"))
        with pytest.raises(Trouble), db.session.begin_nested():
            hand_over(Heartbeat, beat("inside"))
            raise Trouble
        hand_over(Heartbeat, beat("after"))

    command()
    assert stored() == ["after", "before"]


def test_a_savepoint_catches_the_refusal_of_what_was_handed_over_in_it(cast):
    transactional(lambda: hand_over(Heartbeat, beat("one")))()

    @transactional
    def command():
        with pytest.raises(IntegrityError), db.session.begin_nested():
            hand_over(Heartbeat, beat("one"))
        hand_over(Heartbeat, beat("two"))

    command()
    assert stored() == ["one", "two"]


def test_a_refusal_is_told_by_the_name_of_the_constraint(cast):
    transactional(lambda: hand_over(Heartbeat, beat("one")))()
    for refusals, error in (
        ({"pk_heartbeats": Trouble}, Trouble),
        ({"other": Trouble}, IntegrityError),
    ):
        with pytest.raises(error):
            transactional(lambda r=refusals: hand_over(Heartbeat, beat("one"), refusals=r))()
    assert stored() == ["one"]


def test_a_command_runs_again_until_it_draws_what_is_free(cast):
    transactional(lambda: hand_over(Heartbeat, beat("one")))()
    drawn = iter(["one", "one", "two"])

    @transactional
    def command():
        hand_over(Heartbeat, beat(next(drawn)), refusals={"pk_heartbeats": Again})

    command()
    assert stored() == ["one", "two"]


def test_a_command_that_never_draws_what_is_free_gives_up(cast):
    transactional(lambda: hand_over(Heartbeat, beat("one")))()
    with pytest.raises(Again):
        transactional(
            lambda: hand_over(Heartbeat, beat("one"), refusals={"pk_heartbeats": Again})
        )()
    assert stored() == ["one"]


def test_many_rows_are_written_like_few(cast):
    many = [beat(f"{number:03}") for number in range(MOST_TOGETHER + 5)]
    transactional(lambda: hand_over(Heartbeat, *many))()
    assert len(stored()) == len(many)


def test_an_entity_that_was_added_is_at_hand_without_a_question(cast):
    found = []

    @transactional
    def command():
        beaten = Heartbeat(name="one", beat_at=MOMENT)
        add(beaten)
        found.append(db.session.get(Heartbeat, "one") is beaten)
        beaten.beat_at = MOMENT.replace(hour=10)

    command()
    assert found == [True]
    assert db.session.scalar(sa.select(Heartbeat.beat_at)) == MOMENT.replace(hour=10)


def test_rows_are_handed_over_inside_a_command_only(cast):
    with pytest.raises(RuntimeError):
        hand_over(DoctorLanguage, {"doctor_id": None, "language": "en"})


def test_rows_of_several_tables_begin_and_commit_are_one_trip(postgres_stage: Stage):
    postgres_stage.put_back()
    cast = postgres_stage.cast
    with postgres_stage.app.app_context():
        visit = book(cast.asha, cast.dr_chandra)
        about = {"doctor_id": visit.doctor_id, "patient_id": visit.patient_id}
        told = AppointmentAccepted(
            organisation_id=None, appointment_id=visit.id, status="scheduled", **about
        )
        with trips() as made:
            transactional(record_all)([told], THE_SYSTEM)
        assert made.count == 1, made.wire
        assert db.session.scalar(sa.select(EventRow.name).where(EventRow.id == told.id))
