"""Who hears of what. NOW runs in the transaction of the fact; LATER from the outbox, each alone."""

from clinic.appointments import board, steps
from clinic.core.live import MayWatch
from clinic.events.names import Event
from clinic.events.service import Handler
from clinic.events.tasks import Runner

NOW: dict[Event, list[Handler]] = {}

LATER: dict[Event, list[Handler]] = {
    Event.APPOINTMENT_CREATED: [steps.on_created],
}

TASKS: dict[str, Runner] = {
    steps.ACCEPT_TASK: steps.accept_booking,
}

WATCHERS: dict[str, MayWatch] = {
    "doctor": board.may_watch_doctor,
    "organisation": board.may_watch_organisation,
}
