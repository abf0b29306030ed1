"""How often the database is asked for what a page says of visits."""

from dataclasses import fields

import pytest

from clinic.appointments.board.day import day_of
from clinic.appointments.models import Appointment
from clinic.appointments.reading import lists
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading.visit import VISITS, Visit
from clinic.core.data.db import db
from tests.factories import scheduled
from tests.questions import asked

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def booked(cast):
    found = [scheduled(cast.asha, cast.dr_chandra, wall) for wall in ("09:30", "10:00", "10:30")]
    db.session.rollback()
    return found[0].id


@pytest.mark.parametrize(
    ("read", "most"),
    [
        (lambda cast, key: visits.visit(key, cast.asha.actor), 1),
        (lambda cast, key: visits.upcoming(cast.asha.actor), 1),
        (lambda cast, key: visits.past(cast.asha.actor), 1),
        (lambda cast, key: lists.one(cast.esha.actor, key), 1),
        (lambda cast, key: lists.visits_of(cast.esha.actor), 1),
        (lambda cast, key: day_of(cast.esha.actor), 4),  # the zone, the day, what waits, texts
    ],
)
def test_many_visits_are_one_question(cast, booked, read, most):
    with asked() as heard:
        read(cast, booked)
    assert len([one for one in heard if "SELECT" in one]) <= most, heard


def test_the_record_is_what_the_query_asks(cast, booked):
    """Columns are taken by their place: each must stand where its field stands."""
    row = db.session.execute(VISITS.where(Appointment.id == booked)).one()
    seen = visits.of_row(row, cast.asha.actor)
    made = {"by", "zone", "status", "reason"}
    names = [one.name for one in fields(Visit) if one.name not in made]
    assert [getattr(seen, name) for name in names] == [getattr(row, name) for name in names]
    assert (seen.status, seen.reason, seen.zone.key) == (row.status, row.reason, row.timezone)
