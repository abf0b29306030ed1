"""A sweep of many leaves exactly what the same step leaves when it is taken one by one."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.access.actor import THE_SYSTEM
from clinic.appointments import jobs
from clinic.appointments.models import Appointment
from clinic.appointments.steps import sweep
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.doctors.models import Doctor
from clinic.events.models import EventDelivery, EventRow
from tests.cast import NOW, at
from tests.conftest import Stage
from tests.factories import book, set_rules

STATUSES = [
    "pending", "scheduled", "confirmed", "checked_in", "in_progress", "completed", "cancelled",
    "no_show",
]  # fmt: skip
TIMES = ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30")


@pytest.fixture
def visits(both: Stage):
    """Ids of visits of two doctors, and an app context."""
    with both.app.app_context():
        cast = both.cast
        pairs = [(cast.asha, cast.dr_chandra), (cast.bela, cast.dr_dev)]
        yield [book(*pairs[number % 2], when).id for number, when in enumerate(TIMES)]


@transactional
def all_become(statuses: list[str], visits: list[UUID]) -> None:
    db.session.execute(sa.delete(EventDelivery))
    for visit, status in zip(visits, statuses, strict=True):
        known = sa.update(Appointment).where(Appointment.id == visit)
        db.session.execute(
            known.values(status=status, status_before=None, version=1, updated_at=NOW)
        )


def rows(query) -> list[str]:
    db.session.rollback()
    return sorted(str(dict(row)) for row in db.session.execute(query).mappings())


def versions() -> dict[UUID, int]:
    found = db.session.execute(sa.select(Doctor.id, Doctor.diary_version))
    return {row.id: row.diary_version for row in found}


def outcome(work, statuses, visits, moment):
    """The visits, what was recorded about them and for whom, and whose diary changed."""
    all_become(statuses, visits)
    before = versions()
    known = set(db.session.scalars(sa.select(EventRow.id)))
    with clock.travelled(moment):
        work()
    db.session.rollback()
    after = versions()
    told = sa.select(EventRow.name, EventRow.topic, EventRow.actor_role, EventRow.payload)
    return (
        rows(sa.select(*Appointment.__table__.c)),
        rows(told.where(EventRow.id.not_in(known))),
        rows(sa.select(EventDelivery.handler, EventDelivery.attempts, EventDelivery.due_at)),
        {doctor for doctor in after if after[doctor] != before[doctor]},
    )


def test_no_shows(both: Stage, visits: list[UUID]):
    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(st.sampled_from(STATUSES), min_size=6, max_size=6),
        st.sampled_from(["09:14", "09:15", "10:20", "12:00"]),
        st.sampled_from([0, 15, 60]),
    )
    def check(statuses, wall, grace):
        set_rules(both.cast.harbour, no_show_grace_minutes=grace)
        moment = at(wall)

        def one_by_one():
            for visit, status, start in zip(visits, statuses, TIMES, strict=True):
                late = at(start) + timedelta(minutes=grace) <= moment
                if late and status in ("scheduled", "confirmed"):
                    steps.take(visit, "no_show", THE_SYSTEM)

        at_once = outcome(sweep.mark_no_shows, statuses, visits, moment)
        assert at_once == outcome(one_by_one, statuses, visits, moment)

    check()


def test_what_is_more_than_a_batch_is_swept_all_the_same(both: Stage, visits, monkeypatch):
    monkeypatch.setattr(sweep, "BATCH", 2)
    all_become(["scheduled"] * 5 + ["pending"], visits)
    with clock.travelled(at("17:00")):
        assert sweep.mark_no_shows() == 2
        assert jobs.sweep() == 4
    found = db.session.scalars(sa.select(Appointment.status).order_by(Appointment.starts_at))
    assert found.all() == ["no_show"] * 5 + ["cancelled"]
