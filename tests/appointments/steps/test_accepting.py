"""From pending to scheduled: the outbox, the background task, and what happens when they fail."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import current_app

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.facts import UserLoggedIn
from clinic.appointments.facts import AppointmentCreated
from clinic.appointments.steps import accept
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events import deliveries, jobs, tasks
from clinic.events.models import BackgroundTask, EventDelivery, EventRow
from clinic.events.queries import tasks_about
from clinic.events.service import record
from clinic.events.subscriptions import handler_name
from tests.cast import NOW
from tests.conftest import Stage
from tests.crowd import at_once, broken_invariants, faults
from tests.factories import book, fresh, many_patients, next_week, set_rules, take


@pytest.fixture(autouse=True)
def put_subscriptions_back(sqlite_stage, monkeypatch):
    """Tests put handlers of their own on the switchboard of the app, which many tests share."""
    known = sqlite_stage.app.extensions["subscriptions"]
    later = {name: dict(found) for name, found in known.later.items()}
    monkeypatch.setitem(sqlite_stage.app.extensions, "subscriptions", replace(known, later=later))
    monkeypatch.setitem(
        sqlite_stage.app.extensions, "tasks", dict(sqlite_stage.app.extensions["tasks"])
    )


def the_task(visit):
    db.session.rollback()
    (task,) = tasks_about(visit.id)
    db.session.refresh(task)
    return task


def at_minute(number):
    return clock.travelled(NOW + timedelta(minutes=number))


def test_a_booking_is_accepted_by_a_recorded_task(both: Stage):
    with both.app.app_context():
        visit = book(both.cast.asha, both.cast.dr_chandra)
        assert jobs.deliver_due() == 2  # the acceptance, and the plan of its messages
        task = the_task(visit)
        assert (task.kind, task.status, task.attempts) == ("accept_booking", "queued", 0)
        assert jobs.run_tasks() == 1
        task, visit = the_task(visit), fresh(visit)
        assert (task.status, task.attempts, task.error_message) == ("succeeded", 1, None)
        assert task.started_at <= task.finished_at
        assert (visit.status, visit.version) == ("scheduled", 2)
        events = db.session.scalars(
            sa.select(EventRow).where(EventRow.name == "appointment.accepted")
        ).all()
        assert [(one.actor_role, one.actor_id) for one in events] == [("system", None)]


def test_a_second_run_changes_nothing(both: Stage):
    with both.app.app_context():
        visit = book(both.cast.asha, both.cast.dr_chandra)
        for _ in range(2):
            jobs.deliver_due()
            jobs.run_tasks()
        accept.accept_booking(visit.id)
        assert fresh(visit).version == 2
        assert len(tasks_about(visit.id)) == 1


def test_where_people_approve_the_booking_waits_for_them(in_app, cast):
    set_rules(cast.harbour, approval_required=True)
    visit = book(cast.asha, cast.dr_chandra)
    assert jobs.deliver_due() == 2
    assert jobs.run_tasks() == 0
    assert tasks_about(visit.id) == []
    assert fresh(visit).status == "pending"
    assert take(visit, "accept", by=cast.dr_chandra).status == "scheduled"


def test_accepting_a_cancelled_booking_succeeds_and_changes_nothing(in_app, cast):
    visit = book(cast.asha, cast.dr_chandra)
    jobs.deliver_due()
    take(visit, "cancel", by=cast.asha)
    assert jobs.run_tasks() == 1
    assert the_task(visit).status == "succeeded"
    assert (fresh(visit).status, visit.version) == ("cancelled", 2)


def test_a_vanished_booking_fails_its_task_with_words(in_app):
    gone = uuid4()

    @transactional
    def ask():
        tasks.enqueue(accept.ACCEPT_TASK, gone, None)

    ask()
    assert jobs.run_tasks() == 0
    (task,) = tasks_about(gone)
    assert (task.status, task.attempts) == ("failed", 1)
    assert task.error_message == "the appointment no longer exists"
    with at_minute(60):
        assert jobs.run_tasks() == 0
    assert the_task(type("Visit", (), {"id": gone})).attempts == 1


def _later():
    return current_app.extensions["subscriptions"].later


def add_handler(kind, handler):
    handler.__module__ = "clinic.tests.handlers"
    _later().setdefault(kind, {})[handler_name(handler)] = handler


def delivery(handler):
    db.session.rollback()
    return db.session.scalars(
        sa.select(EventDelivery)
        .where(EventDelivery.handler == handler)
        .execution_options(populate_existing=True)
    ).one()


def test_a_raising_handler_rolls_back_alone(in_app, cast):
    def on_broken(facts):
        tasks.enqueue("left_behind", facts[0].id, None)
        raise RuntimeError("no more paper")

    add_handler(AppointmentCreated, on_broken)
    visit = book(cast.asha, cast.dr_chandra)
    assert jobs.deliver_due() == 2
    assert jobs.run_tasks() == 1
    assert fresh(visit).status == "scheduled"
    assert db.session.scalar(sa.select(BackgroundTask.id).filter_by(kind="left_behind")) is None
    broken = delivery("tests.on_broken")
    assert (broken.done_at, broken.set_aside_at, broken.attempts) == (None, None, 1)
    assert broken.error == "RuntimeError"  # the kind only: messages may hold names


def test_a_handler_is_tried_again_later_and_later_then_set_aside(in_app, cast):
    calls = []

    def on_broken(facts):
        calls.append(clock.now())
        raise RuntimeError

    add_handler(AppointmentCreated, on_broken)
    book(cast.asha, cast.dr_chandra)
    moment = clock.now()
    for _ in range(200):
        with clock.travelled(moment):
            jobs.deliver_due()
        moment += timedelta(seconds=5)
    waits = [round((b - a).total_seconds(), -1) for a, b in pairwise(calls)]
    assert len(calls) == 5
    assert waits == sorted(waits)
    assert waits[0] <= 10
    assert waits[-1] >= 300
    assert delivery("tests.on_broken").set_aside_at is not None


def test_a_handler_that_recovers_is_done_with_once(in_app, cast):
    answers = iter([RuntimeError(), None])
    calls = []

    def on_flaky(facts):
        calls.append(facts[0].id)
        error = next(answers)
        if error:
            raise error

    add_handler(AppointmentCreated, on_flaky)
    book(cast.asha, cast.dr_chandra)
    for minute in range(5):
        with at_minute(minute):
            jobs.deliver_due()
    assert len(calls) == 2
    done = delivery("tests.on_flaky")
    assert (done.done_at is not None, done.attempts, done.error) == (True, 1, None)


def test_a_delivery_to_a_handler_that_a_newer_version_dropped_is_set_aside(in_app, cast):
    def on_old(facts):
        raise AssertionError("it is gone")

    add_handler(AppointmentCreated, on_old)
    book(cast.asha, cast.dr_chandra)
    del _later()[AppointmentCreated]["tests.on_old"]
    assert jobs.deliver_due() == 2  # the others
    aside = delivery("tests.on_old")
    assert (aside.done_at, aside.error) == (None, "unknown handler")
    assert aside.set_aside_at is not None


def test_a_hundred_broken_deliveries_do_not_hold_up_a_good_one(in_app, cast):
    def on_broken(facts):
        raise RuntimeError

    add_handler(UserLoggedIn, on_broken)
    for _ in range(deliveries.BATCH):
        log_in_event(cast)
    visit = book(cast.asha, cast.dr_chandra)
    for second in range(3):
        with clock.travelled(NOW + timedelta(minutes=1, seconds=second)):
            jobs.deliver_due()
            jobs.run_tasks()
    assert fresh(visit).status == "scheduled"


@transactional
def log_in_event(cast):
    record(UserLoggedIn(organisation_id=None, user_id=cast.asha.user_id), THE_SYSTEM)


def test_a_task_whose_worker_died_is_run_again_after_the_lease(both: Stage):
    """The claim is committed before the work, so a killed worker leaves a running task."""
    with both.app.app_context():
        visit = book(both.cast.asha, both.cast.dr_chandra)
        jobs.deliver_due()
        task_id = the_task(visit).id
        now = clock.now()
        with clock.travelled(now):
            (claimed,) = tasks._claim([task_id])
            assert (claimed.kind, claimed.about_id) == ("accept_booking", visit.id)
        with clock.travelled(now + timedelta(seconds=59)):
            assert jobs.run_tasks() == 0
        assert (the_task(visit).status, fresh(visit).status) == ("running", "pending")
        with clock.travelled(now + timedelta(seconds=61)):
            assert jobs.run_tasks() == 1
        assert (the_task(visit).status, the_task(visit).attempts) == ("succeeded", 2)
        assert fresh(visit).status == "scheduled"


def test_a_task_that_keeps_failing_fails_for_good_after_five(in_app, cast):
    calls = []

    def run(about_id):
        calls.append(about_id)
        raise ConnectionError("somewhere")

    current_app.extensions["tasks"][accept.ACCEPT_TASK] = run
    visit = book(cast.asha, cast.dr_chandra)
    jobs.deliver_due()
    for minute in range(60):
        with at_minute(minute):
            jobs.run_tasks()
    task = the_task(visit)
    assert (len(calls), task.status, task.attempts) == (5, "failed", 5)
    assert task.error_message == "ConnectionError"


def test_a_task_that_kills_its_worker_each_time_is_given_up(in_app, cast):
    visit = book(cast.asha, cast.dr_chandra)
    jobs.deliver_due()
    task_id = the_task(visit).id
    for minute in range(0, 20, 2):
        with at_minute(minute):
            tasks._claim([task_id])  # and the process is gone
    with at_minute(30):
        assert jobs.run_tasks() == 0
    task = the_task(visit)
    assert (task.status, task.error_message) == ("failed", "the worker stopped at each attempt")


def test_two_workers_never_take_the_same_task_or_delivery(both: Stage):
    with both.app.app_context():
        for number, who in enumerate(many_patients(6)):
            book(who, both.cast.dr_chandra, next_week("09:00") + timedelta(minutes=30 * number))
    answers = at_once(both.app, [lambda: jobs.deliver_due()] * 4)
    assert faults(answers) == []
    assert sum(answers) == 12  # two handlers for each
    answers = at_once(both.app, [lambda: jobs.run_tasks()] * 4)
    assert faults(answers) == []
    assert sum(answers) == 6
    with both.app.app_context():
        assert broken_invariants() == []
