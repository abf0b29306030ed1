"""What is entered about the words of a message."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired

from clinic.core.errors import ClinicError
from clinic.core.web.forms import blame, storable
from clinic.messaging.wording.service import LONGEST_LETTER
from clinic.messaging.words.own.wordings import Own


def _lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class WordingForm(FlaskForm):
    subject = StringField(_l("Subject"), filters=[_lines], validators=[storable])
    body = TextAreaField(
        _l("Words"),
        filters=[_lines],
        validators=[DataRequired(_l("Write what the message says.")), storable],
    )
    version = HiddenField()

    @property
    def own(self) -> Own:
        body = (self.body.data or "")[: 2 * LONGEST_LETTER]
        return Own(body, self.subject.data or None)

    @property
    def changed_version(self) -> int | None:
        given = self.version.data or ""
        return int(given) if given.isdecimal() and len(given) < 9 else None

    def blame(self, error: ClinicError) -> str | None:
        return blame(self, error)


def filled(**values: Any) -> WordingForm:
    return WordingForm(formdata=None, **values)
