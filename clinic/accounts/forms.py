from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField, TelField, ValidationError
from wtforms.validators import DataRequired, Email, InputRequired, Length

from clinic.accounts import passwords
from clinic.core.security import clean_text


def cleaned(value: Any) -> Any:
    """A WTForms filter: NFC, no outer spaces; characters that cannot be stored become an error."""
    if not isinstance(value, str):
        return value
    try:
        return clean_text(value)
    except ValueError:
        return "\x00"  # `storable` below answers for it; the typed text is not echoed


def storable(_form: FlaskForm, field: StringField) -> None:
    if field.data and "\x00" in field.data:
        field.data = ""
        raise ValidationError("Remove the characters that cannot be stored.")


def known_password(label: str) -> PasswordField:
    """Of one that was chosen long ago: whatever it is, it may be right."""
    return PasswordField(
        label,
        validators=[
            InputRequired(_l("Enter your password")),
            Length(max=passwords.LONGEST, message=_l("That password is too long")),
        ],
    )


def new_password(label: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired(_l("Choose a password")),
            Length(
                passwords.SHORTEST,
                passwords.LONGEST,
                message=_l("Use at least 8 characters; three words are easier to remember."),
            ),
        ],
    )


class LoginForm(FlaskForm):
    email = EmailField(
        _l("Email address"),
        filters=[cleaned],
        validators=[InputRequired(_l("Enter your email address")), storable, Length(max=254)],
    )
    password = known_password(_l("Password"))
    next = HiddenField()


class CodeForm(FlaskForm):
    """A code of an app, of a message, or a recovery code."""

    code = StringField(
        _l("Code"),
        filters=[cleaned],
        validators=[InputRequired(_l("Enter the code")), storable, Length(max=20)],
    )


class ForgotForm(FlaskForm):
    email = EmailField(
        _l("Email address"),
        filters=[cleaned],
        validators=[InputRequired(_l("Enter your email address")), storable, Length(max=254)],
    )


class NewPasswordForm(FlaskForm):
    password = new_password(_l("New password"))


class UnlockForm(FlaskForm):
    password = known_password(_l("Password"))
    next = HiddenField()
    session = HiddenField()


class NewAccountForm(FlaskForm):
    """What everybody who makes an account of their own enters."""

    full_name = StringField(
        _l("Full name"),
        filters=[cleaned],
        validators=[DataRequired(_l("Enter your name")), storable, Length(max=120)],
    )
    email = EmailField(
        _l("Email address"),
        filters=[cleaned],
        validators=[
            DataRequired(_l("Enter your email address")),
            storable,
            Length(max=254),
            Email(_l("Enter an address such as name@example.org")),
        ],
    )
    phone = TelField(
        _l("Mobile number"),
        filters=[cleaned],
        validators=[DataRequired(_l("Enter your mobile number")), storable, Length(max=30)],
    )
    password = new_password(_l("Password"))
    next = HiddenField()
