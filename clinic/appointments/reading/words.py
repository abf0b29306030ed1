"""A visit in the reader's language: its page, its place in a list, its calendar file."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.appointments.offer.words import When, when, where, where_at
from clinic.appointments.reading.visit import Visit
from clinic.appointments.vocabulary import Status
from clinic.core import clock, saying

TO_PATIENTS = {
    Status.SCHEDULED: _l("Please confirm"),
    Status.CONFIRMED: _l("Confirmed"),
    Status.CHECKED_IN: _l("Checked in"),
    Status.IN_PROGRESS: _l("In progress"),
    Status.COMPLETED: _l("Completed"),
    Status.CANCELLED: _l("Cancelled"),
    Status.NO_SHOW: _l("Missed"),
}
LEFT = _l(
    "This doctor no longer sees patients here. The clinic will tell you who sees you instead."
)
RELEASED = {  # by the reason that is kept
    "not_proven": _l("No code was entered in time, so the time is free for others again."),
    "not_theirs": _l("It was booked before you confirmed that the address is yours."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(When):
    """Everything a page says about one visit."""

    id: UUID
    code: str
    status: str
    status_text: str
    mark: str  # what its badge looks like: the status, or `to_confirm`
    starts_on: date
    doctor_id: UUID
    doctor: str
    speciality: str
    where: str
    where_at: str  # with the organisation
    organisation: str
    patient: str  # for the desk and the patient; a link says nobody's name
    birth_date: date | None
    near: str  # "Today", "Tomorrow", or ""
    channel: str
    minutes: int
    can_confirm: bool
    can_cancel: bool
    can_move: bool
    cancel_hint: str
    is_upcoming: bool
    is_reminded: bool
    held_until: str  # "10:15" while its patient has to enter a code, or ""
    hold_hint: str  # what is to be done about that
    release_hint: str  # why it was given to others
    left_hint: str  # while its doctor left and nobody has decided yet


def shown(visit: Visit, speciality: str = "") -> Shown:
    """`speciality` is the doctor's, for pages that say it: `Cardiology, Neurology`."""
    return Shown(
        **when(visit.starts_at, visit.ends_at, visit.zone),
        id=visit.id,
        code=visit.code,
        status=str(visit.shown_status),
        status_text=status(visit),
        mark="to_confirm" if _is_asked(visit) else str(visit.shown_status),
        starts_on=visit.starts_on,
        doctor_id=visit.doctor_id,
        doctor=visit.doctor,
        speciality=speciality,
        where=place(visit),
        where_at=where_at(visit.organisation, visit.place, visit.address),
        organisation=visit.organisation,
        patient=visit.patient,
        birth_date=visit.birth_date,
        near=_near(visit),
        channel=visit.channel,
        minutes=visit.minutes,
        can_confirm=visit.can_confirm,
        can_cancel=visit.can_cancel,
        can_move=visit.can_move,
        cancel_hint=_too_late(visit.clinic_phone) if visit.is_too_late else "",
        is_upcoming=visit.is_upcoming,
        is_reminded=visit.is_reminded,
        held_until=_held_until(visit),
        hold_hint=_hold(visit),
        release_hint=RELEASED.get(visit.cancel_reason or "", ""),
        left_hint=str(LEFT) if visit.is_left and visit.is_upcoming else "",
    )


def _near(visit: Visit) -> str:
    days = (visit.starts_on - clock.today(visit.zone)).days
    return {0: _("Today"), 1: _("Tomorrow")}.get(days, "")


def _is_asked(visit: Visit) -> bool:
    """Is its patient to say that they are coming?"""
    return visit.status is Status.SCHEDULED and not visit.is_left


def status(visit: Visit) -> str:
    """What a patient reads."""
    if visit.has_moved:
        return _("Moved")
    if visit.is_left:
        return _("The clinic will be in touch")
    if visit.status is Status.PENDING:
        return requested_or_booked(visit)
    return str(TO_PATIENTS[visit.status])


def requested_or_booked(visit: Visit) -> str:
    """Of a pending visit: whether people must approve it first."""
    return _("Requested") if visit.approval_required else _("Booked")


def _held_until(visit: Visit) -> str:
    is_running = visit.is_held and visit.held_until and visit.held_until > clock.now()
    return saying.time(visit.held_until, visit.zone) if is_running and visit.held_until else ""


def _hold(visit: Visit) -> str:
    if not visit.is_held:
        return ""
    until = _held_until(visit)
    if until:
        return _(
            "Enter the code we sent you by %(time)s, or the time goes to somebody else.", time=until
        )
    return _("Your code could not be sent in time. The clinic decides, or enter a new one.")


def place(visit: Visit) -> str:
    return where(visit.place, visit.address)


def _too_late(phone: str) -> str:
    if phone:
        return _("To cancel or move it now, please call %(phone)s.", phone=phone)
    return _("To cancel or move it now, please call the clinic.")


def title(visit: Visit) -> str:
    """Of its calendar file: `Harbour Clinic: Dr Chandra Iyer`, no reason and no specialty."""
    return f"{visit.organisation}: {visit.doctor}"


def reference(visit: Visit) -> str:
    return _("Reference %(code)s", code=visit.code)


def alarm(visit: Visit) -> str:
    """`Harbour Clinic at 09:30`"""
    time = saying.time(visit.starts_at, visit.zone)
    return _("%(organisation)s at %(time)s", organisation=visit.organisation, time=time)
