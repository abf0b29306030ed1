"""Which step may follow which status, who may take it, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from clinic.appointments.vocabulary import ACTIVE, UPCOMING, Status


class By(StrEnum):
    """Who takes a step: a user's role, or the system itself."""

    PATIENT = "patient"
    STAFF = "staff"
    DOCTOR = "doctor"
    ADMIN = "admin"
    SUPERADMIN = "superadmin"
    SYSTEM = "system"


_EXPECTED = frozenset({Status.SCHEDULED, Status.CONFIRMED})  # accepted, the patient not here yet

# An administrator may do what the front desk does: in a small practice they are one person.
_RUN_VISITS = frozenset({By.STAFF, By.DOCTOR, By.ADMIN, By.SUPERADMIN})
_SEE_PATIENTS = frozenset({By.DOCTOR, By.SUPERADMIN})


@dataclass(frozen=True, slots=True)
class Step:
    """`to` holds one status, or for an undo each status it may give back."""

    to: frozenset[Status]
    frm: frozenset[Status]
    by: frozenset[By]


def _only(status: Status) -> frozenset[Status]:
    return frozenset({status})


# In the order of a board's row: the way forward first, what cannot be undone last.
STEPS: dict[str, Step] = {
    "accept": Step(
        to=_only(Status.SCHEDULED), frm=_only(Status.PENDING), by=_RUN_VISITS | {By.SYSTEM}
    ),
    "check_in": Step(to=_only(Status.CHECKED_IN), frm=_EXPECTED, by=_RUN_VISITS),
    "start": Step(to=_only(Status.IN_PROGRESS), frm=_only(Status.CHECKED_IN), by=_RUN_VISITS),
    "complete": Step(
        to=_only(Status.COMPLETED),
        frm=_only(Status.IN_PROGRESS),
        by=_SEE_PATIENTS,
    ),
    "confirm": Step(
        to=_only(Status.CONFIRMED), frm=_only(Status.SCHEDULED), by=_RUN_VISITS | {By.PATIENT}
    ),
    "no_show": Step(to=_only(Status.NO_SHOW), frm=_EXPECTED, by=_RUN_VISITS | {By.SYSTEM}),
    "undo_check_in": Step(to=_EXPECTED, frm=_only(Status.CHECKED_IN), by=_RUN_VISITS),
    "undo_start": Step(to=_only(Status.CHECKED_IN), frm=_only(Status.IN_PROGRESS), by=_RUN_VISITS),
    "undo_complete": Step(
        to=_only(Status.IN_PROGRESS), frm=_only(Status.COMPLETED), by=_SEE_PATIENTS
    ),
    "undo_no_show": Step(to=_EXPECTED, frm=_only(Status.NO_SHOW), by=_RUN_VISITS),
    # The visit moves: a new one takes its place, and the old one ends without being cancelled.
    "reschedule": Step(to=_only(Status.CANCELLED), frm=UPCOMING, by=_RUN_VISITS | {By.PATIENT}),
    "cancel": Step(
        to=_only(Status.CANCELLED), frm=UPCOMING, by=_RUN_VISITS | {By.PATIENT, By.SYSTEM}
    ),
}


# What takes back the status that a visit stands in.
UNDO = {next(iter(step.frm)): name for name, step in STEPS.items() if name.startswith("undo_")}
COMPLETION_UNDOABLE = timedelta(minutes=10)  # later, others have read it as the truth


class IllegalStep(Exception):
    """The visit's status does not allow the step."""

    def __init__(self, status: Status, step: str) -> None:
        super().__init__(status, step)
        self.status = status
        self.step = step


class NotYours(Exception):
    """The step belongs to somebody else, whatever the status."""

    def __init__(self, step: str, by: By) -> None:
        super().__init__(step, by)
        self.step = step
        self.by = by


def advance(status: Status, step: str, by: By, *, before: Status | None = None) -> Status:
    """Return the status after `step`. Raises NotYours, IllegalStep; KeyError for an unknown step.

    `before` is what the caller stored at check-in or no-show, for an undo to give back; when it
    is not known the visit becomes scheduled again, which claims less than confirmed.
    """
    rule = STEPS[step]
    if by not in rule.by:
        raise NotYours(step, by)
    if status not in rule.frm:
        raise IllegalStep(status, step)
    if len(rule.to) == 1:
        return next(iter(rule.to))
    return before if before in rule.to else Status.SCHEDULED


def gives_up_seat(step: str) -> bool:
    """Tell whether the seat of a visit that takes the step is offered again."""
    return STEPS[step].frm <= ACTIVE and not STEPS[step].to <= ACTIVE


def takes_seat_again(step: str) -> bool:
    return STEPS[step].to <= ACTIVE and not STEPS[step].frm <= ACTIVE


def may(status: Status, step: str, by: By) -> bool:
    rule = STEPS[step]
    return status in rule.frm and by in rule.by


def open_steps(status: Status, by: By) -> tuple[str, ...]:
    """Return the steps `by` may take now, in the order a board shows them."""
    return tuple(step for step in STEPS if may(status, step, by))


_FORWARD = ("accept", "confirm", "check_in", "start", "complete", "no_show", "cancel")


def way_to(status: Status, target: Status, by: By) -> tuple[str, ...]:
    """Return the steps that lead from `status` to `target`, the fewest there are; never an undo.

    Who says no more than "completed" means every step on the way. Empty when the visit is there
    already. Raises NotYours when the way exists for others, IllegalStep when there is none.
    """
    found = _shortest(status, target, frozenset({by}))
    if found is not None:
        return found
    for_anybody = _shortest(status, target, frozenset(By))
    if for_anybody:
        step = next(step for step in for_anybody if by not in STEPS[step].by)
        raise NotYours(step, by)
    raise IllegalStep(status, f"be {target}")


def _shortest(status: Status, target: Status, by: frozenset[By]) -> tuple[str, ...] | None:
    ways: dict[Status, tuple[str, ...]] = {status: ()}
    waiting = [status]
    while waiting and target not in ways:
        here = waiting.pop(0)
        for step in _FORWARD:
            (there,) = STEPS[step].to
            if here in STEPS[step].frm and STEPS[step].by & by and there not in ways:
                ways[there] = (*ways[here], step)
                waiting.append(there)
    return ways.get(target)


def can_cancel(starts_at: datetime, now: datetime, notice_minutes: int) -> bool:
    """Tell whether a patient may still cancel or move: not begun, and with the notice asked for."""
    return now < starts_at and now <= starts_at - timedelta(minutes=notice_minutes)


def has_come(starts_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the local day of the visit has begun: before it nobody arrives or is missed."""
    return now.astimezone(zone).date() >= starts_at.astimezone(zone).date()


def is_undoable_completion(finished_at: datetime | None, now: datetime) -> bool:
    return finished_at is not None and now <= finished_at + COMPLETION_UNDOABLE


def is_undoable_no_show(starts_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether `now` is still the local day of the visit."""
    return now.astimezone(zone).date() == starts_at.astimezone(zone).date()
