"""When a hold ends, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.appointments.holding.deadline import Sent, deadline
from clinic.appointments.holding.hold import site_of

BOOKED = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)


def minute(number: int) -> datetime:
    return BOOKED + timedelta(minutes=number)


def sent(left: int | None, issued: int = 0) -> Sent:
    return Sent(None if left is None else minute(left), minute(issued + 15))


@pytest.mark.parametrize(
    ("codes", "ends"),
    [
        ([], None),  # too much went to that address
        ([sent(None)], None),  # no provider, or theirs is down
        ([sent(0)], 15),
        ([sent(1)], 16),  # a busy provider takes nobody's minutes
        ([sent(40, issued=40)], 55),  # after an outage, once asked again
        ([sent(None), sent(20, issued=19)], 35),
        ([sent(1), sent(14, issued=14)], 16),  # asking again is not to hold on
        ([sent(-10, issued=-10)], 15),  # of another booking, and still good
        ([sent(-20, issued=-20)], None),  # it worked no more when this was booked
        ([sent(-20, issued=-20), sent(0)], 15),
    ],
)
def test_a_hold_ends_a_quarter_of_an_hour_after_a_code_could_leave(codes, ends):
    assert deadline(minute(15), codes) == (None if ends is None else minute(ends))


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.17", "192.0.2.0/24"),
        ("192.0.2.200", "192.0.2.0/24"),
        ("192.0.3.17", "192.0.3.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:3::/64", "2001:db8:1::/48"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_what_one_person_easily_has_all_of_is_one_site(address, site):
    assert site_of(address) == site
