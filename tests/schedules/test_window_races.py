"""Windows that are published and withdrawn at the same instant."""

from datetime import time, timedelta
from operator import attrgetter

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.events.models import EventRow
from clinic.schedules import service
from clinic.schedules.errors import WindowsOverlap
from clinic.schedules.queries import windows_of
from clinic.schedules.service import NewWindow
from tests.cast import TODAY
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.factories import day_window, withdraw_all

SATURDAY = TODAY + timedelta(days=5)


def recorded(name: str) -> int:
    db.session.rollback()
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(EventRow).where(EventRow.name == name)
    )


def test_of_windows_that_overlap_one_is_published(both: Stage):
    cast = both.cast
    with both.app.app_context():
        withdraw_all(cast.dr_chandra)

    def publish(minute: int):
        new = NewWindow(cast.quay_street, time(9, minute), time(10, minute), on=SATURDAY)
        return service.publish_window(cast.dr_chandra.doctor_id, new, THE_SYSTEM)

    answers = at_once(both.app, [lambda m=minute: publish(m) for minute in range(0, 40, 5)])
    assert faults(answers, WindowsOverlap) == []
    with both.app.app_context():
        assert len(windows_of([cast.dr_chandra.doctor_id])[cast.dr_chandra.doctor_id]) == 1


def test_a_window_withdrawn_by_many_is_withdrawn_once(both: Stage):
    cast = both.cast
    with both.app.app_context():
        window = windows_of([cast.dr_chandra.doctor_id])[cast.dr_chandra.doctor_id][0]
        before = recorded("schedule.withdrawn")
    answers = at_once(both.app, [lambda: service.withdraw_window(window.id, THE_SYSTEM)] * 6)
    assert faults(answers, NotFound) == []
    assert answers.count(None) == 1
    with both.app.app_context():
        assert recorded("schedule.withdrawn") == before + 1


@pytest.mark.parametrize("turn", range(3))
def test_a_doctor_keeps_one_window_through_a_storm_of_changes(both: Stage, turn: int):
    """Withdraw and publish anew from many desks: windows never overlap afterwards."""
    cast = both.cast

    def replace():
        withdraw_all(cast.dr_dev)
        new = NewWindow(cast.quay_street, time(9), time(12), weekday=turn)
        return service.publish_window(cast.dr_dev.doctor_id, new, THE_SYSTEM)

    answers = at_once(both.app, [replace] * 6)
    assert faults(answers, WindowsOverlap, NotFound) == []
    with both.app.app_context():
        assert len(windows_of([cast.dr_dev.doctor_id]).get(cast.dr_dev.doctor_id, [])) <= 1


def test_of_changes_that_would_overlap_one_is_made(both: Stage):
    """Two windows with an hour between them, which both want."""
    cast, doctor = both.cast, both.cast.dr_chandra
    with both.app.app_context():
        withdraw_all(doctor)
        ids = [
            day_window(doctor, cast.quay_street, SATURDAY, hours).id
            for hours in ("08:00-09:00", "10:00-11:00")
        ]

    def stretch(key):
        wanted = {"start": time(8), "end": time(10)} if key == ids[0] else {"start": time(9)}
        return service.update_window(key, wanted, doctor.actor).row.id

    answers = at_once(both.app, [lambda key=key: stretch(key) for key in ids * 3])
    assert faults(answers, WindowsOverlap) == []
    winners = {one for one in answers if not isinstance(one, Exception)}
    assert len(winners) == 1
    with both.app.app_context():
        found = windows_of([doctor.doctor_id])[doctor.doctor_id]
    first, second = sorted(found, key=attrgetter("start"))
    assert first.end <= second.start


def test_a_new_place_named_by_many_is_one_place(both: Stage):
    cast = both.cast
    wanted = [(person, weekday) for person in (cast.dr_chandra, cast.dr_dev) for weekday in (5, 6)]

    def publish(person, weekday):
        new = NewWindow(None, time(9), time(10), weekday=weekday, location="Pier House")
        return service.publish_window(person.doctor_id, new, person.actor).location_id

    answers = at_once(both.app, [lambda one=one: publish(*one) for one in wanted])
    assert faults(answers) == []
    assert len(set(answers)) == 1
