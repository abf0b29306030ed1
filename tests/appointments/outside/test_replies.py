"""Which visit an answer by text is about, and whether it may be done: a table, no database."""

from uuid import UUID

import pytest

from clinic.appointments.outside.replies import Act, Candidate, Decision, Reason, decide

ASHA, BELA = UUID(int=1), UUID(int=2)


def visit(code, patient=ASHA, status="scheduled", can_cancel=True, is_left=False):
    return Candidate(
        id=UUID(int=ord(code[-1])),
        patient_id=patient,
        codes=frozenset({code}),
        can_confirm=status == "scheduled",
        is_confirmed=status == "confirmed",
        is_pending=status == "pending",
        can_cancel=can_cancel,
        is_left=is_left,
    )


A, B, C = visit("AAAAA"), visit("BBBBB"), visit("CCCCC")
OF_BELA = visit("DDDDD", BELA)
PENDING, CONFIRMED = visit("EEEEE", status="pending"), visit("FFFFF", status="confirmed")
SOON = visit("GGGGG", can_cancel=False)
BEGUN = visit("HHHHH", status="checked_in", can_cancel=False)
LEFT = [visit(f"JJJJ{status[0]}", status=status, is_left=True)
        for status in ("scheduled", "confirmed", "pending")]  # fmt: skip

CONFIRM, CANCEL = Act.CONFIRM, Act.CANCEL


def does(act, chosen):
    return Decision(act, chosen)


def nothing(reason, about=None):
    return Decision(Act.NOTHING, about, reason)


@pytest.mark.parametrize(
    ("wanted", "known", "which", "decision"),
    [
        # One visit: no more words are needed.
        (CONFIRM, [A], {}, does(CONFIRM, A)),
        (CANCEL, [A], {}, does(CANCEL, A)),
        (CONFIRM, [A], {"position": 0}, does(CONFIRM, A)),
        (CANCEL, [A], {"code": "AAAAA"}, does(CANCEL, A)),
        # Of a doctor who left: nobody says that it takes place.
        *((CONFIRM, [one], {}, nothing(Reason.DOCTOR_LEFT, one)) for one in LEFT),
        (CANCEL, [LEFT[0]], {}, does(CANCEL, LEFT[0])),
        # Several of one patient: a code or a place in the list.
        (CONFIRM, [A, B], {}, nothing(Reason.WHICH)),
        (CANCEL, [A, B], {}, nothing(Reason.WHICH)),
        (CONFIRM, [A, B], {"position": 1}, does(CONFIRM, B)),
        (CANCEL, [A, B, C], {"position": 2}, does(CANCEL, C)),
        (CANCEL, [A, B], {"code": "BBBBB"}, does(CANCEL, B)),
        (CANCEL, [A, B], {"position": 2}, nothing(Reason.NONE)),
        # A number of two patients: only a code tells.
        (CONFIRM, [A, OF_BELA], {}, nothing(Reason.WHOSE)),
        (CANCEL, [A, OF_BELA], {"position": 0}, nothing(Reason.WHOSE)),
        (CANCEL, [A, OF_BELA], {"code": "DDDDD"}, does(CANCEL, OF_BELA)),
        (CONFIRM, [A, B, OF_BELA], {"code": "AAAAA"}, does(CONFIRM, A)),
        # No such visit.
        (CONFIRM, [], {}, nothing(Reason.NONE)),
        (CANCEL, [], {"code": "AAAAA"}, nothing(Reason.NONE)),
        (CANCEL, [A], {"code": "ZZZZZ"}, nothing(Reason.NONE)),
        (CANCEL, [A], {"position": 1}, nothing(Reason.NONE)),
        # Not possible.
        (CONFIRM, [PENDING], {}, nothing(Reason.NOT_ACCEPTED, PENDING)),
        (CONFIRM, [CONFIRMED], {}, nothing(Reason.ALREADY, CONFIRMED)),
        (CONFIRM, [BEGUN], {}, nothing(Reason.TOO_LATE, BEGUN)),
        (CANCEL, [SOON], {}, nothing(Reason.TOO_LATE, SOON)),
        (CANCEL, [BEGUN], {}, nothing(Reason.TOO_LATE, BEGUN)),
        (CANCEL, [A, SOON], {"code": "GGGGG"}, nothing(Reason.TOO_LATE, SOON)),
        # Possible all the same.
        (CONFIRM, [SOON], {}, does(CONFIRM, SOON)),
        (CANCEL, [PENDING], {}, does(CANCEL, PENDING)),
        (CANCEL, [CONFIRMED], {}, does(CANCEL, CONFIRMED)),
        # Not understood: nothing, whatever is known.
        (Act.NOTHING, [A], {}, nothing(Reason.UNKNOWN)),
        (Act.NOTHING, [A], {"code": "AAAAA"}, nothing(Reason.UNKNOWN)),
        (Act.NOTHING, [A, OF_BELA], {"position": 0}, nothing(Reason.UNKNOWN)),
        (Act.NOTHING, [], {}, nothing(Reason.UNKNOWN)),
    ],
)
def test_an_answer_is_about_one_visit_or_changes_nothing(wanted, known, which, decision):
    assert decide(wanted, known, **which) == decision
