"""What a visitor enters to sign up."""

from wtforms import StringField

from clinic.accounts.forms import NewAccountForm
from clinic.core.fields import PhoneNumber
from clinic.core.web.forms import as_phone
from clinic.organisations import queries as organisations


class SignUpForm(NewAccountForm):
    def validate_phone(self, field: StringField) -> None:
        """Read by the clinics' country if they share one."""
        as_phone(field, PhoneNumber(country=organisations.default_country))
