"""Who hears of what. NOW runs in the transaction of the fact; LATER from the outbox, many at once.

A handler of LATER gets all facts that wait for it; when it raises, it gets a bad one alone.
"""

from clinic.accounts.facts import (
    UserAddressLost,
    UserContactChanged,
    UserContactVerified,
    UserCreated,
    UserDeactivated,
    UserEnded,
    UserLoggedIn,
    UserNewDevice,
    UserReactivated,
    UserReclaimed,
    UserRecoveryCodesRenewed,
    UserRecoveryCodeUsed,
    UserRoleChanged,
    UserTwoFactorDisabled,
    UserTwoFactorEnabled,
    UserUpdated,
)
from clinic.accounts.noticed import letters
from clinic.accounts.proof import keys
from clinic.accounts.recovery import service as recovery
from clinic.appointments.board import watching
from clinic.appointments.facts import (
    AppointmentAccepted,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentCreated,
    AppointmentMissed,
    AppointmentRescheduled,
    AppointmentUndone,
)
from clinic.appointments.holding import release
from clinic.appointments.leaving import heard as leaving
from clinic.appointments.outside import answering, links
from clinic.appointments.steps import accept, joined
from clinic.core.web.live import Topic
from clinic.doctors import service as doctors
from clinic.doctors.facts import DoctorCreated, DoctorUpdated
from clinic.events.fact import Fact
from clinic.events.subscriptions import Handler, NowHandler
from clinic.events.tasks import Runner, Together
from clinic.hooks.sending import notice
from clinic.messaging.desk import queries as messages
from clinic.messaging.facts import MessageFailed, MessageSkipped
from clinic.messaging.identities import proof
from clinic.messaging.inbound.answers import Answering
from clinic.messaging.words import unsubscribing
from clinic.messaging.words.rendering import Resolver
from clinic.organisations.facts import LocationClosed, OrganisationClosed
from clinic.patients.facts import (
    PatientDeactivated,
    PatientGone,
    PatientJoined,
    PatientNumberCorrected,
    PatientUpdated,
)
from clinic.patients.imports import service as imports
from clinic.patients.joining import service as joining
from clinic.patients.people import service as patients
from clinic.reminders.own import departures as own_reminders
from clinic.reminders.rules import replan
from clinic.reminders.telling import again, corrected
from clinic.reminders.visits import departures, otherwise
from clinic.reminders.visits import news as reminders
from clinic.schedules.facts import SchedulePublished, ScheduleUpdated, ScheduleWithdrawn

NOW: dict[type[Fact], list[NowHandler]] = {
    UserCreated: [patients.on_user_created],
    UserUpdated: [doctors.on_user_changed, patients.on_user_changed],
    # Visits first: whoever moves them holds all diaries, in order.
    UserRoleChanged: [
        leaving.on_user_changed,
        doctors.on_user_changed,
        departures.on_doctor_changed,
    ],
    UserDeactivated: [
        leaving.on_user_changed,
        doctors.on_user_changed,
        departures.on_doctor_changed,
    ],
    UserAddressLost: [patients.on_address_lost],
    UserReactivated: [doctors.on_user_changed, departures.on_doctor_changed],
    DoctorCreated: [doctors.on_choices_changed],
    DoctorUpdated: [doctors.on_choices_changed],
    SchedulePublished: [doctors.on_choices_changed],
    ScheduleUpdated: [leaving.on_window_changed, doctors.on_choices_changed],
    ScheduleWithdrawn: [leaving.on_window_changed, doctors.on_choices_changed],
    UserTwoFactorEnabled: [letters.on_account_changed],
    UserTwoFactorDisabled: [letters.on_account_changed],
    UserRecoveryCodeUsed: [letters.on_account_changed],
    UserRecoveryCodesRenewed: [letters.on_account_changed],
    UserNewDevice: [letters.on_account_changed],
    UserContactVerified: [release.on_proven],
    UserContactChanged: [release.on_proven],
    OrganisationClosed: [leaving.on_organisation_closed],
    LocationClosed: [leaving.on_location_closed],
    PatientGone: [leaving.on_patient_gone],
    PatientUpdated: [departures.on_patient_changed, own_reminders.on_patient_silenced],
    PatientDeactivated: [departures.on_patient_changed, own_reminders.on_patient_silenced],
    PatientNumberCorrected: [corrected.on_number_corrected],
    UserLoggedIn: [patients.on_user_came],
    PatientJoined: [joined.on_joined, own_reminders.on_patient_joined],
    AppointmentCreated: [links.on_booked],
    AppointmentCancelled: [reminders.on_cancel],
    AppointmentRescheduled: [links.on_rescheduled, reminders.on_reschedule],
    AppointmentCheckedIn: [reminders.on_checked_in],
    AppointmentUndone: [reminders.on_undone],
}

LATER: dict[type[Fact], list[Handler]] = {
    UserEnded: [release.on_disowned],
    UserReclaimed: [release.on_disowned],
    UserContactVerified: [joining.on_proven],
    UserContactChanged: [joining.on_proven, corrected.on_contact_changed],
    UserLoggedIn: [joining.on_proven],
    PatientUpdated: [joining.on_changed],
    AppointmentCreated: [accept.on_created, reminders.on_created],
    AppointmentAccepted: [reminders.on_accepted],
    AppointmentCancelled: [reminders.on_cancelled],
    AppointmentRescheduled: [reminders.on_rescheduled],
    AppointmentMissed: [reminders.on_missed],
    MessageFailed: [otherwise.on_message_failed],
    MessageSkipped: [otherwise.on_message_skipped],
}

# A handler that moved to another room or got another name: its name in rows -> who does it now.
ALIASES: dict[str, Handler] = {}

TASKS: dict[str, Runner | Together] = {
    imports.IMPORT_TASK: imports.work_off,
    accept.ACCEPT_TASK: Together(accept.accept_bookings),
    recovery.SEND_TASK: recovery.send_reset,
    replan.REPLAN_TASK: replan.work_off,
}

PLACEHOLDERS: dict[str, Resolver] = {
    "link:visit": links.link_of,
    "link:reset": keys.reset_link,
    "link:invitation": keys.invitation_link,
    "link:contact": keys.contact_link,
    "link:webhook": notice.page_link,
    "link:unsubscribe": unsubscribing.link_of,
    "code:email": keys.email_code,
    "code:phone": keys.phone_code,
    "code:sender": proof.code_of,
}

ANSWER: Answering = answering.answer_text
AGAIN = again.message_again

TOPICS: dict[str, Topic] = {
    "doctor": watching.OF_DOCTOR,
    "organisation": watching.OF_ORGANISATION,
    "messages": messages.OF_ORGANISATION,
    "waiting": watching.WAITING,
}
