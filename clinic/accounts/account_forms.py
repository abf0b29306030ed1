"""What people enter about their own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, StringField, TelField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional

from clinic.accounts.forms import CodeForm, cleaned, known_password, new_password, storable
from clinic.accounts.vocabulary import LANGUAGES

LANGUAGE_CHOICES = [SelectChoice(key, name) for key, name in LANGUAGES.items()]


class ProfileForm(FlaskForm):
    full_name = StringField(
        _l("Full name"),
        filters=[cleaned],
        validators=[DataRequired(_l("Enter your name")), storable, Length(max=120)],
    )
    language = SelectField(_l("Language of messages to you"), choices=LANGUAGE_CHOICES)
    timezone = StringField(
        _l("Time zone"), filters=[cleaned], validators=[Optional(), storable, Length(max=40)]
    )


class EmailForm(FlaskForm):
    target = EmailField(
        _l("New email address"),
        filters=[cleaned],
        validators=[
            DataRequired(_l("Enter your email address")),
            storable,
            Length(max=254),
            Email(_l("Enter an address such as name@example.org")),
        ],
    )
    password = known_password(_l("Your password"))


class PhoneForm(FlaskForm):
    target = TelField(
        _l("New mobile number"),
        filters=[cleaned],
        validators=[DataRequired(_l("Enter your mobile number")), storable, Length(max=30)],
    )
    password = known_password(_l("Your password"))


class PasswordForm(FlaskForm):
    old_password = known_password(_l("Your password now"))
    password = new_password(_l("New password"))


class ConfirmForm(FlaskForm):
    password = known_password(_l("Your password"))


class SwitchOnForm(CodeForm):
    password = known_password(_l("Your password"))
