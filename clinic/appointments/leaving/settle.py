"""What becomes of visits to come: kept, cancelled, or handed over to colleagues."""

from collections.abc import Callable, Sequence

from clinic.appointments.facts import AppointmentCancelled
from clinic.appointments.leaving import depending
from clinic.appointments.leaving.depending import Depending
from clinic.appointments.leaving.handover import hand_over
from clinic.appointments.life.scope import still_to_come
from clinic.appointments.life.together import change_together
from clinic.appointments.vocabulary import Status
from clinic.core.data.db import must_be_writing
from clinic.organisations.errors import NotThatWay, VisitsDepend

KEEP, CANCEL, MOVE = "keep", "cancel", "move"
WAYS = (KEEP, CANCEL, MOVE)
STAYING = (KEEP, CANCEL)  # where no colleague can take them over

DOCTOR_LEFT, CLOSED, HOURS_ENDED = "doctor_left", "organisation_closed", "hours_ended"
PLACE_CLOSED = "place_closed"
PATIENT_DIED, PATIENT_LEFT = "patient_died", "patient_left"
OF_PATIENT = (PATIENT_DIED, PATIENT_LEFT)  # the patient's side is told nothing


def settle(
    find: Callable[[], Sequence[Depending]],
    chosen: str | None,
    reason: str,
    ways: Sequence[str] = WAYS,
) -> None:
    """Do what was chosen with the visits that `find` finds; the diaries are held by now.

    Those that nobody can take over stay, and wait at the desk. Raises VisitsDepend where nothing
    was chosen and there are some; NotThatWay.
    """
    must_be_writing()
    if chosen is not None and chosen not in ways:
        raise NotThatWay(ways)
    found = find()
    if not found or chosen == KEEP:
        return
    if chosen is None:
        raise VisitsDepend(len(found), depending.first(found), ways)
    if chosen == MOVE:
        hand_over(found)
        return
    values = {"status": Status.CANCELLED, "cancel_reason": reason}
    still = still_to_come()
    change_together(found, still, values, AppointmentCancelled, reason=reason)
