"""The caps as a table: who is held back by what, and what is kept back for whom."""

from uuid import uuid4

import pytest

from clinic.messaging.queueing.caps import (
    REFUSALS_SHOWN,
    Limits,
    Tally,
    ToAddress,
    Verdict,
    Wish,
)
from clinic.messaging.words import catalogue

HARBOUR = uuid4()
NUMBER = "+447700900000"
GOES, REFUSED, NOT_SHOWN = Verdict.GOES, Verdict.REFUSED, Verdict.NOT_SHOWN


def wish(is_known=False, gives_way=False, address=NUMBER, organisation_id=HARBOUR):
    return Wish(address, organisation_id, is_known, gives_way)


def after(there=None, here=0, everywhere=0, limits=(2_000, 600)):
    """A tally where so much has gone out already."""
    tally = Tally(Limits(*limits), of_all=everywhere)
    tally.addresses[NUMBER] = ToAddress(**(there or {}))
    tally.of_organisation[HARBOUR] = here
    return tally


@pytest.mark.parametrize(
    ("is_known", "gives_way", "there", "verdict"),
    [
        (False, False, {}, GOES),
        (False, False, {"hour": 5, "day": 5}, GOES),
        (False, False, {"hour": 6, "day": 6}, REFUSED),
        (False, False, {"hour": 0, "day": 14}, GOES),
        (False, False, {"hour": 0, "day": 15}, REFUSED),
        # news of a booking leaves room for a code and for the reminder
        (False, True, {"hour": 3, "day": 3}, GOES),
        (False, True, {"hour": 4, "day": 4}, REFUSED),
        (False, True, {"hour": 0, "day": 9}, GOES),
        (False, True, {"hour": 0, "day": 10}, REFUSED),
        # a family on one telephone
        (True, False, {"hour": 20, "day": 49}, GOES),
        (True, False, {"hour": 20, "day": 50}, REFUSED),
        (True, True, {"hour": 39, "day": 39}, GOES),
        (True, True, {"hour": 0, "day": 40}, REFUSED),
        # what was taken back each time counts as rows
        (False, False, {"rows": 29}, GOES),
        (False, False, {"rows": 30}, REFUSED),
        (True, False, {"rows": 249}, GOES),
        (True, False, {"rows": 250}, REFUSED),
        (False, False, {"hour": 6, "refused": REFUSALS_SHOWN - 1}, REFUSED),
        (False, False, {"hour": 6, "refused": REFUSALS_SHOWN}, NOT_SHOWN),
    ],
)
def test_one_address(is_known, gives_way, there, verdict):
    assert after(there).judge(wish(is_known, gives_way)) is verdict


@pytest.mark.parametrize(
    ("is_known", "here", "a_day", "verdict"),
    [
        (False, 1_999, 2_000, GOES),
        (False, 2_000, 2_000, REFUSED),
        (True, 2_000, 2_000, GOES),  # strangers use up nothing of a clinic's day
        (False, 90_000, 0, GOES),
    ],
)
def test_an_organisation(is_known, here, a_day, verdict):
    tally = after(here=here, limits=(a_day, 0))
    assert tally.judge(wish(is_known)) is verdict
    assert tally.judge(wish(is_known, organisation_id=None)) is GOES


@pytest.mark.parametrize(
    ("is_known", "gone", "an_hour", "verdict"),
    [
        (False, 599, 600, GOES),
        (False, 600, 600, REFUSED),
        (True, 600, 600, GOES),
        (False, 9_000, 0, GOES),
    ],
)
def test_all_strangers_together(is_known, gone, an_hour, verdict):
    tally = after(everywhere=gone, limits=(0, an_hour))
    assert tally.judge(wish(is_known, organisation_id=None)) is verdict


def test_a_batch_counts_its_own():
    tally = Tally(Limits(2_000, 600))
    assert [tally.judge(wish()) for _ in range(8)] == [GOES] * 6 + [REFUSED] * 2
    tally = Tally(Limits(0, 3))
    addresses = [f"+4477009000{number:02}" for number in range(5)]
    verdicts = [tally.judge(wish(address=one, organisation_id=None)) for one in addresses]
    assert verdicts == [GOES] * 3 + [REFUSED] * 2
    tally = Tally(Limits(2, 0))
    assert [tally.judge(wish(address=one)) for one in addresses] == [GOES] * 2 + [REFUSED] * 3


@pytest.mark.parametrize(
    ("there", "many", "is_near"), [(0, 1, False), (11, 1, False), (12, 1, True), (0, 13, True)]
)
def test_only_who_is_near_a_cap_waits_for_others(there, many, is_near):
    assert after({"day": there}).is_near([wish(True)] * many) is is_near


def test_what_a_person_waits_for_never_gives_way():
    waited_for = {"code", "reset", "invitation", "visit_reminder", "visit_cancelled"}
    assert not any(catalogue.TEMPLATES[name].gives_way for name in waited_for)
    assert catalogue.TEMPLATES["visit_rescheduled"].gives_way
