"""Where a test message goes."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from clinic.core.errors import ClinicError
from clinic.core.fields import Line
from clinic.core.fields.telephones import LONGEST_PHONE
from clinic.core.web.forms import blame, text
from clinic.messaging.models import LONGEST_EMAIL
from clinic.messaging.readiness import words

ADDRESS = Line(max(LONGEST_EMAIL, LONGEST_PHONE))


class TestForm(FlaskForm):
    __test__ = False  # to pytest it looks like one

    channel = SelectField(_l("By"), validate_choice=False)
    address: StringField = text(
        _l("Your own number or email address"),
        _l("Enter where the test is to go, such as +442079460142."),
        ADDRESS,
    )

    def __init__(self, ways: Iterable[str], **kwargs: object) -> None:
        """`ways`: the channels a test can go by now."""
        super().__init__(**kwargs)
        self.channel.choices = [SelectChoice(name, words.CHANNELS[name]) for name in ways]

    def blame(self, error: ClinicError) -> str | None:
        return blame(self, error)
