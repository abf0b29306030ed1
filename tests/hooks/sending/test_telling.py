"""What happens is told: to whom it is of, once, signed, and by the clock alone."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.hooks import jobs, service
from clinic.hooks.models import DELIVERED, FAILED, WAITING
from clinic.hooks.sending import collect
from tests.cast import TODAY, at
from tests.factories import book
from tests.fakes.receiver import Receiver
from tests.hooks.helpers import attempts, changed, deliveries, is_signed, opened, row, told

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def there():
    with Receiver() as receiver:
        yield receiver


def test_a_booking_is_told(cast, there):
    webhook = opened(cast, there)
    visit = book(cast.asha, cast.dr_chandra)
    assert jobs.deliver_due() == 1
    (body,) = told(there)
    (event,) = db.session.scalars(
        sa.select(EventRow).where(EventRow.name == "appointment.created")
    ).all()
    assert body == {
        "id": str(event.id),
        "type": "appointment.created",
        "topic": "appointment.created",
        "at": event.at.isoformat(),
        "organisation_id": str(cast.harbour),
        "data": event.payload,
    }
    assert body["data"]["appointment_id"] == str(visit.id)
    (taken,) = there.taken
    assert taken.headers["webhook-id"] == str(event.id)
    assert is_signed(taken, service.secret_of(webhook, cast.amir.actor))
    (delivery,) = deliveries(webhook)
    assert (delivery.status, delivery.tries) == (DELIVERED, 1)
    (attempt,) = attempts(webhook)
    assert (attempt.status_code, attempt.error, attempt.answer) == (200, None, "thank you")
    assert jobs.deliver_due() == 0  # once


def test_no_name_and_no_reason_of_anybody_goes_out(cast, there):
    opened(cast, there, ["*"])
    book(cast.asha, cast.dr_chandra)
    jobs.deliver_due()
    sent = b"".join(one.body for one in there.taken).decode()
    for secret in ("Asha", "Blood pressure", "Chandra", "+44", "@"):
        assert secret not in sent


def test_whoever_books_pays_nothing_for_it(cast, there):
    """No row and no handler of the outbox: the events themselves are read, by the clock."""
    opened(cast, there)
    before = book(cast.asha, cast.dr_chandra)
    assert before.id
    (webhook,) = db.session.scalars(sa.text("SELECT count(*) FROM webhook_deliveries"))
    assert webhook == 0


def test_only_what_was_chosen_of_the_own_organisation_and_from_now_on(cast, there):
    book(cast.asha, cast.dr_chandra)
    webhook = opened(cast, there, ["appointment.cancelled", "patient.*"])
    book(cast.bela, cast.dr_chandra, "10:00")
    book(cast.bela, cast.dr_hana, at("03:30", TODAY + timedelta(days=1)))  # elsewhere
    assert jobs.deliver_due() == 0
    assert deliveries(webhook) == []


def test_an_event_that_was_committed_late_is_told_too(cast, there):
    webhook = opened(cast, there)
    early = clock.now() + timedelta(seconds=1)
    changed(webhook, created_at=early - timedelta(minutes=30))
    book(cast.asha, cast.dr_chandra)
    jobs.deliver_due()

    @transactional
    def late():
        event = EventRow(
            at=early - timedelta(minutes=2), name="appointment.confirmed",
            topic="appointment.updated", organisation_id=cast.harbour, actor_role="system",
            payload={"appointment_id": "1"},
        )  # fmt: skip
        db.session.add(event)

    late()
    jobs.deliver_due()
    assert [one["type"] for one in told(there)] == ["appointment.created", "appointment.confirmed"]


def test_more_than_one_batch(cast, there, monkeypatch):
    monkeypatch.setattr(collect, "BATCH", 2)
    webhook = opened(cast, there)
    for hour in ("09:00", "10:00", "11:00"):
        book(cast.asha, cast.dr_chandra, hour)
    book(cast.bela, cast.dr_chandra, "11:30")
    jobs.deliver_due()
    assert len(deliveries(webhook)) == 4
    assert len(there.taken) == 4


def test_paused_it_is_told_nothing_and_resumed_what_happened_meanwhile(cast, there):
    webhook = opened(cast, there)
    service.update(webhook, {"is_active": False}, cast.amir.actor)
    book(cast.asha, cast.dr_chandra)
    assert jobs.deliver_due() == 0
    service.update(webhook, {"is_active": True}, cast.amir.actor)
    assert jobs.deliver_due() == 1
    assert len(there.taken) == 1


def test_of_a_long_pause_only_the_last_day_is_told(cast, there, monday_morning):
    webhook = opened(cast, there, ["appointment.created"])
    service.update(webhook, {"is_active": False}, cast.amir.actor)
    book(cast.asha, cast.dr_chandra)
    monday_morning.shift(timedelta(days=2))
    service.update(webhook, {"is_active": True}, cast.amir.actor)
    assert jobs.deliver_due() == 0
    assert there.taken == []


def test_deleted_it_is_told_nothing_more(cast, there):
    webhook = opened(cast, there)
    book(cast.asha, cast.dr_chandra)
    collect.collect()
    service.delete(webhook, cast.amir.actor)
    assert jobs.deliver_due() == 0
    assert there.taken == []


def test_for_a_day_both_secrets_sign(cast, there, monday_morning):
    webhook = opened(cast, there)
    old = service.secret_of(webhook, cast.amir.actor)
    service.rotate_secret(webhook, cast.amir.actor)
    new = service.secret_of(webhook, cast.amir.actor)
    assert new != old
    service.send_test(webhook, cast.amir.actor)
    jobs.deliver_due()
    assert is_signed(there.taken[0], old) and is_signed(there.taken[0], new)
    monday_morning.shift(timedelta(days=1, minutes=1))
    service.send_test(webhook, cast.amir.actor)
    jobs.deliver_due()
    assert not is_signed(there.taken[1], old) and is_signed(there.taken[1], new)


def test_redelivered_by_the_same_id(cast, there):
    webhook = opened(cast, there)
    book(cast.asha, cast.dr_chandra)
    jobs.deliver_due()
    (delivery,) = deliveries(webhook)
    service.redeliver(webhook, delivery.id, cast.amir.actor)
    assert deliveries(webhook)[0].status == WAITING
    jobs.deliver_due()
    assert len({one.headers["webhook-id"] for one in there.taken}) == 1
    assert len(there.taken) == 2


def test_what_waited_too_long_is_not_told(cast, there, monday_morning):
    webhook = opened(cast, there)
    book(cast.asha, cast.dr_chandra)
    collect.collect()
    service.update(webhook, {"is_active": False}, cast.amir.actor)
    monday_morning.shift(timedelta(days=1, minutes=10))
    service.update(webhook, {"is_active": True}, cast.amir.actor)
    jobs.deliver_due()
    assert there.taken == []
    assert [one.status for one in deliveries(webhook)] == [FAILED]
    assert row(webhook).failures == 0
