"""Fields of forms and what is done with them, whatever room they are of."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from clinic.core.errors import ClinicError, Wrong
from clinic.core.fields import EMAIL, Line, PhoneNumber, Text
from clinic.core.web.problems import said, said_of

MOST_CHOSEN = 20  # words of one list


def cleaned(value: object) -> object:
    """A WTForms filter: NFC, no outer spaces; characters that cannot be stored become an error."""
    return _storable_or_nul(Text(), value)


def one_line(value: object) -> object:
    """The same for what is one line."""
    return _storable_or_nul(Line(), value)


def _storable_or_nul(kind: Text, value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return kind.clean(value)
    except Wrong:
        return "\x00"  # `storable` below answers for it; the typed text is not echoed


def storable(_form: FlaskForm, field: Field) -> None:
    if field.data and "\x00" in field.data:
        field.data = ""
        raise ValidationError(said_of(Wrong("unstorable")))


def or_none(value: object) -> object:
    """A WTForms filter: nothing entered is nothing, not an empty text."""
    return value or None


def text(
    label: Any, wanted: Any, kind: Line, field: type[StringField] = StringField, *also: Any
) -> StringField:
    """A line of text; `wanted` is what is said when it is missing, None where it may be."""
    need = DataRequired(wanted) if wanted else Optional()
    filters = [one_line] if wanted else [one_line, or_none]
    checks = [need, storable, Length(max=kind.most), *also]
    return field(label, filters=filters, validators=checks)


def _chosen(values: Sequence[str] | None) -> list[str]:
    return [value for value in (values or ())[: MOST_CHOSEN + 1] if value]


class Several(SelectMultipleField):
    """One list for each choice, and some more; what is left at "None" is no choice.

    Drawn by components/several.html.
    """

    def __init__(self, *args: Any, least: int, **kwargs: Any) -> None:
        # A command judges what was chosen.
        super().__init__(*args, validate_choice=False, filters=[_chosen], **kwargs)
        self.least = least

    @property
    def lists(self) -> list[str]:
        """What each list stands at, "" for None; always one that is free."""
        chosen = list(self.data or ())
        return chosen + [""] * max(1, self.least - len(chosen))


def email(label: Any, wanted: Any) -> StringField:
    """An address, which becomes what is stored; `wanted` as above."""
    return text(label, wanted, EMAIL, EmailField, _as_email)


def _as_email(_form: FlaskForm, field: Field) -> None:
    _judge(field, EMAIL)


def as_phone(field: Field, kind: PhoneNumber) -> None:
    """Turn what was typed, if anything, into E.164."""
    if field.data:
        _judge(field, kind)


def _judge(field: Field, kind: Line) -> None:
    try:
        field.data = kind.judge(field.data)
    except Wrong as wrong:
        raise ValidationError(said_of(wrong)) from None


def blame(form: FlaskForm, error: ClinicError) -> str | None:
    """Put what a command refused beside its fields. Returns what no field can say."""
    known = [one for one in error.errors if one.field in form]
    for one in known:
        field = form[one.field]
        field.errors = [*field.errors, said_of(one)]
    return None if known else said(error)
