"""Fields and forms that several inner rooms ask for."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField, TelField
from wtforms.validators import InputRequired, Length

from clinic.core.fields import LONGEST_PASSWORD, NAME, PHONE, SHORTEST_PASSWORD
from clinic.core.web.forms import cleaned, email, storable, text


def known_password(label: str) -> PasswordField:
    """Of one that was chosen long ago: whatever it is, it may be right."""
    return PasswordField(
        label,
        validators=[
            InputRequired(_l("Enter your password")),
            Length(max=LONGEST_PASSWORD, message=_l("That password is too long")),
        ],
    )


def new_password(label: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired(_l("Choose a password")),
            Length(
                SHORTEST_PASSWORD,
                LONGEST_PASSWORD,
                message=_l("Use at least 8 characters; three words are easier to remember."),
            ),
        ],
    )


class CodeForm(FlaskForm):
    """A code of an app, of a message, or a recovery code."""

    code = StringField(
        _l("Code"),
        filters=[cleaned],
        validators=[InputRequired(_l("Enter the code")), storable, Length(max=20)],
    )


class NewAccountForm(FlaskForm):
    """What everybody who makes an account of their own enters."""

    full_name = text(_l("Full name"), _l("Enter your name"), NAME)
    email = email(_l("Email address"), _l("Enter your email address"))
    phone = text(_l("Mobile number"), _l("Enter your mobile number"), PHONE, TelField)
    password = new_password(_l("Password"))
    next = HiddenField()
