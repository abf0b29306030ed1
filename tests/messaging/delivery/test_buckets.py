"""A sender hands over so many messages a second, whichever worker asks."""

from datetime import timedelta

import pytest

from clinic.core import clock
from clinic.messaging import jobs
from clinic.messaging.delivery import buckets, sending
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.messaging.ledger_helpers import message, queued

SENDER = "+447700900999"


@pytest.fixture
def rate(set_up):
    def choose(per_second: float) -> None:
        set_up(sender_messages_per_second=per_second)

    return choose


@pytest.mark.parametrize(
    ("per_second", "waited", "there"),
    [
        (10, 0.0, 10),
        (10, 60.0, 10),
        (80, 0.0, 80),
        (0.5, 0.0, 1),
        (0, 0.0, 500),
    ],
)
def test_a_full_bucket_holds_one_second_and_never_less_than_one(
    in_app, rate, monday_morning, per_second, waited, there
):
    rate(per_second)
    monday_morning.shift(timedelta(seconds=waited))
    assert buckets.take(SENDER, [1] * 500) == there


def test_an_empty_bucket_fills_with_time_and_not_beyond_its_brim(in_app, rate, monday_morning):
    rate(10)
    monday_morning.move_to(clock.now(), tick=False)
    assert buckets.take(SENDER, [1] * 500) == 10
    for seconds, there in ((0, 0), (0.25, 2), (0.25, 3), (3600, 10)):
        monday_morning.shift(timedelta(seconds=seconds))
        assert buckets.take(SENDER, [1] * 500) == there


def test_a_slow_sender_gets_its_one_message_in_time(in_app, rate, monday_morning):
    rate(0.5)
    monday_morning.move_to(clock.now(), tick=False)
    assert buckets.take(SENDER, [1] * 5) == 1
    monday_morning.shift(timedelta(seconds=1))
    assert buckets.take(SENDER, [1] * 5) == 0
    monday_morning.shift(timedelta(seconds=1))
    assert buckets.take(SENDER, [1] * 5) == 1


def test_a_text_of_two_parts_takes_two(in_app, rate, monday_morning):
    rate(1)
    monday_morning.move_to(clock.now(), tick=False)
    assert buckets.take(SENDER, [2, 2]) == 1  # more than there ever are: paid in the next second
    for seconds, there in ((1, 0), (1, 1), (1, 0), (1, 1)):
        monday_morning.shift(timedelta(seconds=seconds))
        assert buckets.take(SENDER, [2, 2]) == there
    buckets.put_back(SENDER, 2)
    assert buckets.take(SENDER, [1, 1]) == 1


def test_of_long_and_short_ones_no_more_parts_than_the_rate(in_app, rate, monday_morning):
    rate(10)
    monday_morning.move_to(clock.now(), tick=False)
    assert buckets.take(SENDER, [3, 3, 3, 3, 1]) == 3


@pytest.mark.parametrize(("given", "expected"), [({}, 80), ({"sender_messages_per_second": 0}, 0)])
def test_a_number_of_the_settings_has_their_rate(in_app, set_up, given, expected):
    set_up(twilio_from=SENDER, **given)
    assert buckets.rate_of(SENDER) == expected


def test_each_sender_has_a_bucket_of_its_own(in_app, rate):
    rate(10)
    assert [buckets.take(f"+4477009009{number}", [1] * 7) for number in range(10, 13)] == [7, 7, 7]


def test_workers_that_ask_at_once_share_one_bucket(ledger_on: Stage):
    settings = ledger_on.app.config["SETTINGS"]
    slow = settings.model_copy(update={"sender_messages_per_second": 12})
    ledger_on.app.config["SETTINGS"] = slow
    try:
        taken = at_once(ledger_on.app, [lambda: buckets.take(SENDER, [1] * 5)] * 6)
    finally:
        ledger_on.app.config["SETTINGS"] = settings
    assert faults(taken) == []
    assert 12 <= sum(taken) < 30


def test_what_the_bucket_does_not_allow_waits_and_is_not_lost(
    twilio, set_up, monkeypatch, monday_morning
):
    monday_morning.move_to(clock.now(), tick=False)  # nothing is refilled
    set_up(sender_messages_per_second=4)
    pauses = []
    monkeypatch.setattr(sending.time, "sleep", pauses.append)
    monkeypatch.setattr(jobs, "LONGEST_RUN_S", 3)  # much for four calls on a busy machine
    ids = queued(20)
    jobs.deliver_due()
    sent = [one for one in ids if message(one).status == "sent"]
    waiting = [one for one in ids if message(one).status == "queued"]
    assert len(sent) == 4
    assert len(sent) + len(waiting) == 20
    assert set(pauses) == {sending.PAUSE_S}
    assert all(message(one).claim_token is None for one in waiting)
