"""Many at once leave exactly what one by one leaves, whatever is bad among them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.work import redis_client
from clinic.events import deliveries, tasks
from clinic.events.models import BackgroundTask, EventDelivery, EventRow
from clinic.reminders.models import Reminder, ReminderRule
from tests.cast import NOW
from tests.conftest import Stage
from tests.events.rows import forget_deliveries, wait
from tests.factories import book, scheduled, set_rules, take

MOST = 12
CREATED = ("appointment.created", "appointments.on_created", "reminders.on_created")
KINDS = [
    CREATED,
    CREATED,
    ("appointment.created", "reminders.on_created"),
    ("appointment.accepted", "reminders.on_accepted"),
    ("appointment.cancelled", "reminders.on_cancelled"),
    ("appointment.rescheduled", "reminders.on_rescheduled"),
    ("appointment.no_show", "reminders.on_missed"),
    ("message.failed", "reminders.on_message_failed"),
    ("appointment.created", "waiting_room.on_created", "reminders.on_created"),
    ("visit.doodled", "appointments.on_created"),
]
REASONS = ["by_patient", "by_doctor", "by_reply", "not_accepted", None]
STATUSES = ["pending", "scheduled", "cancelled", "no_show", "completed"]
# Which event, about which visit and in place of which other one, why, and whether it says so.
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 4),
        st.integers(0, 4),
        st.sampled_from(REASONS),
        st.sampled_from([True] * 6 + [False]),
    ),
    max_size=MOST,
)
FEW = settings(max_examples=10, deadline=None)


@pytest.fixture
def visits(both: Stage):
    """Ids of four visits, and of one that has vanished; an app context is pushed."""
    with both.app.app_context():
        cast = both.cast
        found = [
            scheduled(cast.asha, cast.dr_chandra, "11:00"),
            book(cast.bela, cast.dr_dev, "10:00"),
            take(scheduled(cast.asha, cast.dr_dev, "11:30"), "cancel", by=cast.asha),
            book(cast.bela, cast.dr_chandra, "09:30"),
        ]
        own_rule(cast.harbour)
        forget_deliveries()
        yield [*(visit.id for visit in found), uuid4()]


@transactional
def own_rule(organisation_id: UUID) -> None:
    about = {"organisation_id": organisation_id, "minutes_before": 60, "channel": "email"}
    db.session.execute(sa.insert(ReminderRule).values(id=uuid4(), is_active=True, **about))


def rows(model: Any, *but: str) -> list[dict[str, Any]]:
    """All rows of the table, in an order of their own, without the columns named."""
    db.session.rollback()
    table = model.__table__
    columns = [column for column in table.c if column.name not in but]
    return sorted(
        (dict(row) for row in db.session.execute(sa.select(*columns)).mappings()), key=str
    )


@transactional
def emptied(*models: Any) -> None:
    for model in models:
        db.session.execute(sa.delete(model))


@transactional
def again(model: Any, as_it_was: list[dict[str, Any]]) -> None:
    db.session.execute(sa.delete(model))
    if as_it_was:
        db.session.execute(sa.insert(model.__table__), as_it_was)


@transactional
def all_become(statuses: list[str], visits: list[UUID]) -> None:
    for visit, status in zip(visits, statuses, strict=False):
        known = sa.update(Appointment).where(Appointment.id == visit)
        db.session.execute(known.values(status=status, version=1, updated_at=NOW))


def in_turn(work: Callable[..., int], times: int) -> int:
    """One by one: what fails waits for a later time, so each is met once."""
    return sum(work(limit=1) for _ in range(times))


@pytest.mark.parametrize("soon", [timedelta(minutes=1), timedelta(hours=5)])
def test_deliveries(both: Stage, visits: list[UUID], soon: timedelta, monkeypatch):
    kicks: list[str] = []
    monkeypatch.setattr(
        redis_client,
        "_send",
        lambda sent: kicks.extend(one.about["job"] for one in sent if one.about),
    )

    def outcome(deliver: Callable[[], int]) -> tuple[Any, ...]:
        emptied(Reminder, BackgroundTask)
        kicks.clear()
        with clock.travelled(NOW + soon):
            done = deliver()
        left = (rows(EventDelivery), rows(Reminder, "id"), rows(BackgroundTask, "id"))
        return done, {*kicks}, *left

    @FEW
    @given(EVENTS, st.lists(st.sampled_from(STATUSES), min_size=4, max_size=4), st.booleans())
    def check(events, statuses, by_people):
        forget_deliveries()
        set_rules(both.cast.harbour, approval_required=by_people)
        all_become(statuses, visits)
        for number, event in enumerate(in_the_order_of_batches(events)):
            with clock.travelled(NOW + timedelta(seconds=number)):
                write(event, visits)
        waiting = rows(EventDelivery)
        together = outcome(deliveries.deliver_due)
        again(EventDelivery, waiting)
        assert together == outcome(lambda: in_turn(deliveries.deliver_due, len(waiting)))

    check()


def in_the_order_of_batches(events):
    """No order is promised, and of two plans for the same rule the first one stays."""
    names = [event[0][0] for event in events]
    return sorted(events, key=lambda event: names.index(event[0][0]))


def write(event, visits: list[UUID]) -> None:
    (name, *handlers), one, other, reason, is_whole = event
    about = {
        "doctor_id": str(uuid4()),
        "patient_id": str(uuid4()),
        "status": "pending",
        "previous_id": str(visits[other]),
        "reason": reason,
        "message_id": str(uuid4()),
        "error_code": None,
    }
    there = {"appointment_id": str(visits[one])} if is_whole else {}
    wait(name, {**there, **about}, *handlers)


@pytest.mark.parametrize("kind", ["accept_booking", "make_coffee"])
def test_tasks(visits: list[UUID], kind: str):
    def outcome(run: Callable[[], int], statuses: list[str]) -> tuple[Any, ...]:
        all_become(statuses, visits)
        forget_deliveries()
        known = {row["id"] for row in rows(EventRow)}
        with clock.travelled(NOW + timedelta(minutes=1)):
            done = run()
        told = [row["payload"] for row in rows(EventRow) if row["id"] not in known]
        left = (rows(Appointment), rows(BackgroundTask), rows(EventDelivery, "id", "event_id"))
        return done, sorted(told, key=str), *left

    @FEW
    @given(
        st.lists(st.integers(0, 4), unique=True),
        st.lists(st.sampled_from(STATUSES), min_size=4, max_size=4),
        st.integers(0, 2),
    )
    def check(about, statuses, tried):
        emptied(BackgroundTask)
        with clock.travelled(NOW):
            transactional(tasks.enqueue_all)(kind, {visits[one]: None for one in about})
        waiting = [row | {"attempts": tried} for row in rows(BackgroundTask)]
        again(BackgroundTask, waiting)
        together = outcome(tasks.run_due, statuses)
        again(BackgroundTask, waiting)
        assert together == outcome(lambda: in_turn(tasks.run_due, len(about)), statuses)

    check()


def test_one_bad_fact_among_many_costs_only_itself(visits: list[UUID]):
    for number in range(40):
        write((CREATED, number % 4, 0, None, number != 17), visits)
    assert deliveries.deliver_due() == 78
    failed = [row for row in rows(EventDelivery) if row["done_at"] is None]
    assert [(row["attempts"], row["error"]) for row in failed] == [(1, "TypeError")] * 2
