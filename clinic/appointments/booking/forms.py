"""The form of the confirm step: who comes, when and why."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from clinic.appointments.models import LONGEST_REASON
from clinic.core.data.idempotency import LONGEST_KEY
from clinic.core.web.forms import cleaned, storable

CHANNELS = [
    SelectChoice("sms", _l("SMS")),
    SelectChoice("whatsapp", _l("WhatsApp")),
    SelectChoice("email", _l("Email")),
]


def choices_of(names: Iterable[str]) -> list[SelectChoice]:
    return [choice for choice in CHANNELS if choice.value in names]


class BookingForm(FlaskForm):
    """The confirm step. Doctor, start and patient are checked against what is offered, not here."""

    doctor = HiddenField()
    start = HiddenField()
    patient = HiddenField()
    idempotency_key = HiddenField(filters=[cleaned], validators=[storable, Length(max=LONGEST_KEY)])
    reason = TextAreaField(
        _l("What is the appointment about?"),
        filters=[cleaned],
        validators=[
            DataRequired(_l("Tell us briefly what the appointment is about")),
            storable,
            Length(max=LONGEST_REASON, message=_l("Use at most 500 characters")),
        ],
    )
    channel = RadioField(
        _l("How should we remind you?"),
        choices=CHANNELS,
        validators=[InputRequired(_l("Choose how we should remind you"))],
    )

    def speak_of(self, name: str) -> None:
        """At the desk the one who reads it is not the one who comes."""
        self.channel.label.text = _("How should we remind %(name)s?", name=name)
        if self.channel.errors:
            self.channel.errors = [_("Choose how we should remind %(name)s", name=name)]
        self.reason.label.text = _("What is the appointment of %(name)s about?", name=name)
        if self.reason.errors and not self.reason.data:
            missing = _("Say briefly what the appointment of %(name)s is about", name=name)
            self.reason.errors = [missing]
