"""What is entered about a person at the desk."""

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional

from clinic.core.fields import LONGEST_EMAIL, NAME
from clinic.core.web.forms import one_line, or_none, storable, text
from clinic.patients.details import LONGEST_CELL

CHANNELS = [
    SelectChoice("sms", _l("SMS")),
    SelectChoice("whatsapp", _l("WhatsApp")),
    SelectChoice("email", _l("Email")),
]
_LONGEST_DAY = 30


def _line(label: str, most: int) -> StringField:
    """What the command judges."""
    checks = [Optional(), storable, Length(max=most)]
    return StringField(label, filters=[one_line, or_none], validators=checks)


class PersonForm(FlaskForm):
    full_name = text(_l("Full name"), _l("Enter the full name"), NAME)
    date_of_birth = _line(_l("Date of birth"), _LONGEST_DAY)
    phone = _line(_l("Phone"), LONGEST_CELL)
    email = _line(_l("Email"), LONGEST_EMAIL)


class NewPersonForm(PersonForm):
    """`doctor` and `start` lead back to the booking that asked for the person."""

    doctor = HiddenField(filters=[or_none])
    start = HiddenField(filters=[or_none])
    anyway = HiddenField(filters=[or_none])


class EditPersonForm(PersonForm):
    channel = SelectField(_l("Written to by"), choices=CHANNELS)


def written(day: date | None) -> str:
    """As a form shows what is known: it is read back in any country."""
    return day.isoformat() if day else ""
