"""Receivers that fail, hang, answer nonsense: tried again, held, paused, and nobody else waits."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.core.outside import fetch
from clinic.hooks import jobs, service
from clinic.hooks.errors import StillWaiting, WebhookIsPaused
from clinic.hooks.models import DELIVERED, FAILED, FAILING, GONE, WAITING
from clinic.hooks.sending import calls, collect, settle
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from tests.cast import TODAY, at
from tests.factories import book
from tests.fakes import receiver
from tests.fakes.receiver import Receiver
from tests.hooks.helpers import attempts, changed, deliveries, opened, row

pytestmark = pytest.mark.usefixtures("in_app")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 360), (6, 360), (9, 360)]
)
def test_waits(tries, minutes):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert settle.wait_before(tries, moment, moment) == minutes * MINUTE


def test_nothing_is_tried_for_longer_than_a_day():
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    day = timedelta(days=1)
    assert settle.wait_before(6, moment, moment + day - 360 * MINUTE)
    assert settle.wait_before(6, moment, moment + day - 359 * MINUTE) is None


@pytest.mark.parametrize("status", [301, 302, 400, 404, 429, 500, 503])
def test_another_answer_than_success_is_a_failure(cast, status, monday_morning):
    with Receiver(answers=[status, 204]) as there:
        webhook = opened(cast, there)
        book(cast.asha, cast.dr_chandra)
        jobs.deliver_due()
        (delivery,) = deliveries(webhook)
        assert (delivery.status, delivery.tries) == (WAITING, 1)
        assert row(webhook).failures == 1
        assert jobs.deliver_due() == 0  # not at once
        monday_morning.shift(MINUTE + timedelta(seconds=1))
        assert jobs.deliver_due() == 1
    (delivery,) = deliveries(webhook)
    assert (delivery.status, delivery.tries) == (DELIVERED, 2)
    assert [one.status_code for one in attempts(webhook)] == [status, 204]
    assert (row(webhook).failures, row(webhook).failing_since) == (0, None)
    assert len({one.headers["webhook-id"] for one in there.taken}) == 1


def test_what_is_told_of_a_failure(cast, monday_morning):
    with Receiver(rude=receiver.no_http) as there:
        webhook = opened(cast, there)
        service.send_test(webhook, cast.amir.actor)
        jobs.deliver_due()
        there.rude, there.body, there.answers = None, b"\x00\xff" + b"x" * 5000, [500]
        monday_morning.shift(2 * MINUTE)
        jobs.deliver_due()
    first, second = attempts(webhook)
    assert (first.status_code, first.error, first.answer) == (None, fetch.BROKEN, "")
    assert (second.status_code, second.error) == (500, None)
    assert second.answer.startswith("\N{REPLACEMENT CHARACTER}" * 2 + "xxx")
    assert len(second.answer) == 2000


def test_one_that_fails_is_held_and_its_other_events_wait(cast, monday_morning):
    with Receiver(answers=[500]) as there:
        webhook = opened(cast, there)
        for hour in ("09:00", "10:00", "11:00"):
            book(cast.asha, cast.dr_chandra, hour)
        jobs.deliver_due()
        assert len(there.taken) == 1
        there.answers = [200]
        monday_morning.shift(MINUTE + timedelta(seconds=1))
        jobs.deliver_due()
    assert {one.status for one in deliveries(webhook)} == {DELIVERED}
    assert len(there.taken) == 4


def test_an_event_that_its_receiver_cannot_take_stops_no_other(cast, monday_morning):
    with Receiver(answers=[500, 200]) as there:
        webhook = opened(cast, there)
        book(cast.asha, cast.dr_chandra)
        jobs.deliver_due()
        book(cast.bela, cast.dr_chandra, "10:00")
        monday_morning.shift(30 * timedelta(seconds=1))
        collect.collect()
        monday_morning.shift(31 * timedelta(seconds=1))
        jobs.deliver_due()
    assert [one.status for one in deliveries(webhook)] == [DELIVERED] * 2


def test_who_hangs_stops_nobody(cast, monkeypatch):
    monkeypatch.setattr(calls, "SECONDS", 1.0)
    with Receiver(rude=receiver.hangs) as first, Receiver(rude=receiver.drips) as second:
        hanging = [opened(cast, first), opened(cast, second)]
        with Receiver() as there:
            webhook = opened(cast, there)
            for hour in ("09:00", "10:00", "11:00"):
                book(cast.asha, cast.dr_chandra, hour)
            began = time.monotonic()
            jobs.deliver_due()
            assert time.monotonic() - began < 8  # both together take the second of one
            assert len(there.taken) == 3
            assert jobs.deliver_due() == 0
    assert {one.status for one in deliveries(webhook)} == {DELIVERED}
    for one in hanging:
        assert [try_.error for try_ in attempts(one)] == [fetch.TOO_SLOW]
        assert row(one).leased_until is None


def test_a_slow_one_has_its_turn_less_often(cast, monkeypatch):
    monkeypatch.setattr(settle, "SLOW_MS", -1)
    with Receiver() as there:
        webhook = opened(cast, there)
        service.send_test(webhook, cast.amir.actor)
        jobs.deliver_due()
    found = row(webhook)
    assert found.failures == 0
    assert found.held_until is not None


def test_after_a_day_of_failures_it_is_paused_and_admins_are_told(cast, monday_morning):
    with Receiver(answers=[500]) as there:
        webhook = opened(cast, f"{there.url}?token=of-theirs")
        book(cast.asha, cast.dr_chandra)
        for _ in range(12):
            jobs.deliver_due()
            assert row(webhook).paused_at is None
            monday_morning.shift(timedelta(hours=2, minutes=1))
        book(cast.bela, cast.dr_chandra, _tomorrow())
        jobs.deliver_due()
    found = row(webhook)
    assert found.pause_reason == FAILING
    letters = db.session.scalars(sa.select(Message).where(Message.template == "webhook_paused"))
    (letter,) = letters.all()
    assert (letter.address, letter.about_id) == (cast.amir.email, webhook)
    told = str(letter.__dict__)
    assert "localhost" in told
    assert "of-theirs" not in told
    sent = rendering.with_secrets(letter.body)
    assert f"/admin/webhooks/{webhook}" in sent
    with pytest.raises(WebhookIsPaused):
        service.send_test(webhook, cast.amir.actor)
    service.update(webhook, {"is_active": True}, cast.amir.actor)
    assert (row(webhook).failures, row(webhook).held_until) == (0, None)


def _tomorrow():
    return at("10:00", TODAY + timedelta(days=2))


def test_one_that_is_gone_is_paused_at_once(cast):
    with Receiver(answers=[410]) as there:
        webhook = opened(cast, there)
        service.send_test(webhook, cast.amir.actor)
        jobs.deliver_due()
    assert row(webhook).pause_reason == GONE
    assert len(there.taken) == 1


def test_after_the_last_try_it_stays_failed_until_somebody_asks(cast, monday_morning):
    with Receiver(answers=[500]) as there:
        webhook = opened(cast, there)
        service.send_test(webhook, cast.amir.actor)
        for _ in range(20):
            jobs.deliver_due()
            monday_morning.shift(timedelta(hours=6, minutes=1))
        (delivery,) = deliveries(webhook)
        assert delivery.status == FAILED
        there.answers = [200]
        service.update(webhook, {"is_active": True}, cast.amir.actor)
        service.redeliver(webhook, delivery.id, cast.amir.actor)
        with pytest.raises(StillWaiting):
            service.redeliver(webhook, delivery.id, cast.amir.actor)
        jobs.deliver_due()
    assert deliveries(webhook)[0].status == DELIVERED


def test_a_secret_that_can_be_read_no_more_is_told_and_sends_nothing(cast):
    with Receiver() as there:
        webhook = opened(cast, there)
        changed(webhook, secret="of another key")
        service.send_test(webhook, cast.amir.actor)
        jobs.deliver_due()
    assert there.taken == []
    assert [one.error for one in attempts(webhook)] == ["no_secret"]
