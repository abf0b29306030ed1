"""What is said once a step is taken."""

from flask_babel import lazy_gettext as _l

_DONE = {  # to the patient who did it
    "confirm": _l("Thank you, you are confirmed."),
    "cancel": _l("Appointment cancelled."),
}
_DONE_AT_WORK = {  # %(name)s is the patient, or the toast says nothing about whom it was
    "accept": _l("%(name)s is booked."),
    "confirm": _l("%(name)s is confirmed."),
    "cancel": _l("The visit of %(name)s is cancelled."),
    "check_in": _l("%(name)s is checked in."),
    "start": _l("The visit of %(name)s has started."),
    "complete": _l("The visit of %(name)s is completed."),
    "no_show": _l("%(name)s is marked as a no-show."),
}
_UNDONE = {  # by the status that was taken back
    "checked_in": _l("%(name)s is no longer checked in."),
    "in_progress": _l("The visit of %(name)s has not started."),
    "completed": _l("The visit of %(name)s goes on."),
    "no_show": _l("%(name)s is no longer marked as a no-show."),
}


def done(step: str) -> str:
    return str(_DONE[step])


def done_at_work(step: str, name: str) -> str:
    return str(_DONE_AT_WORK[step]) % {"name": name}


def undone(was: str, name: str) -> str:
    return str(_UNDONE[was]) % {"name": name}
