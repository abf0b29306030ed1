"""What people enter about their own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, TelField
from wtforms.fields.choices import SelectChoice

from clinic.accounts.forms import known_password
from clinic.core.fields import LONGEST_ZONE, NAME, PHONE, Line
from clinic.core.languages import LANGUAGES
from clinic.core.web.forms import email, text

LANGUAGE_CHOICES = [
    SelectChoice(code, name)
    for code, name in sorted(LANGUAGES.items(), key=lambda one: one[1].casefold())
]


class ProfileForm(FlaskForm):
    full_name = text(_l("Full name"), _l("Enter your name"), NAME)
    language = SelectField(_l("Language of messages to you"), choices=LANGUAGE_CHOICES)
    timezone = text(_l("Time zone"), None, Line(LONGEST_ZONE))


class EmailForm(FlaskForm):
    target = email(_l("New email address"), _l("Enter your email address"))
    password = known_password(_l("Your password"))


class PhoneForm(FlaskForm):
    target = text(_l("New mobile number"), _l("Enter your mobile number"), PHONE, TelField)
    password = known_password(_l("Your password"))
