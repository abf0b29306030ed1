"""What the ledger says, also of what another version wrote into it."""

import pytest

from clinic.messaging.desk import words
from clinic.messaging.desk.queries import Happening, What
from clinic.messaging.statuses import OutcomeKind, Status
from tests.cast import LONDON, NOW

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.mark.parametrize("kind", [*OutcomeKind, "delivered", "skipped"])
def test_every_outcome_of_an_attempt_has_words_and_a_colour(kind):
    step = Happening(NOW, What.OUTCOME, kind)
    assert words.what(step) not in (kind, "")
    assert words.colour(step) in set(Status)


@pytest.mark.parametrize(
    ("step", "said", "colour"),
    [
        (Happening(NOW, What.RECEIVED), "Received", "received"),
        (Happening(NOW, What.QUEUED), "Queued", "queued"),
        (Happening(NOW, What.ATTEMPT, "2"), "Attempt 2", "sending"),
        (Happening(NOW, What.REPORT, "undelivered"), "Reported: undelivered", "failed"),
        (Happening(NOW, What.REPORT, "gone"), "Reported: gone", "info"),
        (Happening(NOW, What.ENDED, "skipped"), "Skipped", "skipped"),
        (Happening(NOW, What.ENDED, "cancelled"), "Cancelled", "cancelled"),
        (Happening(NOW, What.OUTCOME, "gone"), "gone", "info"),
    ],
)
def test_every_step_is_told(step, said, colour):
    assert (words.what(step), words.colour(step)) == (said, colour)


@pytest.mark.parametrize(
    ("code", "said", "alone"),
    [
        ("no_address", "there is no number or address", "There is no number or address"),
        ("99999", "error 99999", "Error 99999"),
        (None, "", ""),
    ],
)
def test_why_it_went_no_further(code, said, alone):
    assert (words.reason(code), words.reason_alone(code)) == (said, alone)


def test_moments_are_told_by_the_clinics_clock():
    assert words.moment(NOW, LONDON) == "Mon 16 Nov, 06:30"
    assert words.moment(NOW, LONDON, seconds=True) == "Mon 16 Nov, 06:30:00"
