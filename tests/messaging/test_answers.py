"""Every answer with its consequence: one table, whose fault it is, and words for people."""

import pytest

from clinic.messaging.answers import ANSWERS, Fault, Holds, classify, classify_mail, holds
from clinic.messaging.desk import words
from clinic.messaging.statuses import OutcomeKind

JUDGED = [
    # HTTP status, Twilio's code, what it means
    (200, None, "sent"),
    (201, None, "sent"),
    (429, None, "retry"),
    (429, 20429, "retry"),
    (400, 21611, "retry"),  # the sender's queue is full
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
    (404, 20404, "failed"),
    (408, None, "failed"),
    (401, None, "held"),
    (403, None, "held"),
    (401, 20003, "held"),
    (401, 20005, "held"),
    (403, 20403, "held"),
    (400, 21606, "held"),
    (None, 30002, "held"),
    (None, 30032, "held"),
    (None, 30034, "held"),
    (400, 63007, "held"),
    (400, 63016, "held"),
    (None, 63016, "held"),
    (400, 21211, "failed"),
    (400, 21614, "failed"),
    (400, 21408, "failed"),
    (400, 21612, "failed"),
    (400, 21610, "opted_out"),
    (403, 21610, "opted_out"),  # the code says more than the status
    (None, 21610, "opted_out"),
    (400, 30003, "unreachable"),
    (None, 30003, "unreachable"),
    (None, 30004, "unreachable"),
    (None, 30005, "unreachable"),
    (None, 30006, "unreachable"),
    (None, 30007, "failed"),
    (None, 30008, "failed"),
    (None, 63024, "failed"),
    (None, 99999, "failed"),
]
OURS = {
    **dict.fromkeys(("401", "403", "20003", "20005", "30002", "535"), Holds.ACCOUNT),
    **dict.fromkeys(("21606", "30032", "30034", "63007", "63016", "63038"), Holds.SENDER),
}
OF_THE_ADDRESS = ("21211", "21614", "21610", "30003", "30004", "30005", "30006", "63003", "63024")
OF_THE_CONTENT = ("21617", "30007", "63005", "63013", "554")


@pytest.mark.parametrize(("http_status", "code", "kind"), JUDGED)
def test_what_an_answer_means(http_status: int | None, code: int | None, kind: str) -> None:
    assert classify(http_status, code) == kind


def test_a_refused_connection_is_tried_again_and_a_lost_one_is_not() -> None:
    assert classify(None, refused=True) == OutcomeKind.RETRY
    assert classify(None, refused=False) == OutcomeKind.UNCERTAIN


@pytest.mark.parametrize("http_status", {*range(400, 500)} - {401, 403, 429})
def test_every_other_4xx_fails(http_status: int) -> None:
    assert classify(http_status) == OutcomeKind.FAILED


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((421, "retry"), (451, "retry"), (454, "retry"), (535, "held"), (530, "held")),
        *((550, "failed"), (552, "failed"), (554, "failed"), (571, "failed")),
    ],
)
def test_what_a_mail_server_means(code: int, kind: str) -> None:
    assert classify_mail(code) == kind


@pytest.mark.parametrize(("code", "scope"), OURS.items())
def test_a_fault_of_ours_holds_what_it_touches_and_no_more(code: str, scope: Holds) -> None:
    assert (ANSWERS[code].fault, holds(code)) == (Fault.OURS, scope)


def test_a_fault_of_one_address_or_one_text_holds_nothing() -> None:
    assert {ANSWERS[code].fault for code in OF_THE_ADDRESS} == {Fault.ADDRESS}
    assert {ANSWERS[code].fault for code in OF_THE_CONTENT} == {Fault.CONTENT}
    for code in (*OF_THE_ADDRESS, *OF_THE_CONTENT, "21408", "21608", "503", "nonsense", None):
        assert holds(code) is None


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize("code", ANSWERS)
def test_each_row_has_words_and_a_remedy_where_it_holds(code: str) -> None:
    answer = ANSWERS[code]
    assert words.reason(code) == answer.words
    assert not answer.words.endswith(".")
    assert (answer.kind is OutcomeKind.HELD) == bool(answer.holds) == bool(answer.remedy)
    assert answer.kind is not OutcomeKind.HELD or answer.fault is Fault.OURS
