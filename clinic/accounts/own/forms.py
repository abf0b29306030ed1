"""What people enter about their own account."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, TelField
from wtforms.fields.choices import SelectChoice

from clinic.accounts.forms import known_password
from clinic.core import clock
from clinic.core.fields import NAME, PHONE
from clinic.core.languages import LANGUAGES
from clinic.core.web.forms import email, text

LANGUAGE_CHOICES = [
    SelectChoice(code, name)
    for code, name in sorted(LANGUAGES.items(), key=lambda one: one[1].casefold())
]


class ProfileForm(FlaskForm):
    full_name = text(_l("Full name"), _l("Enter your name"), NAME)
    language = SelectField(_l("Language of messages to you"), choices=LANGUAGE_CHOICES)
    # An unknown one is refused by the rules of an account, which programs meet as well.
    timezone = SelectField(_l("Time zone"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A zone that is none of the usual ones stays what it is."""
        super().__init__(*args, **kwargs)
        chosen, usual = self.timezone.data or "", clock.usual_zones()
        offered = usual if not chosen or chosen in usual else (chosen, *usual)
        names = [SelectChoice(zone, zone.replace("_", " ")) for zone in offered]
        self.timezone.choices = [SelectChoice("", _("That of your clinic")), *names]


class EmailForm(FlaskForm):
    target = email(_l("New email address"), _l("Enter your email address"))
    password = known_password(_l("Your password"))


class PhoneForm(FlaskForm):
    target = text(_l("New mobile number"), _l("Enter your mobile number"), PHONE, TelField)
    password = known_password(_l("Your password"))
