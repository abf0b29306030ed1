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
    OutcomeKind,
    Status,
    backoff,
    classify,
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

ANSWERS = [
    # HTTP status, Twilio's code, what it means
    (200, None, "sent"),
    (201, None, "sent"),
    (429, None, "retry"),
    (429, 20429, "retry"),
    (503, None, "retry"),
    (503, 20503, "retry"),
    (500, None, "uncertain"),
    (500, 20500, "uncertain"),
    (502, None, "uncertain"),
    (504, None, "uncertain"),
    (501, None, "uncertain"),
    (520, None, "uncertain"),
    (None, None, "uncertain"),
    (301, None, "failed"),
    (400, None, "failed"),
    (400, 21211, "failed"),
    (400, 21614, "failed"),
    (401, 20003, "failed"),
    (403, 20403, "failed"),
    (404, 20404, "failed"),
    (408, None, "failed"),
    (400, 21610, "opted_out"),
    (None, 21610, "opted_out"),
    (400, 30003, "unreachable"),
    (None, 30003, "unreachable"),
    (None, 30005, "unreachable"),
    (None, 30006, "unreachable"),
    (None, 30007, "failed"),
    (None, 30008, "failed"),
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


@pytest.mark.parametrize(("http_status", "code", "kind"), ANSWERS)
def test_what_an_answer_means(http_status: int | None, code: int | None, kind: str) -> None:
    assert classify(http_status, code) == kind


def test_a_refused_connection_is_tried_again_and_a_lost_one_is_not() -> None:
    assert classify(None, refused=True) == OutcomeKind.RETRY
    assert classify(None, refused=False) == OutcomeKind.UNCERTAIN


@pytest.mark.parametrize("http_status", [*range(400, 429), *range(430, 500)])
def test_every_other_4xx_fails(http_status: int) -> None:
    assert classify(http_status) == OutcomeKind.FAILED


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
