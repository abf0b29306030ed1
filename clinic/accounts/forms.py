from typing import Any

import phonenumbers
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField, TelField, ValidationError
from wtforms.validators import DataRequired, Email, InputRequired, Length

from clinic.accounts import passwords
from clinic.core.security import clean_text

PHONE_HINT = "Enter a number such as 07400 123456, or +44 7400 123456 with the country code."


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


def parse_phone(text: str, country: str | None) -> str:
    """E.164. Raises ValueError with words for the person."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise ValueError(PHONE_HINT) from None
    # Possible, not valid: numbering plans change faster than any list of them.
    if not phonenumbers.is_possible_number(number):
        raise ValueError(PHONE_HINT)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class LoginForm(FlaskForm):
    email = EmailField(
        _l("Email address"),
        filters=[cleaned],
        validators=[InputRequired(_l("Enter your email address")), storable, Length(max=254)],
    )
    password = PasswordField(
        _l("Password"),
        validators=[
            InputRequired(_l("Enter your password")),
            Length(max=passwords.LONGEST, message=_l("That password is too long")),
        ],
    )
    next = HiddenField()


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
    password = PasswordField(
        _l("Password"),
        validators=[
            InputRequired(_l("Choose a password")),
            Length(
                passwords.SHORTEST,
                passwords.LONGEST,
                message=_l("Use at least 8 characters; three words are easier to remember."),
            ),
        ],
    )
    next = HiddenField()
