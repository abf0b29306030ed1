"""What is said once a step is taken."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

_DONE = {
    "accept": _l("Accepted."),
    "confirm": _l("Thank you, you are confirmed."),
    "cancel": _l("Appointment cancelled."),
    "check_in": _l("Checked in."),
    "start": _l("Started."),
    "complete": _l("Completed."),
    "no_show": _l("Marked as a no-show."),
}


def done(step: str) -> str:
    return str(_DONE[step])


def undone() -> str:
    return _("Undone.")
