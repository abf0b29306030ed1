"""What somebody enters to open a clinic."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from clinic.accounts.forms import NewAccountForm
from clinic.core.fields import NAME, PhoneNumber
from clinic.core.web.forms import as_phone, text
from clinic.organisations.forms import ADDRESS, country_choices, kind_choices, zone_choices


class ClinicSignUpForm(NewAccountForm):
    """The clinic, and the person who opens it."""

    name = text(_l("Name of the clinic"), _l("Enter the name that patients know"), NAME)
    kind = SelectField(_l("Kind"))
    country = SelectField(_l("Country"), validators=[InputRequired(_l("Choose a country"))])
    timezone = SelectField(_l("Time zone"), validators=[InputRequired(_l("Choose a time zone"))])
    address = text(_l("Address"), _l("Enter the address that patients come to"), ADDRESS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = kind_choices()
        self.country.choices = country_choices(self.country.data)
        self.timezone.choices = zone_choices(self.timezone.data, self.country.data)

    def validate_phone(self, field: StringField) -> None:
        as_phone(field, PhoneNumber(country=self.country.data))
