"""The roles of people who sign in, and every set of them, named for what it may do.

A set is asked by `actor.may(BOOK)`, `@access(*BOOK)` or, of a row that is nobody's actor, by
`may(user.role, HAVE_PROFILE)`. Two abilities keep two names where they happen to hold the same
roles today: who gets one of them tomorrow need not get the other.
"""

from enum import StrEnum


class Role(StrEnum):
    SUPERADMIN = "superadmin"
    ADMIN = "admin"
    STAFF = "staff"
    DOCTOR = "doctor"
    PATIENT = "patient"


SYSTEM = "system"  # acts by itself: nobody signs in as it

Ability = frozenset[str]


def _of(*roles: str) -> Ability:
    return frozenset(roles)


# Where somebody belongs
WORK_SOMEWHERE = _of(Role.ADMIN, Role.STAFF, Role.DOCTOR)  # at one organisation; others at none
ACT_EVERYWHERE = _of(Role.SUPERADMIN)  # chooses the organisation something happens at
HAVE_PROFILE = _of(Role.DOCTOR)  # are found in the directory, with hours and a photo for all
HAVE_RECORD = _of(Role.PATIENT)  # are a patient as soon as they have a login
SIGN_UP_THEMSELVES = _of(Role.PATIENT)  # nobody gave them the account

# Visits
BOOK_FOR_PATIENTS = _of(Role.STAFF, Role.ADMIN, Role.SUPERADMIN)  # notice, horizon: not for them
BOOK = BOOK_FOR_PATIENTS | {Role.PATIENT}
BOOK_ON_PAGES = BOOK - ACT_EVERYWHERE  # a page offers the patients of one's own organisation
MOVE_TO_ANY_TIME = BOOK_FOR_PATIENTS | {Role.DOCTOR}  # without notice, beyond the horizon
CHANGE_VISITS = WORK_SOMEWHERE | {Role.PATIENT}  # confirm, cancel and move, on pages
BOUND_BY_NOTICE = _of(Role.PATIENT)  # cancel and move until the clinic's notice limit
RUN_VISITS = WORK_SOMEWHERE  # from acceptance to no-show, on pages
SETTLE_VISITS = _of(Role.DOCTOR, Role.SUPERADMIN)  # by naming the status, in the API
SAVE_VISITS = WORK_SOMEWHERE | {Role.PATIENT}  # as a file for their calendar
READ_REASONS = _of(Role.PATIENT, Role.DOCTOR)  # why a patient comes; the desk only organises it
READ_STATISTICS = WORK_SOMEWHERE | ACT_EVERYWHERE

# What happens at an organisation
READ_DIARIES = WORK_SOMEWHERE  # boards and weekly hours
READ_MESSAGES = _of(Role.STAFF, Role.ADMIN)  # and send them again
READ_PATIENTS = WORK_SOMEWHERE | ACT_EVERYWHERE  # and find them
REGISTER_PATIENTS = WORK_SOMEWHERE  # and keep what is known of them
DECIDE_DEATHS = _of(Role.STAFF, Role.ADMIN)  # that another organisation noted
JOIN_RECORDS = _of(Role.STAFF, Role.ADMIN)  # two that are of one person
KEEP_PATIENTS = REGISTER_PATIENTS | ACT_EVERYWHERE  # the same, of any organisation
KEEP_OWN_DOCTORS = _of(Role.DOCTOR, Role.ADMIN)  # profiles and hours: one's own, or the clinic's
KEEP_DOCTORS = KEEP_OWN_DOCTORS | ACT_EVERYWHERE  # the same, by a program

# Reminders that people make
KEEP_REMINDERS = _of(Role.STAFF, Role.ADMIN, Role.SUPERADMIN)  # of others; their own keep all
REMIND_MANY = _of(Role.STAFF, Role.ADMIN)  # and on pages
WRITE_ANYWHERE = _of(Role.STAFF, Role.ADMIN, Role.SUPERADMIN)  # to addresses of nobody known

# Organisations and accounts
RUN_OWN_ORGANISATION = _of(Role.ADMIN)
KEEP_DESK_HOURS = _of(Role.ADMIN)  # when somebody is at the desk
KEEP_SENDERS = _of(Role.ADMIN)  # what the organisation's messages go from
KEEP_WORDING = _of(Role.ADMIN)  # and what they say
RUN_ORGANISATIONS = RUN_OWN_ORGANISATION | ACT_EVERYWHERE  # their data, rules and places
KEEP_WEBHOOKS = RUN_ORGANISATIONS  # where other programs are told what happens
OPEN_ORGANISATIONS = _of(Role.SUPERADMIN)  # and close them to patients
OPEN_WITHOUT_A_PERSON = OPEN_ORGANISATIONS | {SYSTEM}  # for a clinic that signs up, or a command
MANAGE_ACCOUNTS = _of(Role.ADMIN, Role.SUPERADMIN)  # of each one must stay, or nobody could
CHANGE_ROLES = frozenset(Role) - HAVE_RECORD  # patients stay patients, and nobody becomes one
NEED_A_SECOND_FACTOR = _of(Role.SUPERADMIN)  # in production, whatever an organisation says
SEE_SYSTEM = _of(Role.ADMIN, Role.SUPERADMIN)  # whether everything runs

_GIVES: dict[str, tuple[Role, ...]] = {
    Role.SUPERADMIN: tuple(Role),
    Role.ADMIN: (Role.ADMIN, Role.STAFF, Role.DOCTOR),  # in their own organisation
}


def may(role: str, ability: Ability) -> bool:
    return role in ability


def given_by(role: str) -> tuple[Role, ...]:
    """The roles of accounts that somebody of that role gives and looks after, in a list's order."""
    return _GIVES.get(role, ())
