"""What is entered about a person at the desk."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional

from clinic.core.fields import LONGEST_EMAIL, NAME
from clinic.core.web.forms import one_line, or_none, storable, text
from clinic.organisations import queries as organisations
from clinic.patients.desk import words
from clinic.patients.details import LONGEST_CELL
from clinic.patients.people.typed import day_in

CHANNELS = [
    SelectChoice("sms", _l("SMS")),
    SelectChoice("whatsapp", _l("WhatsApp")),
    SelectChoice("email", _l("Email")),
]
_LONGEST_DAY = 30
LONGEST_QUERY = 100  # characters of what is looked for


def _line(label: str, most: int) -> StringField:
    """What the command judges."""
    checks = [Optional(), storable, Length(max=most)]
    return StringField(label, filters=[one_line, or_none], validators=checks)


class PersonForm(FlaskForm):
    full_name = text(_l("Full name"), _l("Enter the full name"), NAME)
    date_of_birth = _line(_l("Date of birth"), _LONGEST_DAY)
    phone = _line(_l("Phone"), LONGEST_CELL)
    email = _line(_l("Email"), LONGEST_EMAIL)

    def given(self) -> dict[str, Any] | None:
        """What the commands take; None where something is wrong: the form says what."""
        is_valid = self.validate()
        given = {name: self[name].data for name in ("full_name", "phone", "email")}
        if "channel" in self:
            given["channel"] = self["channel"].data
        born = self.date_of_birth.data
        country = organisations.country_of(current_user.organisation_id) if born else None
        given["date_of_birth"] = day_in(born, country) if born else None
        if born and given["date_of_birth"] is None:
            self.date_of_birth.errors = [*self.date_of_birth.errors, words.NOT_A_DAY]
            return None
        return given if is_valid else None


class NewPersonForm(PersonForm):
    """`doctor` and `start` lead back to the booking that asked for the person."""

    agreed = BooleanField(_l("They agree to texts: I read this out to them"))

    doctor = HiddenField(filters=[or_none])
    start = HiddenField(filters=[or_none])
    anyway = HiddenField(filters=[or_none])


class EditPersonForm(PersonForm):
    channel = SelectField(_l("Written to by"), choices=CHANNELS)


def written(day: date | None) -> str:
    """As a form shows what is known: it is read back in any country."""
    return day.isoformat() if day else ""
