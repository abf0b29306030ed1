"""Visits to come of doctors who see nobody any more: somebody at the desk decides each."""

from clinic.access.actor import Actor
from clinic.appointments.life.scope import left_behind
from clinic.appointments.models import Appointment
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading.visit import VISITS, Visit

MOST = 200


def left(actor: Actor) -> list[Visit]:
    """What the actor may see of them, soonest first, at most so many."""
    query = VISITS.where(left_behind(actor)).order_by(Appointment.starts_at, Appointment.id)
    return visits.read(query.limit(MOST), actor)
