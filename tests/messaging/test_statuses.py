"""Every status with every report of the provider, and every answer with its consequence."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.messaging.statuses import (
    FINAL,
    MOST_ATTEMPTS,
    OPEN,
    Status,
    backoff,
    forward,
)

REPORTS = [
    *("accepted", "scheduled", "queued", "sending", "sent"),
    *("delivered", "read", "undelivered", "failed", "canceled"),
]
# Reports from left to right as above; "." changes nothing.
MOVES = """
    queued     sent sent sent sent sent delivered delivered failed failed cancelled
    sending    sent sent sent sent sent delivered delivered failed failed cancelled
    uncertain  sent sent sent sent sent delivered delivered failed failed cancelled
    sent       .    .    .    .    .    delivered delivered failed failed cancelled
    delivered  .    .    .    .    .    .         .         .      .      .
    failed     .    .    .    .    .    .         .         .      .      .
    skipped    .    .    .    .    .    .         .         .      .      .
    cancelled  .    .    .    .    .    .         .         .      .      .
    received   .    .    .    .    .    .         .         .      .      .
"""
PAIRS = [
    (current, report, None if after == "." else after)
    for current, *row in map(str.split, MOVES.strip().splitlines())
    for report, after in zip(REPORTS, row, strict=True)
]


def test_the_table_names_every_pair() -> None:
    assert len(PAIRS) == len(Status) * len(REPORTS)


@pytest.mark.parametrize(("current", "report", "after"), PAIRS)
def test_a_report_moves_a_message_only_forward(
    current: str, report: str, after: str | None
) -> None:
    assert forward(Status(current), report) == after


@pytest.mark.parametrize("report", ["", "partially_delivered", "received", "SENT", "nonsense"])
@pytest.mark.parametrize("current", Status)
def test_an_unknown_report_changes_nothing(current: Status, report: str) -> None:
    assert forward(current, report) is None


@given(st.permutations(["queued", "sent", "delivered", "sent", "delivered"]))
def test_in_any_order_and_doubled_the_end_is_the_same(reports: list[str]) -> None:
    status = Status.SENDING
    for report in reports:
        status = forward(status, report) or status
    assert status == Status.DELIVERED


def test_a_status_is_open_or_final() -> None:
    assert frozenset(Status) == OPEN | FINAL
    assert not OPEN & FINAL
    assert all(forward(status, "delivered") is None for status in FINAL)
    assert all(forward(status, "delivered") == Status.DELIVERED for status in OPEN)


@pytest.mark.parametrize(
    ("attempt", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 60), (99, 60)]
)
def test_each_wait_is_longer(attempt: int, minutes: int) -> None:
    assert backoff(attempt) == timedelta(minutes=minutes)


def test_jitter_stays_within_a_fifth_and_keeps_the_order() -> None:
    assert backoff(2, 0.8) == timedelta(minutes=4)
    assert backoff(2, 1.2) == timedelta(minutes=6)
    assert backoff(2, 0) == backoff(2, 0.8)
    assert backoff(2, 9) == backoff(2, 1.2)
    waits = [(backoff(attempt, 0.8), backoff(attempt, 1.2)) for attempt in range(1, MOST_ATTEMPTS)]
    assert all(longest < shortest for (_, longest), (shortest, _) in pairwise(waits))
