"""What is entered about a doctor's weekly hours."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from clinic.core import saying
from clinic.core.clock import read_time
from clinic.core.web.forms import one_line
from clinic.organisations.queries import Place
from clinic.schedules.weekly.hours import WeeklyHours

_MONDAY = date(2024, 1, 1)
_MINUTES = _l("Enter minutes from 5 to 480")


def _readable(_form: FlaskForm, field: StringField) -> None:
    if read_time(field.data or "") is None:
        raise ValidationError(_l("Enter a time such as 09:00"))


def _time(label: Any) -> StringField:
    need = InputRequired(_l("Enter a time such as 09:00"))
    return StringField(label, filters=[one_line], validators=[need, _readable])


class HoursForm(FlaskForm):
    days = SelectMultipleField(
        _l("Days"), coerce=int, validators=[InputRequired(_l("Choose at least one day"))]
    )
    start = _time(_l("From"))
    end = _time(_l("To"))
    slot_minutes = IntegerField(
        _l("Minutes for each visit"),
        validators=[InputRequired(_MINUTES), NumberRange(5, 480, _MINUTES)],
    )
    place = SelectField(_l("Place"))

    def __init__(self, places: list[Place], usual: UUID | None, *args: Any, **kwargs: Any) -> None:
        """`usual`: the place that the list stands at first."""
        first = {"days": [], "start": "09:00", "end": "17:00", "slot_minutes": 30}
        first |= {"place": str(usual)} if usual else {}
        super().__init__(*args, data=first, **kwargs)
        self.days.choices = [
            (number, saying.weekday(_MONDAY + timedelta(days=number))) for number in range(7)
        ]
        self.place.choices = [(str(one.id), one.name) for one in places]
        if len(places) < 2:
            del self.place

    @property
    def hours(self) -> WeeklyHours:
        return WeeklyHours(
            days=self.days.data or (),
            start=read_time(self.start.data or "") or time(0),
            end=read_time(self.end.data or "") or time(0),
            slot_minutes=self.slot_minutes.data or 0,
            location_id=UUID(self.place.data) if self.place else None,
        )
