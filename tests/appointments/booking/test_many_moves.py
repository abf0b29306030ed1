"""A visit moves five times a day by its patient's side: each move writes to their address."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.booking import move
from clinic.appointments.errors import SlotTaken, StepNotPossible, TooManyMoves
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.core import clock
from clinic.core.data.db import db
from tests.api.conftest import Caller
from tests.cast import NOW, TODAY, at
from tests.conftest import Stage, client_of
from tests.crowd import at_once, faults
from tests.factories import next_week, scheduled
from tests.pages import text_of

TO_AND_FRO = ["09:30", "09:00"] * 30
A_DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        return scheduled(cast.asha, cast.dr_chandra, at("09:00", TODAY + A_DAY))


def start(wall: str) -> str:
    return at(wall, TODAY + A_DAY).isoformat()


def newest(app):
    with app.app_context():
        db.session.rollback()
        late = sa.select(Appointment.id).where(Appointment.status != "cancelled")
        return db.session.scalars(late).one()


def by_page(app, cast):
    client = client_of(app, cast.asha)
    return lambda wall: client.post(
        f"/appointments/{newest(app)}/reschedule", data={"start": start(wall)}
    )


def by_link(app, cast):
    with app.app_context():
        path = f"/visit/{links.token_of(newest(app))}/reschedule"
    return lambda wall: app.test_client().post(path, data={"start": start(wall)})


def by_api(app, cast):
    caller = Caller(app, cast.asha)
    return lambda wall: caller.post(
        f"/appointments/{newest(app)}/reschedule", {"start": start(wall)}
    )


@pytest.mark.parametrize("door", [by_page, by_link, by_api])
def test_the_sixth_move_of_a_day_is_refused_with_words(app, cast, visit, door):
    move_to = door(app, cast)
    answers = [move_to(wall) for wall in (*TO_AND_FRO[:6], "10:00")]
    assert [one.status_code < 400 for one in answers] == [True] * 5 + [False] * 2
    assert {one.status_code for one in answers[5:]} == {429}
    assert "or call the clinic" in (text_of(answers[5]) + answers[5].get_data(as_text=True))
    assert len(every_visit(app)) == 1 + 5


def every_visit(app):
    with app.app_context():
        return db.session.scalars(sa.select(Appointment.id)).all()


def test_the_api_says_its_code_and_when_to_come_back(app, cast, visit):
    move_to = by_api(app, cast)
    for wall in TO_AND_FRO[:5]:
        move_to(wall)
    answer = move_to("10:00")
    assert answer.json["type"] == "urn:clinic:problem:too_many_moves"
    assert (
        A_DAY.total_seconds() - 60 < int(answer.headers["Retry-After"]) <= A_DAY.total_seconds() + 1
    )


def test_page_and_link_are_one_count(app, cast, visit):
    by_turns = [by_page(app, cast), by_link(app, cast)] * 3
    answers = [door(wall) for door, wall in zip(by_turns, TO_AND_FRO[:6], strict=True)]
    assert [one.status_code for one in answers] == [303] * 5 + [429]


@pytest.fixture
def restless(app, cast, visit):
    """Moved as often as a day allows; still at another time than at first."""
    with app.app_context():
        for wall in TO_AND_FRO[:5]:
            visit = move.reschedule(visit.id, at(wall, TODAY + A_DAY), cast.asha.actor)
        return visit


@pytest.mark.parametrize("who", ["esha", "dr_chandra"])
def test_the_clinics_own_people_move_on_and_are_not_counted(app, cast, restless, who):
    with app.app_context():
        visit = restless
        for wall in TO_AND_FRO[1:20]:
            visit = move.reschedule(visit.id, at(wall, TODAY + A_DAY), cast.people[who].actor)
        with clock.travelled(NOW + A_DAY / 24), pytest.raises(TooManyMoves):
            move.reschedule(visit.id, at("11:00", TODAY + A_DAY), cast.asha.actor)


def test_after_a_day_it_moves_again(app, cast, restless):
    later = at("09:00", TODAY + 3 * A_DAY)
    with app.app_context():
        with clock.travelled(NOW + A_DAY - MINUTE), pytest.raises(TooManyMoves):
            move.reschedule(restless.id, later, cast.asha.actor)
        with clock.travelled(NOW + A_DAY + MINUTE):
            assert move.reschedule(restless.id, later, cast.asha.actor).starts_at == later


def test_another_visit_of_the_same_person_has_a_count_of_its_own(app, cast, restless):
    with app.app_context():
        other = scheduled(cast.asha, cast.dr_dev, at("10:00", TODAY + A_DAY))
        moved = move.reschedule(other.id, at("11:00", TODAY + A_DAY), cast.asha.actor)
        assert moved.starts_at == at("11:00", TODAY + A_DAY)


def test_the_same_time_again_is_no_move(app, cast, restless):
    with app.app_context():
        same = move.reschedule(restless.id, restless.starts_at, cast.asha.actor)
        assert same.id == restless.id


def test_sixty_moves_at_once_are_five_at_most(both: Stage):
    """Each of them of whatever the visit is by then."""
    cast = both.cast
    with both.app.app_context():
        scheduled(cast.asha, cast.dr_chandra, next_week("09:00"))

    def move_on(wall):
        late = sa.select(Appointment.id).where(Appointment.status != "cancelled")
        visit_id = db.session.scalars(late).one()
        db.session.rollback()
        return move.reschedule(visit_id, next_week(wall), cast.asha.actor)

    answers = at_once(both.app, [lambda wall=wall: move_on(wall) for wall in TO_AND_FRO])
    assert faults(answers, TooManyMoves, StepNotPossible, SlotTaken) == []
    with both.app.app_context():
        assert len(db.session.scalars(sa.select(Appointment.id)).all()) <= 1 + move.MOST_MOVES
