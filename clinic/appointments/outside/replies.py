"""What an answer by text does to which visit: pure, over the visits reminded to that number."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Act(StrEnum):
    CONFIRM = "confirm"
    CANCEL = "cancel"
    OTHER_TIME = "other_time"  # which is chosen on the page of the link
    NOTHING = "nothing"


class Reason(StrEnum):
    """Why nothing is done."""

    NONE = "no_visit"
    WHICH = "which_one"
    WHOSE = "whose"
    TOO_LATE = "too_late"
    DOCTOR_LEFT = "doctor_left"
    NOT_ACCEPTED = "not_accepted"
    ALREADY = "already"
    UNKNOWN = "unknown"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An upcoming visit that was reminded to the number, soonest first."""

    id: UUID
    patient_id: UUID
    codes: frozenset[str]  # its own, and those of the visits it replaced
    can_confirm: bool
    is_confirmed: bool
    is_pending: bool
    can_cancel: bool
    is_left: bool = False  # its doctor works there no more: nobody may say that it takes place
    is_told: bool = True  # by a text to that number; of others only a code speaks


@dataclass(frozen=True, slots=True)
class Decision:
    act: Act
    visit: Candidate | None = None
    reason: Reason | None = None


def decide(
    wanted: Act,
    candidates: Sequence[Candidate],
    code: str | None = None,
    position: int | None = None,
    is_shared: bool = False,
) -> Decision:
    """Choose the visit the answer is about, and whether it may be done.

    A number shared by two patients decides nothing without a code. `is_shared`: the records say so,
    whoever of them was texted.
    """
    if wanted is Act.NOTHING:
        return Decision(Act.NOTHING, reason=Reason.UNKNOWN)
    chosen = _choose(candidates, code, position, is_shared)
    if isinstance(chosen, Reason):
        return Decision(Act.NOTHING, reason=chosen)
    if wanted is Act.OTHER_TIME:
        return Decision(Act.OTHER_TIME, chosen)
    if wanted is Act.CONFIRM:
        return _confirm(chosen)
    if not chosen.can_cancel:
        return Decision(Act.NOTHING, chosen, Reason.TOO_LATE)
    return Decision(Act.CANCEL, chosen)


def _choose(
    candidates: Sequence[Candidate], code: str | None, position: int | None, is_shared: bool
) -> Candidate | Reason:
    if code:
        found = [one for one in candidates if code in one.codes]
        return found[0] if found else Reason.NONE
    if not candidates:
        return Reason.NONE
    if is_shared or len({one.patient_id for one in candidates}) > 1:
        return Reason.WHOSE
    if position is not None:
        return candidates[position] if position < len(candidates) else Reason.NONE
    told = [one for one in candidates if one.is_told]
    return told[0] if len(told) == 1 else Reason.WHICH


def _confirm(chosen: Candidate) -> Decision:
    if chosen.is_left:
        return Decision(Act.NOTHING, chosen, Reason.DOCTOR_LEFT)
    if chosen.is_pending:
        return Decision(Act.NOTHING, chosen, Reason.NOT_ACCEPTED)
    if chosen.is_confirmed:
        return Decision(Act.NOTHING, chosen, Reason.ALREADY)
    if not chosen.can_confirm:
        return Decision(Act.NOTHING, chosen, Reason.TOO_LATE)
    return Decision(Act.CONFIRM, chosen)
