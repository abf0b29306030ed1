"""A message asks only for what its reader has not said yet, and still can."""

from datetime import timedelta

import pytest

from clinic.appointments.booking.move import reschedule
from clinic.reminders import jobs as reminders
from tests.cast import TODAY, at
from tests.factories import book, fresh, scheduled, set_rules, take
from tests.reminders.plan_helpers import LATE, handed_over, work
from tests.reminders.visits.test_moves import words

pytestmark = pytest.mark.usefixtures("in_app")

TOMORROW = TODAY + timedelta(days=1)
BOTH, NO_MORE = "Reply C to confirm, X to cancel.", "Reply X to cancel."


def test_what_one_moved_oneself_is_confirmed_by_it(cast):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    new = reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
    work()
    (said,) = words(new)
    assert fresh(new).status == "confirmed"
    assert NO_MORE in said
    assert "confirm" not in said


def test_what_the_desk_moved_is_asked_anew(cast):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    new = reschedule(old.id, at("10:00", TOMORROW), cast.esha.actor)
    work()
    assert BOTH in words(new)[0]


def test_the_reminder_of_what_was_confirmed_does_not_ask_again(cast, monday_morning):
    visit = scheduled(cast.asha, cast.dr_chandra, at("10:00", TOMORROW))
    work()
    visit = handed_over(visit)
    take(visit, "confirm", by=cast.asha)
    monday_morning.move_to(at("07:00", TOMORROW))
    reminders.send_due()
    booked, reminder = words(visit)
    assert BOTH in booked
    assert NO_MORE in reminder
    assert "confirm" not in reminder


def test_a_request_that_moved_cannot_be_confirmed_yet(cast):
    set_rules(cast.harbour, approval_required=True)
    old = book(cast.asha, cast.dr_chandra, LATE)
    new = reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
    work()
    assert not any("confirm" in said for said in words(new))


def test_nobody_is_asked_to_cancel_when_it_is_too_late_for_that(cast, monday_morning):
    set_rules(cast.harbour, cancel_notice_minutes=24 * 60)
    visit = scheduled(cast.asha, cast.dr_chandra, at("10:00", TOMORROW))
    monday_morning.move_to(at("07:00", TOMORROW))
    work()
    said = words(visit)
    assert said
    for one in said:
        assert "Reply C to confirm." in one
        assert "cancel" not in one
