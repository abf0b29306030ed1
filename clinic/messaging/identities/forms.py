"""What is entered about a sender."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from clinic.core.errors import ClinicError
from clinic.core.fields import Line
from clinic.core.web.forms import blame, text
from clinic.messaging.identities import words
from clinic.messaging.models import LONGEST_SENDER_NAME

VALUE, NAME, CODE = Line(254), Line(LONGEST_SENDER_NAME), Line(12)

_KINDS = [SelectChoice(kind, said) for kind, said in words.KINDS.items()]


class SenderForm(FlaskForm):
    kind = SelectField(_l("Kind"), choices=_KINDS, default="messaging_service")
    value: StringField = text(
        _l("Number, name or address"), _l("Enter what messages are to go from."), VALUE
    )
    display_name: StringField = text(_l("What you call it"), None, NAME)

    def given(self) -> dict[str, Any]:
        return {
            "kind": self.kind.data,
            "value": self.value.data,
            "display_name": self.display_name.data or "",
        }

    def blame(self, error: ClinicError) -> str | None:
        return blame(self, error)


class CodeForm(FlaskForm):
    code: StringField = text(_l("Code"), _l("Enter the code."), CODE)

    def blame(self, error: ClinicError) -> str | None:
        return blame(self, error)
