"""What is entered about a reminder."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from clinic.core import saying
from clinic.core.fields import LONGEST_EMAIL
from clinic.core.web.forms import cleaned, one_line, or_none, storable, text
from clinic.messaging.desk.words import CHANNELS
from clinic.reminders.desk import words
from clinic.reminders.keeping.fields import MESSAGE, TITLE
from clinic.reminders.own import plain, recurrence
from clinic.reminders.own.plain import Chosen

MONDAY = date(2026, 11, 16)
MANY = ("all", "of_doctor", "visits")


def _day(_form: FlaskForm, field: StringField) -> None:
    try:
        field.data = date.fromisoformat(field.data)
    except (TypeError, ValueError):
        raise words.wrong(words.NOT_A_DAY) from None


def _time(_form: FlaskForm, field: StringField) -> None:
    try:
        field.data = time.fromisoformat(field.data)
    except (TypeError, ValueError):
        raise words.wrong(words.NOT_A_TIME) from None


def _optional(label: Any, *checks: Any, most: int = 40) -> StringField:
    checks = (Optional(), storable, Length(max=most), *checks)
    return StringField(label, filters=[one_line, or_none], validators=checks)


class ReminderForm(FlaskForm):
    """A patient's own; to whom it goes is theirs alone."""

    title = text(_l("Title"), _l("Enter a title, such as Tablets"), TITLE)
    message = TextAreaField(
        _l("Message"),
        filters=[cleaned],
        validators=[DataRequired(_l("Enter what it says")), storable, Length(max=MESSAGE.most)],
    )
    type = SelectField(_l("Kind"))
    day = StringField(_l("Day"), validators=[DataRequired(_l("Choose a day")), _day])
    time = StringField(_l("Time"), validators=[DataRequired(_l("Choose a time")), _time])
    again = SelectField(_l("Again"))
    days = SelectMultipleField(_l("On these days"), coerce=int)
    until = _optional(_l("Until"), _day)
    method = SelectField(_l("Sent by"))

    def __init__(self, *args: Any, ways: tuple[str, ...], kept: str | None = None, **more: Any):
        """`kept` is a rule that no choice stands for."""
        super().__init__(*args, **more)
        self._kept = kept
        self.type.choices = [*words.TYPES.items()]
        self.again.choices = [*words.AGAIN.items()]
        if kept:
            self.again.choices.append((plain.KEPT, words.rule(kept)))
        weekdays = [saying.weekday(MONDAY.replace(day=MONDAY.day + day)) for day in range(7)]
        self.days.choices = [*enumerate(weekdays)]
        self.method.choices = [("", _("The usual way")), *((one, CHANNELS[one]) for one in ways)]

    def values(self, zone: ZoneInfo) -> dict[str, Any]:
        """The fields of Wanted, but to whom it goes."""
        first: date = self.day.data
        wall = datetime.combine(first, self.time.data)
        chosen = Chosen(self.again.data, tuple(self.days.data or ()), self.until.data)
        is_kept = self.again.data == plain.KEPT
        return {
            "title": self.title.data,
            "message": self.message.data,
            "type": self.type.data,
            "method": self.method.data or None,
            "timezone": zone.key,
            "delivery_time": recurrence.instant(wall, zone),
            "recurrence": self._kept if is_kept else plain.rule_of(chosen, first),
        }


class DeskForm(ReminderForm):
    """And to whom it goes."""

    to = RadioField(_l("Who gets it"), validate_choice=False)
    patient = HiddenField(filters=[or_none])
    find = _optional(_l("Find a patient"), most=100)
    doctor = SelectField(_l("Doctor"), validate_choice=False)
    visits_from = _optional(_l("First day"), _day)
    visits_to = _optional(_l("Last day"), _day)
    address = _optional(_l("Number or address"), most=LONGEST_EMAIL)

    def __init__(self, *args: Any, doctors: list[tuple[UUID, str]], named: int, **more: Any):
        """`named` are patients that a program named one by one."""
        super().__init__(*args, **more)
        self.to.choices = [*words.TO.items()]
        if named:
            self.to.choices.append(("named", words.named(named)))
        self.doctor.choices = [("", _("Choose one")), *((str(key), name) for key, name in doctors)]

    def values(self, zone: ZoneInfo) -> dict[str, Any]:
        return super().values(zone) | self._whom()

    def _whom(self) -> dict[str, Any]:
        to = self.to.data
        if to == "named":
            return {}
        nobody: dict[str, Any] = {"patient_id": None, "choice": None, "details": {}}
        if to in MANY:
            return nobody | {"choice": self._choice(to)}
        if to == "address":
            return nobody | {"details": {"to": self.address.data or ""}}
        if to == "one" and self.patient.data:
            return nobody | {"patient_id": UUID(self.patient.data)}
        return nobody

    def _choice(self, to: str) -> dict[str, Any]:
        if to == "all":
            return {"everyone": True}
        if to == "of_doctor":
            return {"doctor_id": self.doctor.data}
        return {"visits_from": self.visits_from.data, "visits_to": self.visits_to.data}

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        missing = {
            "one": (self.find, words.CHOOSE_PATIENT, self._patient()),
            "of_doctor": (self.doctor, words.CHOOSE_DOCTOR, self._is_doctor()),
            "address": (self.address, words.ENTER_ADDRESS, self.address.data),
            "visits": (self.visits_from, words.ENTER_DAYS, self._has_days()),
        }
        field, said, is_there = missing.get(str(self.to.data), (self.to, "", True))
        if self.to.data not in dict(self.to.choices):
            field, said, is_there = self.to, words.CHOOSE_WHO, False
        if not is_there:
            field.errors = [*field.errors, str(said)]
        return is_valid and bool(is_there)

    def _patient(self) -> UUID | None:
        try:
            return UUID(self.patient.data or "")
        except ValueError:
            self.patient.data = None
            return None

    def _is_doctor(self) -> bool:
        return self.doctor.data in {key for key, _name in self.doctor.choices if key}

    def _has_days(self) -> bool:
        return bool(self.visits_from.data and self.visits_to.data)
