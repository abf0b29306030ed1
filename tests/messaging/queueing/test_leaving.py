"""Whether a message left for its address, as a table over the ledger."""

from datetime import UTC, datetime

import pytest

from clinic.messaging.queueing.leaving import Progress, left_at

MADE, SENT, ENDED = (datetime(2026, 11, 16, 6, 30 + minute, tzinfo=UTC) for minute in range(3))


@pytest.mark.parametrize(
    ("status", "error_code", "sent_at", "settled_at", "left"),
    [
        ("queued", None, None, None, None),
        ("queued", "503", None, ENDED, None),  # tried again later
        ("sending", None, None, None, None),
        ("uncertain", "no_answer", None, None, None),
        ("sent", None, SENT, None, SENT),
        ("delivered", None, SENT, ENDED, SENT),
        ("sent", None, None, None, MADE),  # found at the provider afterwards
        ("failed", "30008", SENT, ENDED, SENT),  # the network lost it: it was on its way
        ("skipped", "not_configured", None, ENDED, None),
        ("skipped", "too_many", None, ENDED, None),
        ("skipped", "stale", None, ENDED, None),
        ("failed", "401", None, ENDED, None),  # our token was revoked
        ("failed", "refused", None, ENDED, None),
        ("failed", "no_starttls", None, ENDED, None),
        ("failed", "21211", None, ENDED, ENDED),  # no such number
        ("failed", "21610", None, ENDED, ENDED),
        ("failed", "550", None, ENDED, ENDED),  # no such mailbox
        ("skipped", "no_address", None, ENDED, ENDED),
        ("skipped", "opted_out", None, ENDED, ENDED),
        ("skipped", "unreachable", None, ENDED, ENDED),
        ("cancelled", None, None, ENDED, None),
    ],
)
def test_it_left_when_a_provider_took_it_or_the_address_is_none(
    status, error_code, sent_at, settled_at, left
):
    assert left_at(Progress(status, error_code, MADE, sent_at, settled_at)) == left
