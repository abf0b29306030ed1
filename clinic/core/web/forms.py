"""Fields of forms and what is done with them, whatever room they are of."""

from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from clinic.core import emails
from clinic.core.errors import ClinicError
from clinic.core.phones import parse_phone
from clinic.core.text import clean_line, clean_text
from clinic.core.web.problems import said, said_of


def cleaned(value: Any) -> Any:
    """A WTForms filter: NFC, no outer spaces; characters that cannot be stored become an error."""
    return _storable_or_nul(clean_text, value)


def one_line(value: Any) -> Any:
    """The same for what is one line."""
    return _storable_or_nul(clean_line, value)


def _storable_or_nul(clean: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return clean(value)
    except ValueError:
        return "\x00"  # `storable` below answers for it; the typed text is not echoed


def storable(_form: FlaskForm, field: Field) -> None:
    if field.data and "\x00" in field.data:
        field.data = ""
        raise ValidationError("Remove the characters that cannot be stored.")


def or_none(value: Any) -> Any:
    """A WTForms filter: nothing entered is nothing, not an empty text."""
    return value or None


def text(
    label: Any, wanted: Any, longest: int, kind: type[StringField] = StringField, *also: Any
) -> Any:
    """A line of text; `wanted` is what is said when it is missing, None where it may be."""
    need = DataRequired(wanted) if wanted else Optional()
    filters = [one_line] if wanted else [one_line, or_none]
    return kind(label, filters=filters, validators=[need, storable, Length(max=longest), *also])


def email(label: Any, wanted: Any) -> Any:
    """An address, which becomes what is stored; `wanted` as above."""
    return text(label, wanted, emails.LONGEST, EmailField, _as_email)


def _as_email(_form: FlaskForm, field: Field) -> None:
    try:
        field.data = emails.normalise(field.data)
    except ValueError as error:
        raise ValidationError(_(str(error))) from None


def as_phone(field: Field, country: str | None) -> None:
    """Turn what was typed, if anything, into E.164."""
    if not field.data:
        return
    try:
        field.data = parse_phone(field.data, country)
    except ValueError as error:
        raise ValidationError(_(str(error))) from None


def blame(form: FlaskForm, error: ClinicError) -> str | None:
    """Put what a command refused beside its fields. Returns what no field can say."""
    known = [one for one in error.errors if one.field in form]
    for one in known:
        field = form[one.field]
        field.errors = [*field.errors, said_of(one)]
    return None if known else said(error)
