"""Every event there is, and the payload keys it must carry (ids and statuses only)."""

from enum import StrEnum


class Event(StrEnum):
    USER_CREATED = "user.created"
    USER_LOGGED_IN = "user.logged_in"
    USER_LOGGED_OUT = "user.logged_out"
    PATIENT_REGISTERED = "patient.registered"
    DOCTOR_CREATED = "doctor.created"
    SCHEDULE_PUBLISHED = "schedule.published"
    SCHEDULE_WITHDRAWN = "schedule.withdrawn"
    TIME_OFF_TAKEN = "time_off.taken"
    APPOINTMENT_CREATED = "appointment.created"
    APPOINTMENT_ACCEPTED = "appointment.accepted"
    APPOINTMENT_CONFIRMED = "appointment.confirmed"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_CHECKED_IN = "appointment.checked_in"
    APPOINTMENT_STARTED = "appointment.started"
    APPOINTMENT_COMPLETED = "appointment.completed"
    APPOINTMENT_MISSED = "appointment.no_show"
    APPOINTMENT_UNDONE = "appointment.undone"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_RECEIVED = "message.received"
    ADDRESS_OPTED_OUT = "address.opted_out"
    ADDRESS_OPTED_IN = "address.opted_in"


APPOINTMENT_UPDATED = "appointment.updated"  # the topic all later steps of a visit also carry

_VISIT = frozenset({"appointment_id", "doctor_id", "patient_id", "status"})

PAYLOADS: dict[Event, frozenset[str]] = {
    Event.USER_CREATED: frozenset({"user_id", "role"}),
    Event.USER_LOGGED_IN: frozenset({"user_id"}),
    Event.USER_LOGGED_OUT: frozenset({"user_id"}),
    Event.PATIENT_REGISTERED: frozenset({"patient_id"}),
    Event.DOCTOR_CREATED: frozenset({"doctor_id"}),
    Event.SCHEDULE_PUBLISHED: frozenset({"schedule_id", "doctor_id"}),
    Event.SCHEDULE_WITHDRAWN: frozenset({"schedule_id", "doctor_id"}),
    Event.TIME_OFF_TAKEN: frozenset({"time_off_id", "doctor_id"}),
    Event.APPOINTMENT_CREATED: _VISIT,
    Event.APPOINTMENT_ACCEPTED: _VISIT,
    Event.APPOINTMENT_CONFIRMED: _VISIT,
    Event.APPOINTMENT_CANCELLED: _VISIT | {"reason"},
    Event.APPOINTMENT_CHECKED_IN: _VISIT,
    Event.APPOINTMENT_STARTED: _VISIT,
    Event.APPOINTMENT_COMPLETED: _VISIT,
    Event.APPOINTMENT_MISSED: _VISIT,
    Event.APPOINTMENT_UNDONE: _VISIT | {"was"},
    Event.MESSAGE_FAILED: frozenset({"message_id", "error_code"}),
    Event.MESSAGE_RECEIVED: frozenset({"message_id"}),
    Event.ADDRESS_OPTED_OUT: frozenset({"message_id"}),
    Event.ADDRESS_OPTED_IN: frozenset({"message_id"}),
}


def topic_of(name: Event) -> str:
    """What a subscription or filter may also call it."""
    is_later_step = name.startswith("appointment.") and name is not Event.APPOINTMENT_CREATED
    return APPOINTMENT_UPDATED if is_later_step else str(name)
