"""What can go wrong with a visit, in the words of the trade."""

from clinic.core.errors import ClinicError, Conflict, FieldError, Forbidden


class SlotTaken(Conflict):
    code, title = "slot_taken", "That time was just taken"


class PatientBusy(Conflict):
    code, title = "patient_busy", "There is already a visit at that time"


class SlotNotOffered(ClinicError):
    status, code = 400, "slot_not_offered"
    title = "That time is not offered"


class TooManyOpen(Conflict):
    code, title = "too_many_open", "You have as many open appointments as one person can book"


class BadRange(ClinicError):
    code, title = "bad_range", "Those days cannot be asked for"

    def __init__(self, most: int) -> None:
        super().__init__(f"Ask for 1 to {most} days, the first of them first.")


class StepNotPossible(Conflict):
    """Carries the visit's current status."""

    code, title = "step_not_possible", "That is no longer possible"

    def __init__(self, status: str, step: str, was_moved: bool = False) -> None:
        words = "moved to another time" if was_moved else status.replace("_", " ")
        now = FieldError("status", status, f"The visit is {words}")
        super().__init__(f"That is no longer possible: the visit is {words}.", [now])
        self.current = status
        self.step = step


class NoticeTooShort(Conflict):
    code = "notice_too_short"
    title = "It is too late to cancel or move the visit online. Please call the clinic."


class NotYourStep(Forbidden):
    code, title = "not_your_step", "Your account cannot do this"
