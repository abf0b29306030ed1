"""The steps of a visit: each one an address, by POST or PATCH."""

from uuid import UUID

from clinic.access.roles import RUN_VISITS
from clinic.api.appointments.shown import AppointmentOut
from clinic.api.frame import In, Resource, actor, example
from clinic.api.when import Instant
from clinic.appointments.booking import move as rescheduling
from clinic.appointments.leaving import handover
from clinic.appointments.reading import lists
from clinic.appointments.reading.lists import Listed
from clinic.appointments.steps import take as steps
from clinic.core.web.security import access, signed_in

bp = Resource("appointment_steps", tag="Appointments")
BY = ["POST", "PATCH"]


class MoveIn(In):
    start: Instant
    doctor_id: UUID | None = None

    model_config = example({"start": "2026-11-17T10:00:00Z"})


@bp.route("/appointments/<uuid:appointment_id>/accept", methods=BY)
@signed_in
@bp.output(AppointmentOut)
def accept(appointment_id: UUID) -> Listed:
    """Accept a request, where people do."""
    return _take(appointment_id, "accept")


@bp.route("/appointments/<uuid:appointment_id>/confirm", methods=BY)
@signed_in
@bp.output(AppointmentOut)
def confirm(appointment_id: UUID) -> Listed:
    """Say that the patient will come."""
    return _take(appointment_id, "confirm")


@bp.route("/appointments/<uuid:appointment_id>/cancel", methods=BY)
@signed_in
@bp.output(AppointmentOut)
def cancel(appointment_id: UUID) -> Listed:
    """Cancel; final. Patients until the clinic's notice limit."""
    return _take(appointment_id, "cancel")


@bp.route("/appointments/<uuid:appointment_id>/check-in", methods=BY)
@signed_in
@bp.output(AppointmentOut)
def check_in(appointment_id: UUID) -> Listed:
    """The patient is here."""
    return _take(appointment_id, "check_in")


@bp.route("/appointments/<uuid:appointment_id>/start", methods=BY)
@signed_in
@bp.output(AppointmentOut)
def start(appointment_id: UUID) -> Listed:
    """The visit begins."""
    return _take(appointment_id, "start")


@bp.route("/appointments/<uuid:appointment_id>/complete", methods=BY)
@signed_in
@bp.output(AppointmentOut)
def complete(appointment_id: UUID) -> Listed:
    """The visit is over."""
    return _take(appointment_id, "complete")


@bp.route("/appointments/<uuid:appointment_id>/no-show", methods=BY)
@signed_in
@bp.output(AppointmentOut)
def no_show(appointment_id: UUID) -> Listed:
    """The patient did not come."""
    return _take(appointment_id, "no_show")


@bp.route("/appointments/<uuid:appointment_id>/undo", methods=BY)
@signed_in
@bp.output(AppointmentOut)
def undo(appointment_id: UUID) -> Listed:
    """Take back a check-in, a start, a no-show or, for ten minutes, a completion."""
    return lists.outcome(actor(), steps.undo(appointment_id, actor()).id)


@bp.route("/appointments/<uuid:appointment_id>/reschedule", methods=BY)
@signed_in
@bp.input(MoveIn)
@bp.output(AppointmentOut)
def reschedule(appointment_id: UUID, json_data: MoveIn) -> Listed:
    """Move a visit; the answer is the one that takes its place. The same time changes nothing.

    To another doctor of the organisation with `doctor_id`.
    """
    moved = rescheduling.reschedule(appointment_id, json_data.start, actor(), json_data.doctor_id)
    return lists.outcome(actor(), moved.id)


@bp.route("/appointments/<uuid:appointment_id>/hand-over", methods=BY)
@access(*RUN_VISITS)
@bp.output(AppointmentOut)
def hand_over(appointment_id: UUID) -> Listed:
    """Of a doctor who left: to a colleague who is free at the same time.

    To another time, or a doctor of your choice: `reschedule`.
    """
    return lists.outcome(actor(), handover.hand_over_one(appointment_id, actor()))


def _take(appointment_id: UUID, step: str) -> Listed:
    return lists.outcome(actor(), steps.take(appointment_id, step, actor()).id)
