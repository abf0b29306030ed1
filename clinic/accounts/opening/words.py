"""The first steps of a new clinic."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class StepWords:
    """What is to be done, what for, and what the button to it says."""

    title: Any
    text: Any
    act: Any = ""


OPEN = StepWords(_l("Open your clinic"), _l("It has a name, a place and you."))
RULES = StepWords(
    _l("Look over the booking rules"),
    _l("How early patients book, how late they cancel, who accepts a request."),
    _l("Open the settings"),
)
DOCTORS = StepWords(
    _l("Invite your doctors"),
    _l("Each gets an email and chooses a password. You need not wait for it."),
    _l("Invite a doctor"),
)
COLLEAGUES = StepWords(
    _l("Invite the front desk"),
    _l("They see the day, book by telephone and answer messages."),
    _l("Invite a colleague"),
)
PROFILE = StepWords(
    _l("Fill in their profile"),
    _l("What they treat, their licence and languages: by you, or by the doctor."),
    _l("Fill in the profile"),
)
HOURS = StepWords(
    _l("Publish hours"), _l("Patients book only inside them."), _l("Add weekly hours")
)
