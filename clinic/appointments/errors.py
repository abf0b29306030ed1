"""What can go wrong with a visit, in the words of the trade."""

from uuid import UUID

from clinic.core.errors import N_, ClinicError, Conflict, FieldError, Forbidden, TooMany


class SlotTaken(Conflict):
    code, title = "slot_taken", N_("That time was just taken")


class PatientBusy(Conflict):
    code, title = "patient_busy", N_("There is already a visit at that time")


class AlreadyBooked(PatientBusy):
    """Nobody took that time: the patient holds it, with that doctor. Carries which visit it is."""

    code, title = "already_booked", N_("That time is booked for this patient already")

    def __init__(self, visit_id: UUID, reference: str) -> None:
        words = N_("That time is booked for this patient already: %(reference)s.")
        which = FieldError("appointment_id", str(visit_id), N_("The visit that holds the time"))
        super().__init__(words, [which], reference=reference)
        self.visit_id = visit_id
        self.reference = reference


class SlotNotOffered(ClinicError):
    status, code = 400, "slot_not_offered"
    title = N_("That time is not offered")


class TooManyOpen(Conflict):
    code = "too_many_open"
    title = N_("You have as many open appointments as one person can book")


class NotProven(Conflict):
    code, title = "not_proven", N_("Enter the code we sent you first")

    def __init__(self) -> None:
        words = N_(
            "Until you enter a code that we send to your phone or email, you can hold one"
            " appointment. Enter it, then book on."
        )
        super().__init__(words)


class TooManyUnproven(TooMany):
    code, title = "too_many_unproven", N_("Enter a code first, then book")

    def __init__(self, retry_after_s: int) -> None:
        words = N_(
            "Many people who have not confirmed their phone or email booked with this doctor or"
            " from your network. Confirm yours with a code, then book at once; or call the clinic."
        )
        super().__init__(words, retry_after_s)


class TooManyMoves(TooMany):
    code, title = "too_many_moves", N_("This visit was moved too often")

    def __init__(self, retry_after_s: int) -> None:
        words = N_(
            "This visit was moved five times within a day. Move it later, or call the clinic."
        )
        super().__init__(words, retry_after_s)


# Whole sentences, because words change with the one they stand in.
_NOW = {
    "pending": (
        N_("The visit is pending"),
        N_("That is no longer possible: the visit is pending."),
    ),
    "scheduled": (
        N_("The visit is scheduled"),
        N_("That is no longer possible: the visit is scheduled."),
    ),
    "confirmed": (
        N_("The visit is confirmed"),
        N_("That is no longer possible: the visit is confirmed."),
    ),
    "checked_in": (
        N_("The visit is checked in"),
        N_("That is no longer possible: the visit is checked in."),
    ),
    "in_progress": (
        N_("The visit is in progress"),
        N_("That is no longer possible: the visit is in progress."),
    ),
    "completed": (
        N_("The visit is completed"),
        N_("That is no longer possible: the visit is completed."),
    ),
    "cancelled": (
        N_("The visit is cancelled"),
        N_("That is no longer possible: the visit is cancelled."),
    ),
    "no_show": (
        N_("The visit is no show"),
        N_("That is no longer possible: the visit is no show."),
    ),
    "moved": (
        N_("The visit is moved to another time"),
        N_("That is no longer possible: the visit is moved to another time."),
    ),
}


class StepNotPossible(Conflict):
    """Carries the visit's current status."""

    code, title = "step_not_possible", N_("That is no longer possible")

    def __init__(self, status: str, step: str, was_moved: bool = False) -> None:
        now, sentence = _NOW["moved" if was_moved else status]
        super().__init__(sentence, [FieldError("status", status, now)])
        self.current = status
        self.step = step
        self.was_moved = was_moved


class TooEarly(Conflict):
    """The day of the visit, or its start, has not come. Carries the visit's current status."""

    code, title = "too_early", N_("It is too early for that")

    def __init__(self, status: str, step: str) -> None:
        words = N_("That is possible on the day of the visit, not before.")
        super().__init__(words, [FieldError("status", status, _NOW[status][0])])
        self.current = status
        self.step = step


class NoticeTooShort(Conflict):
    code = "notice_too_short"
    title = N_("It is too late to cancel or move the visit online. Please call the clinic.")


class DoctorLeft(Conflict):
    code, title = "doctor_left", N_("This doctor no longer sees patients here")

    def __init__(self) -> None:
        super().__init__(
            N_("This doctor no longer sees patients here. The clinic will be in touch.")
        )


class NobodyFree(Conflict):
    code, title = "nobody_free", N_("No colleague is free then")

    def __init__(self) -> None:
        super().__init__(N_("No colleague is free then. Move it to another time, or cancel it."))


class NotYourStep(Forbidden):
    code, title = "not_your_step", N_("Your account cannot do this")
