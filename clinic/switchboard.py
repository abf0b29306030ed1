"""Who hears of what. NOW runs in the transaction of the fact; LATER from the outbox, each alone."""

from clinic.accounts.proof import keys
from clinic.accounts.recovery import service as recovery
from clinic.appointments.board import day as board
from clinic.appointments.outside import answering, links
from clinic.appointments.steps import accept
from clinic.core.web.live import Topic
from clinic.doctors import service as doctors
from clinic.events.names import Event
from clinic.events.service import Handler
from clinic.events.tasks import Runner
from clinic.messaging.desk import queries as messages
from clinic.messaging.inbound.receive import Answering
from clinic.messaging.words.rendering import Resolver
from clinic.patients.imports import service as imports
from clinic.patients.people import service as patients
from clinic.reminders import departures
from clinic.reminders import service as reminders

NOW: dict[Event, list[Handler]] = {
    Event.USER_CREATED: [patients.on_user_created],
    Event.USER_UPDATED: [doctors.on_user_changed, patients.on_user_changed],
    Event.USER_ROLE_CHANGED: [doctors.on_user_changed],
    Event.USER_DEACTIVATED: [doctors.on_user_changed],
    Event.USER_REACTIVATED: [doctors.on_user_changed],
    Event.PATIENT_UPDATED: [departures.on_patient_changed],
    Event.PATIENT_DEACTIVATED: [departures.on_patient_changed],
    Event.APPOINTMENT_CREATED: [links.on_booked],
    Event.APPOINTMENT_CANCELLED: [reminders.on_cancel],
    Event.APPOINTMENT_RESCHEDULED: [links.on_rescheduled, reminders.on_reschedule],
    Event.APPOINTMENT_CHECKED_IN: [reminders.on_checked_in],
    Event.APPOINTMENT_UNDONE: [reminders.on_undone],
}

LATER: dict[Event, list[Handler]] = {
    Event.APPOINTMENT_CREATED: [accept.on_created, reminders.on_created],
    Event.APPOINTMENT_ACCEPTED: [reminders.on_accepted],
    Event.APPOINTMENT_CANCELLED: [reminders.on_cancelled],
    Event.APPOINTMENT_RESCHEDULED: [reminders.on_rescheduled],
    Event.APPOINTMENT_MISSED: [reminders.on_missed],
    Event.MESSAGE_FAILED: [reminders.on_message_failed],
}

TASKS: dict[str, Runner] = {
    imports.IMPORT_TASK: imports.work_off,
    accept.ACCEPT_TASK: accept.accept_booking,
    recovery.SEND_TASK: recovery.send_reset,
}

PLACEHOLDERS: dict[str, Resolver] = {
    "link:visit": links.link_of,
    "link:reset": keys.reset_link,
    "link:invitation": keys.invitation_link,
    "code:email": keys.email_code,
    "code:phone": keys.phone_code,
}

ANSWER: Answering = answering.answer_text

TOPICS: dict[str, Topic] = {
    "doctor": Topic(board.may_watch_doctor, "board"),
    "organisation": Topic(board.may_watch_organisation, "board"),
    "messages": Topic(messages.may_watch_organisation, "messages"),
}
