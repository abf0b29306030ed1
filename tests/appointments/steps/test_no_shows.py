"""The sweeps: who did not come, by each organisation's grace, and the requests nobody answered."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments import jobs
from clinic.appointments.steps import sweep
from clinic.core.data.db import db, transactional
from clinic.core.web import live
from clinic.events.models import EventRow
from tests.cast import at
from tests.factories import book, fresh, scheduled, set_rules, take

pytestmark = pytest.mark.usefixtures("in_app")

START = at("09:00")


def put(visit, *steps_taken, cast):
    for step in steps_taken:
        take(visit, step, by=cast.asha if step == "confirm" else cast.dr_chandra)
    return visit


def told(visit, name="appointment.no_show"):
    """How often that event was recorded about the visit."""
    events = db.session.scalars(sa.select(EventRow).where(EventRow.name == name))
    return sum(event.payload["appointment_id"] == str(visit.id) for event in events)


@pytest.mark.parametrize(
    ("grace", "late", "after"),
    [
        (15, timedelta(minutes=14, seconds=58), "scheduled"),
        (15, timedelta(minutes=15), "no_show"),
        (0, timedelta(0), "no_show"),
        (60, timedelta(minutes=59), "scheduled"),
        (60, timedelta(hours=2), "no_show"),
    ],
)
def test_each_organisation_waits_as_long_as_it_says(cast, monday_morning, grace, late, after):
    set_rules(cast.harbour, no_show_grace_minutes=grace)
    visit = scheduled(cast.asha, cast.dr_chandra)
    monday_morning.move_to(START + late, tick=False)
    assert sweep.mark_no_shows() == (after == "no_show")
    assert fresh(visit).status == after


def test_one_organisations_grace_is_not_anothers(cast, monday_morning):
    set_rules(cast.harbour, no_show_grace_minutes=60)
    set_rules(cast.elsewhere, no_show_grace_minutes=5)
    here = scheduled(cast.asha, cast.dr_chandra, START)
    there = transplanted(scheduled(cast.bela, cast.dr_dev, START), cast.elsewhere)
    monday_morning.move_to(START + timedelta(minutes=30))
    assert sweep.mark_no_shows() == 1
    assert (fresh(here).status, fresh(there).status) == ("scheduled", "no_show")


@transactional
def transplanted(visit, organisation_id):
    """The visit, as if it were the other organisation's."""
    visit.organisation_id = organisation_id
    return db.session.merge(visit)


def test_who_sweeps_by_hand_is_not_swept_for(cast, monday_morning):
    set_rules(cast.harbour, auto_no_show=False)
    visit = scheduled(cast.asha, cast.dr_chandra)
    monday_morning.move_to(START + timedelta(days=3))
    assert sweep.mark_no_shows() == 0
    assert fresh(visit).status == "scheduled"


@pytest.mark.parametrize(
    ("taken", "after"),
    [
        ((), "no_show"),
        (("confirm",), "no_show"),
        (("check_in",), "checked_in"),
        (("check_in", "start"), "in_progress"),
        (("check_in", "start", "complete"), "completed"),
        (("cancel",), "cancelled"),
        (("check_in", "undo_check_in"), "no_show"),
    ],
)
def test_only_who_is_expected_and_not_here_is_missed(cast, monday_morning, taken, after):
    visit = put(scheduled(cast.asha, cast.dr_chandra), *taken, cast=cast)
    version = fresh(visit).version
    monday_morning.move_to(START + timedelta(hours=2))
    missed = after == "no_show"
    assert sweep.mark_no_shows() == missed
    row = fresh(visit)
    assert (row.status, row.version - version, told(visit)) == (after, missed, missed)


@pytest.mark.parametrize("taken", [(), ("confirm",)])
def test_an_undo_gives_back_what_the_sweep_took(cast, monday_morning, taken):
    visit = put(scheduled(cast.asha, cast.dr_chandra), *taken, cast=cast)
    before = fresh(visit).status
    monday_morning.move_to(START + timedelta(hours=1))
    sweep.mark_no_shows()
    assert take(visit, "undo_no_show", by=cast.esha).status == before


def test_a_second_sweep_finds_nothing(cast, monday_morning):
    visit = scheduled(cast.asha, cast.dr_chandra)
    monday_morning.move_to(START + timedelta(hours=1))
    assert [jobs.sweep() for _ in range(3)] == [1, 0, 0]
    assert told(visit) == 1


def test_a_long_outage_hides_nobody(cast, monday_morning):
    visits = [
        scheduled(cast.asha, cast.dr_chandra, "09:00"),
        scheduled(cast.bela, cast.dr_dev, "10:00"),
    ]
    monday_morning.move_to(START + timedelta(days=9))
    assert sweep.mark_no_shows() == 2
    assert {fresh(one).status for one in visits} == {"no_show"}


def test_the_boards_of_the_doctor_and_of_the_front_desk_ring(cast, monday_morning, monkeypatch):
    rung = []
    monkeypatch.setattr(live, "ring", lambda topic, what: rung.append((topic, what)))
    visit = scheduled(cast.asha, cast.dr_chandra)
    monday_morning.move_to(START + timedelta(hours=1))
    rung.clear()
    sweep.mark_no_shows()
    assert {(f"doctor:{visit.doctor_id}", "board"), (f"organisation:{cast.harbour}", "board")} <= {
        *rung
    }


# --- requests nobody answered


@pytest.mark.parametrize(
    ("late", "ended"), [(timedelta(seconds=-5), 0), (timedelta(0), 1), (timedelta(days=2), 1)]
)
def test_a_request_nobody_accepted_ends_at_its_start(cast, monday_morning, late, ended):
    set_rules(cast.harbour, approval_required=True)
    visit = book(cast.asha, cast.dr_chandra)
    monday_morning.move_to(START + late, tick=False)
    assert sweep.cancel_not_accepted() == ended
    row = fresh(visit)
    assert (row.status, row.cancel_reason) == (
        ("cancelled", "not_accepted") if ended else ("pending", None)
    )
    assert told(visit, "appointment.cancelled") == ended


def test_a_request_is_never_a_no_show_and_an_accepted_visit_never_not_accepted(
    cast, monday_morning
):
    set_rules(cast.harbour, approval_required=True)
    request = book(cast.asha, cast.dr_chandra, "09:00")
    visit = scheduled(cast.bela, cast.dr_dev, "09:00")
    monday_morning.move_to(START + timedelta(hours=1))
    assert jobs.sweep() == 2
    assert (fresh(request).status, fresh(visit).status) == ("cancelled", "no_show")
    assert fresh(request).status_before is None
