"""A doctor's visits counted by status and by local day or month."""

from datetime import date, timedelta

import pytest

from clinic.appointments.booking.move import reschedule
from clinic.appointments.reading import statistics
from clinic.appointments.reading.statistics import of_doctor
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.errors import BadRange, NotFound
from tests.cast import TODAY, at
from tests.factories import book, day_window, scheduled, set_rules, take

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def cast(both):
    """The cast on each database in turn, with an app context pushed."""
    with both.app.app_context():
        yield both.cast


@pytest.fixture
def week(cast):
    """Monday: one seen, one waiting, one missed, one cancelled. Tuesday: one to come."""
    seen, waits, missed, off = (
        scheduled(cast.asha, cast.dr_chandra, wall) for wall in ("09:00", "09:30", "10:00", "10:30")
    )
    book(cast.asha, cast.dr_chandra, at("11:00", TOMORROW))
    take(off, "cancel", by=cast.esha)
    with clock.travelled(at("10:20")):
        take(seen, "check_in", "start", "complete", by=cast.dr_chandra)
        take(waits, "check_in", by=cast.esha)
        take(missed, "no_show", by=cast.esha)
    return cast


def counts(**some):
    return {str(status): some.get(str(status), 0) for status in Status}


def test_every_status_is_counted_and_every_day_is_there(week):
    found = of_doctor(
        week.dr_chandra.actor, week.dr_chandra.doctor_id, TODAY, TODAY.replace(day=18)
    )
    assert (found.total, found.timezone) == (5, "Europe/London")
    assert found.counts == counts(completed=1, checked_in=1, no_show=1, cancelled=1, pending=1)
    assert [(one.period, one.total) for one in found.trend] == [
        ("2026-11-16", 4),
        ("2026-11-17", 1),
        ("2026-11-18", 0),
    ]
    assert found.trend[1].counts == counts(pending=1)


def test_the_rate_is_of_those_whose_time_came_and_of_whom_it_is_known(week):
    found = of_doctor(week.esha.actor, week.dr_chandra.doctor_id, TODAY, TODAY)
    assert found.no_show_rate == 0.3333  # one of three: the cancelled one says nothing
    tomorrow = of_doctor(week.esha.actor, week.dr_chandra.doctor_id, TOMORROW, TOMORROW)
    assert tomorrow.no_show_rate == 0.0


def test_by_month(week):
    found = of_doctor(
        week.amir.actor, week.dr_chandra.doctor_id, date(2026, 10, 30), date(2026, 12, 1), "month"
    )
    assert [(one.period, one.total) for one in found.trend] == [
        ("2026-10", 0),
        ("2026-11", 5),
        ("2026-12", 0),
    ]


def test_a_visit_that_moved_counts_once_and_at_its_new_time(cast):
    old = scheduled(cast.asha, cast.dr_chandra, "11:00")
    reschedule(old.id, at("11:00", TOMORROW), cast.asha.actor)
    found = of_doctor(cast.gita.actor, cast.dr_chandra.doctor_id, TODAY, TOMORROW)
    assert found.counts == counts(confirmed=1)  # who moves a visit will come
    assert [one.total for one in found.trend] == [0, 1]


def test_a_day_is_the_organisations_own_day(cast):
    """In Kolkata it is Tuesday while it is Monday in London and in UTC."""
    day_window(cast.dr_hana, cast.far_street, TOMORROW, "01:00-02:00")
    set_rules(cast.elsewhere, minimum_notice_minutes=0)
    book(cast.asha, cast.dr_hana, at("19:30"))
    found = of_doctor(cast.farid.actor, cast.dr_hana.doctor_id, TODAY, TOMORROW)
    assert [(one.period, one.total) for one in found.trend] == [
        ("2026-11-16", 0),
        ("2026-11-17", 1),
    ]


def test_the_last_thirty_days_are_meant_when_none_are_named(cast):
    doctor = cast.dr_chandra
    found = of_doctor(doctor.actor, doctor.doctor_id)
    assert (found.first, found.last) == (date(2026, 10, 18), TODAY)
    from_then = of_doctor(doctor.actor, doctor.doctor_id, first=date(2026, 1, 1))
    assert (from_then.first, from_then.last) == (date(2026, 1, 1), date(2026, 1, 30))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (TODAY, TODAY - timedelta(days=1)),
        (TODAY, TODAY + timedelta(days=statistics.MOST_DAYS)),
        (date(1, 1, 1), None),
        (None, date(9999, 12, 31)),
    ],
)
def test_a_range_is_at_most_a_quarter_of_a_year(cast, first, last):
    with pytest.raises(BadRange):
        of_doctor(cast.dr_chandra.actor, cast.dr_chandra.doctor_id, first, last)
    whole = TODAY + timedelta(days=statistics.MOST_DAYS - 1)
    found = of_doctor(cast.dr_chandra.actor, cast.dr_chandra.doctor_id, TODAY, whole)
    assert len(found.trend) == statistics.MOST_DAYS


@pytest.mark.parametrize("who", ["asha", "dr_dev", "dr_hana", "farid"])
def test_it_is_for_the_doctor_and_those_who_work_there(cast, who):
    with pytest.raises(NotFound):
        of_doctor(cast.people[who].actor, cast.dr_chandra.doctor_id)


def test_nobodys_doctor_is_not_found(cast):
    with pytest.raises(NotFound):
        of_doctor(cast.gita.actor, cast.harbour)
