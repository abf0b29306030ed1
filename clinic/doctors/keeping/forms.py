"""What is entered in a doctor's profile."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from clinic.core import saying
from clinic.core.fields import PHONE, Line
from clinic.core.web.forms import Several, cleaned, storable, text
from clinic.doctors.keeping import words
from clinic.doctors.keeping.queries import Kept
from clinic.doctors.models import LONGEST_BIO, LONGEST_LICENCE
from clinic.doctors.profiles import MOST_YEARS, ProfileChanges

_YEARS = _l("Enter a number from 0 to 80")


class ProfileForm(FlaskForm):
    specialisations = Several(_l("Specialties"), least=2)
    licence_number = text(
        _l("Licence number"), _l("Enter the licence number"), Line(LONGEST_LICENCE)
    )
    languages = Several(_l("Languages"), least=2)
    years_experience = IntegerField(
        _l("Years of experience"),
        validators=[InputRequired(_YEARS), NumberRange(0, MOST_YEARS, _YEARS)],
    )
    bio = TextAreaField(
        _l("About the doctor"),
        filters=[cleaned],
        validators=[Optional(), storable, Length(max=LONGEST_BIO)],
    )
    contact_phone = text(_l("Telephone for patients"), None, PHONE, TelField)

    def __init__(self, kept: Kept, *args: Any, **kwargs: Any) -> None:
        first = {"languages": ["en"], "years_experience": 0} | kept.known
        super().__init__(*args, obj=kept.profile, data=None if kept.profile else first, **kwargs)
        self.specialisations.choices = words.specialties()
        self.languages.choices = saying.languages()

    @property
    def values(self) -> ProfileChanges:
        return {
            "specialisations": self.specialisations.data or [],
            "licence_number": self.licence_number.data or "",
            "languages": self.languages.data or [],
            "years_experience": self.years_experience.data or 0,
            "bio": self.bio.data or "",
            "contact_phone": self.contact_phone.data,
        }
