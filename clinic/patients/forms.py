from flask_babel import gettext as _
from wtforms import StringField, ValidationError

from clinic.accounts.forms import NewAccountForm
from clinic.core.phones import parse_phone
from clinic.organisations import queries as organisation_queries


class SignUpForm(NewAccountForm):
    def validate_phone(self, field: StringField) -> None:
        """Turn what was typed into E.164, read by the clinics' country if they share one."""
        try:
            field.data = parse_phone(field.data or "", organisation_queries.default_country())
        except ValueError as error:
            raise ValidationError(_(str(error))) from None
