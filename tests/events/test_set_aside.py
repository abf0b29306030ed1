"""What nobody here knows is set aside: never done, counted, shown, taken up by who knows it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import current_app

from clinic.admin import invariants
from clinic.appointments.steps import accept
from clinic.core.data.db import db, transactional
from clinic.events import deliveries as outbox
from clinic.events import jobs, queries
from clinic.events.models import EventDelivery
from clinic.events.queries import tasks_about
from tests.events.rows import about, deliveries, forget_deliveries, wait
from tests.factories import book

GONE = "waiting_room.on_created"  # a handler of a room that is not there


@pytest.fixture
def cast(both):
    """The cast on each database in turn, with an app context pushed."""
    with both.app.app_context():
        yield both.cast


@pytest.fixture
def visit(cast):
    """A booking whose acceptance nobody was told of yet."""
    visit = book(cast.asha, cast.dr_chandra)
    forget_deliveries()
    return visit


@pytest.fixture
def knows(cast, monkeypatch):
    """From here on the app knows the handler by an earlier name."""

    def by_alias(name, handler):
        known = current_app.extensions["subscriptions"]
        aliases = {**known.aliases, name: handler}
        monkeypatch.setitem(
            current_app.extensions, "subscriptions", replace(known, aliases=aliases)
        )

    return by_alias


def created(visit, *handlers):
    wait(
        "appointment.created",
        about(visit, "pending"),
        *handlers,
        topic="appointment.created",
        organisation_id=visit.organisation_id,
    )


def why(handler):
    row = deliveries()[handler]
    return (row.done_at, row.set_aside_at is not None, row.error)


def test_an_unknown_handler_is_set_aside_at_once_and_the_others_flow(visit):
    created(visit, GONE, "appointments.on_created")
    assert jobs.deliver_due() == 1
    assert why(GONE) == (None, True, "unknown handler")
    assert len(tasks_about(visit.id)) == 1
    assert deliveries()[GONE].attempts == 1
    assert jobs.deliver_due() == 0


def test_a_handler_of_other_events_is_unknown_to_this_one(visit):
    created(visit, "reminders.on_cancelled")
    assert jobs.deliver_due() == 0
    assert why("reminders.on_cancelled") == (None, True, "unknown handler")


def test_an_event_nobody_declares_is_set_aside(visit):
    wait("visit.doodled", about(visit, "pending"), "appointments.on_created")
    assert jobs.deliver_due() == 0
    assert why("appointments.on_created") == (None, True, "unknown event")


def test_a_payload_without_what_the_handler_needs_is_tried_like_any_failure(visit):
    wait("appointment.created", {"doctor_id": str(visit.doctor_id)}, "appointments.on_created")
    assert jobs.deliver_due() == 0
    assert why("appointments.on_created") == (None, False, "TypeError")


def test_it_is_counted_and_told_of_by_name(visit):
    created(visit, GONE)
    wait("visit.doodled", about(visit, "pending"), GONE)
    wait("visit.doodled", about(visit, "pending"), GONE)
    jobs.deliver_due()
    assert queries.gauges()["event_deliveries_set_aside"] == 3
    assert [(one.handler, one.error, one.count) for one in queries.set_aside()] == [
        (GONE, "unknown event", 2),
        (GONE, "unknown handler", 1),
    ]
    found = {one.name: one.count for one in invariants.findings()}
    assert found["events set aside"] == 3


def test_the_health_page_names_only_the_most_frequent(visit):
    for number in range(queries.MOST_SHOWN + 2):
        created(visit, f"attic.on_{number}")
    jobs.deliver_due()
    assert len(queries.set_aside()) == queries.MOST_SHOWN


def test_a_handler_that_moved_is_found_by_its_old_name(visit, knows):
    knows(GONE, accept.on_created)
    created(visit, GONE)
    assert jobs.deliver_due() == 1
    assert why(GONE)[1:] == (False, None)
    (task,) = tasks_about(visit.id)
    assert task.kind == "accept_booking"


def test_what_was_unknown_is_taken_up_by_a_release_that_knows_it(visit, knows):
    created(visit, GONE)
    wait("visit.doodled", about(visit, "pending"), "appointments.on_created")
    jobs.deliver_due()
    jobs.tidy()
    assert why(GONE) == (None, True, "unknown handler")
    knows(GONE, accept.on_created)
    assert outbox.take_up() == 1
    assert why(GONE) == (None, False, None)
    assert jobs.deliver_due() == 1
    assert len(tasks_about(visit.id)) == 1
    assert why("appointments.on_created") == (None, True, "unknown event")


def test_a_handler_that_no_longer_hears_of_that_fact_is_not_tried_each_hour(visit):
    """It is known, but of another fact: the row stays where people see it."""
    created(visit, "reminders.on_missed")
    jobs.deliver_due()
    assert outbox.take_up() == 0
    assert why("reminders.on_missed") == (None, True, "unknown handler")


def test_what_failed_five_times_is_left_to_people(visit):
    created(visit, "appointments.on_created")

    @transactional
    def give_up():
        aside = {"set_aside_at": sa.func.current_timestamp(), "error": "KeyError"}
        db.session.execute(sa.update(EventDelivery).values(**aside))

    give_up()
    assert outbox.take_up() == 0


def test_a_worker_of_the_last_release_does_not_set_aside_what_a_newer_one_did(visit):
    """Both claimed it; the older one comes to say that it failed after the newer one's work."""
    created(visit, "appointments.on_created")
    assert jobs.deliver_due() == 1
    done = deliveries()["appointments.on_created"]
    outbox._note_failure(done.id, outbox.Unhandled("unknown handler"))
    assert deliveries()["appointments.on_created"].set_aside_at is None
