"""P3 by program: a retried call books once, however many retries come at once."""

from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from clinic.schedules.queries import windows_of
from tests.api.conftest import Caller
from tests.conftest import Stage
from tests.crowd import SIZE, at_once, broken_invariants
from tests.factories import many_patients, next_week

pytestmark = pytest.mark.trust


def visits():
    db.session.rollback()
    return db.session.scalars(sa.select(Appointment).order_by(Appointment.starts_at)).all()


def test_twenty_equal_calls_book_once_and_get_one_answer(both: Stage):
    caller = Caller(both.app, both.cast.asha)
    body = {
        "doctor_id": str(both.cast.dr_chandra.doctor_id),
        "start": next_week("10:00").isoformat(),
        "reason": "Blood pressure",
    }
    for turn in range(SIZE):
        body["start"] = (next_week("10:00") + timedelta(days=turn)).isoformat()
        key = {"Idempotency-Key": f"key-{turn}"}
        answers = at_once(
            both.app, [lambda k=key: caller.post("/appointments", dict(body), headers=k)] * 20
        )
        assert {one.status_code for one in answers} == {201}
        assert len({one.get_json()["id"] for one in answers}) == 1
        with both.app.app_context():
            assert len(visits()) == turn + 1
            assert broken_invariants() == []


def test_a_window_without_a_time_fills_up_from_its_beginning(both: Stage):
    """Eight ask at once for the first free time of a window of six: all get one of their own."""
    with both.app.app_context():
        doctor = both.cast.dr_chandra.doctor_id
        window = next(one for one in windows_of([doctor])[doctor] if one.weekday == 0)
        callers = [Caller(both.app, who) for who in many_patients(8)]
    body = {"schedule_id": str(window.id), "reason": "Blood pressure"}
    answers = at_once(
        both.app, [lambda who=who: who.post("/appointments", body) for who in callers]
    )
    assert {one.status_code for one in answers} == {201}
    with both.app.app_context():
        starts = [visit.starts_at for visit in visits()]
        assert len(set(starts)) == 8
        gaps = {after - before for before, after in pairwise(starts)}
        assert timedelta(minutes=30) in gaps
        assert broken_invariants() == []
