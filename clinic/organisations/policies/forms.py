"""What an administrator writes for patients to read."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from clinic.core.web.forms import cleaned, storable
from clinic.organisations.policies.service import LONGEST_TEXT


class PolicyForm(FlaskForm):
    text = TextAreaField(
        _l("Text"),
        filters=[cleaned],
        validators=[
            DataRequired(_l("Write the text.")),
            storable,
            Length(max=LONGEST_TEXT, message=_l("Use at most 20,000 characters.")),
        ],
    )
    version = HiddenField()  # that its writer has read

    @property
    def after(self) -> int | None:
        said = self.version.data or ""
        return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else None
