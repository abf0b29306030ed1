"""What is entered about an organisation's own reminders."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, TimeField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from clinic.core.fields import Line
from clinic.core.web.forms import text
from clinic.reminders.models import LONGEST_LABEL
from clinic.reminders.rules import words
from clinic.reminders.rules.queries import Hours, Listed

_MINUTES = {"minutes": 1, "hours": 60, "days": 1440}
LEAST, MOST = 30, 43_200  # minutes
_WORDS = _l("Enter a time from 30 minutes to 30 days")


def _choices(labels: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in labels.items()]


class NewRuleForm(FlaskForm):
    ahead = IntegerField(_l("How long before the visit"), validators=[InputRequired(_WORDS)])
    unit = SelectField(_l("Unit"), choices=_choices(words.UNITS), default="hours")
    audience = SelectField(_l("Who gets it"), choices=_choices(words.AUDIENCES))
    channel = SelectField(_l("How"), choices=_choices(words.CHANNELS))
    label = text(_l("Note for you"), None, Line(LONGEST_LABEL))

    def validate_ahead(self, field: IntegerField) -> None:
        many = field.data or 0
        # Not multiplied before: a number of 400 digits is too large.
        if not 0 < many <= MOST or not LEAST <= many * self._unit <= MOST:
            field.errors = []  # what is no number is told in the same words
            raise ValidationError(_WORDS)

    @property
    def _unit(self) -> int:
        return _MINUTES.get(self.unit.data or "", 1)

    @property
    def values(self) -> dict[str, Any]:
        return {
            "minutes_before": (self.ahead.data or 0) * self._unit,
            "audience": self.audience.data,
            "channel": self.channel.data,
            "label": self.label.data or "",
        }


class RuleForm(NewRuleForm):
    is_active = BooleanField(_l("Switched on"))

    @classmethod
    def of(cls, rule: Listed) -> "RuleForm":
        """By the largest unit it is whole in."""
        unit = next(
            name for name in reversed(_MINUTES) if rule.minutes_before % _MINUTES[name] == 0
        )
        shown = {
            "ahead": rule.minutes_before // _MINUTES[unit],
            "unit": unit,
            "audience": rule.audience,
            "channel": rule.channel,
            "label": rule.label,
            "is_active": rule.is_active,
        }
        return cls(None, data=shown)

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "is_active": self.is_active.data}


class QuietForm(FlaskForm):
    quiet_from = TimeField(_l("From"), validators=[InputRequired(_l("Enter a time"))])
    quiet_to = TimeField(_l("To"), validators=[InputRequired(_l("Enter a time"))])

    @classmethod
    def of(cls, hours: Hours) -> "QuietForm":
        shown = {"quiet_from": _time(hours.quiet_from), "quiet_to": _time(hours.quiet_to)}
        return cls(None, data=shown)

    @property
    def values(self) -> dict[str, int]:
        return {
            field.name: field.data.hour * 60 + field.data.minute
            for field in (self.quiet_from, self.quiet_to)
        }


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
