"""Every event there is, and the payload keys it must carry (ids and statuses only)."""

from enum import StrEnum


class Event(StrEnum):
    USER_CREATED = "user.created"
    USER_LOGGED_IN = "user.logged_in"
    USER_LOGGED_OUT = "user.logged_out"
    USER_UPDATED = "user.updated"
    USER_INVITED = "user.invited"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    USER_ROLE_CHANGED = "user.role_changed"
    USER_PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - a name, not a secret
    USER_PASSWORD_RESET = "user.password_reset"  # noqa: S105 - a name, not a secret
    USER_CONTACT_VERIFIED = "user.contact_verified"
    USER_CONTACT_CHANGED = "user.contact_changed"
    USER_TWO_FACTOR_ENABLED = "user.two_factor_enabled"
    USER_TWO_FACTOR_DISABLED = "user.two_factor_disabled"
    USER_SESSION_ENDED = "user.session_ended"
    USER_TOKEN_REUSED = "user.token_reused"  # noqa: S105 - a name, not a secret
    ORGANISATION_CREATED = "organisation.created"
    ORGANISATION_UPDATED = "organisation.updated"
    SETTINGS_UPDATED = "settings.updated"
    PATIENT_REGISTERED = "patient.registered"
    PATIENT_UPDATED = "patient.updated"
    PATIENT_DEACTIVATED = "patient.deactivated"
    PATIENTS_IMPORTED = "patient.imported"
    DOCTOR_CREATED = "doctor.created"
    DOCTOR_UPDATED = "doctor.updated"
    SCHEDULE_PUBLISHED = "schedule.published"
    SCHEDULE_UPDATED = "schedule.updated"
    SCHEDULE_WITHDRAWN = "schedule.withdrawn"
    TIME_OFF_TAKEN = "time_off.taken"
    TIME_OFF_WITHDRAWN = "time_off.withdrawn"
    APPOINTMENT_CREATED = "appointment.created"
    APPOINTMENT_ACCEPTED = "appointment.accepted"
    APPOINTMENT_CONFIRMED = "appointment.confirmed"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_RESCHEDULED = "appointment.rescheduled"
    APPOINTMENT_CHECKED_IN = "appointment.checked_in"
    APPOINTMENT_STARTED = "appointment.started"
    APPOINTMENT_COMPLETED = "appointment.completed"
    APPOINTMENT_MISSED = "appointment.no_show"
    APPOINTMENT_UNDONE = "appointment.undone"
    REMINDER_CANCELLED = "reminder.cancelled"
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
    Event.USER_UPDATED: frozenset({"user_id"}),
    Event.USER_INVITED: frozenset({"user_id", "key_id"}),
    Event.USER_DEACTIVATED: frozenset({"user_id"}),
    Event.USER_REACTIVATED: frozenset({"user_id"}),
    Event.USER_ROLE_CHANGED: frozenset({"user_id", "role", "was"}),
    Event.USER_PASSWORD_CHANGED: frozenset({"user_id"}),
    Event.USER_PASSWORD_RESET: frozenset({"user_id"}),
    Event.USER_CONTACT_VERIFIED: frozenset({"user_id", "kind"}),
    Event.USER_CONTACT_CHANGED: frozenset({"user_id", "kind"}),
    Event.USER_TWO_FACTOR_ENABLED: frozenset({"user_id"}),
    Event.USER_TWO_FACTOR_DISABLED: frozenset({"user_id"}),
    Event.USER_SESSION_ENDED: frozenset({"user_id"}),
    Event.USER_TOKEN_REUSED: frozenset({"user_id"}),
    Event.ORGANISATION_CREATED: frozenset({"organisation_id"}),
    Event.ORGANISATION_UPDATED: frozenset({"organisation_id"}),
    Event.SETTINGS_UPDATED: frozenset({"organisation_id"}),
    Event.PATIENT_REGISTERED: frozenset({"patient_id"}),
    Event.PATIENT_UPDATED: frozenset({"patient_id"}),
    Event.PATIENT_DEACTIVATED: frozenset({"patient_id"}),
    Event.PATIENTS_IMPORTED: frozenset({"import_id"}),
    Event.DOCTOR_CREATED: frozenset({"doctor_id"}),
    Event.DOCTOR_UPDATED: frozenset({"doctor_id"}),
    Event.SCHEDULE_PUBLISHED: frozenset({"schedule_id", "doctor_id"}),
    Event.SCHEDULE_UPDATED: frozenset({"schedule_id", "doctor_id"}),
    Event.SCHEDULE_WITHDRAWN: frozenset({"schedule_id", "doctor_id"}),
    Event.TIME_OFF_TAKEN: frozenset({"time_off_id", "doctor_id"}),
    Event.TIME_OFF_WITHDRAWN: frozenset({"time_off_id", "doctor_id"}),
    Event.APPOINTMENT_CREATED: _VISIT,
    Event.APPOINTMENT_ACCEPTED: _VISIT,
    Event.APPOINTMENT_CONFIRMED: _VISIT,
    Event.APPOINTMENT_CANCELLED: _VISIT | {"reason"},
    Event.APPOINTMENT_RESCHEDULED: _VISIT | {"previous_id"},
    Event.APPOINTMENT_CHECKED_IN: _VISIT,
    Event.APPOINTMENT_STARTED: _VISIT,
    Event.APPOINTMENT_COMPLETED: _VISIT,
    Event.APPOINTMENT_MISSED: _VISIT,
    Event.APPOINTMENT_UNDONE: _VISIT | {"was"},
    Event.REMINDER_CANCELLED: frozenset({"reminder_id"}),
    Event.MESSAGE_FAILED: frozenset({"message_id", "error_code"}),
    Event.MESSAGE_RECEIVED: frozenset({"message_id"}),
    Event.ADDRESS_OPTED_OUT: frozenset({"message_id"}),
    Event.ADDRESS_OPTED_IN: frozenset({"message_id"}),
}


def topic_of(name: Event) -> str:
    """What a subscription or filter may also call it."""
    is_later_step = name.startswith("appointment.") and name is not Event.APPOINTMENT_CREATED
    return APPOINTMENT_UPDATED if is_later_step else str(name)
