"""What a patient enters to find what a clinic noted of them."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from clinic.core.fields import Line
from clinic.core.web.forms import text

_LONGEST_DAY = 30


class BornForm(FlaskForm):
    date_of_birth = text(
        _l("Date of birth"), _l("Enter your date of birth"), Line(_LONGEST_DAY)
    )  # fmt: skip
