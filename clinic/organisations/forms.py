"""What is entered about an organisation, a location and the rules of booking."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TelField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from clinic.core import clock, saying
from clinic.core.errors import ClinicError, Wrong
from clinic.core.fields import COUNTRIES, NAME, PHONE, Line
from clinic.core.fields.telephones import called_in
from clinic.core.web.forms import as_phone, blame, email, text
from clinic.organisations.models import LONGEST_ADDRESS, LONGEST_EMERGENCY_NUMBER
from clinic.organisations.rules import CHANNEL_ORDERS, RANGES, SWITCHES

ADDRESS = Line(LONGEST_ADDRESS)
EMERGENCY = Line(LONGEST_EMERGENCY_NUMBER)


def kind_choices() -> dict[str, str]:
    return {"clinic": _("Clinic"), "hospital": _("Hospital"), "business": _("Other business")}


def country_choices(chosen: str | None) -> dict[str, str]:
    """Names by code, in the order of the names."""
    names = get_locale().territories
    found = {code: names.get(code, code) for code in COUNTRIES}
    return _none_yet(chosen) | dict(sorted(found.items(), key=lambda one: one[1]))


def zone_choices(chosen: str | None, country: str | None) -> list[SelectChoice]:
    """Those of the country first, then all others by continent. Each says its country, by which
    a script narrows them. `chosen` stays what it is, even where it is none of the usual ones."""
    own, usual = clock.zones_by_country().get(country or "", ()), clock.usual_zones()
    others = [zone for zone in usual if zone not in own]
    if chosen and chosen not in usual:
        others.insert(0, chosen)
    of_country = saying.country(country or "")
    choices = [SelectChoice(value, name) for value, name in _none_yet(chosen).items()]
    choices += [_zone(zone, of_country) for zone in own]
    return choices + [_zone(zone, zone.partition("/")[0]) for zone in others]


def _zone(name: str, group: str) -> SelectChoice:
    country = _countries_of_zones().get(name)
    return SelectChoice(
        name, name.replace("_", " "), {"data-of": country} if country else {}, group
    )


@lru_cache(maxsize=1)
def _countries_of_zones() -> dict[str, str]:
    return {zone: code for code, zones in clock.zones_by_country().items() for zone in zones}


def _none_yet(chosen: str | None) -> dict[str, str]:
    return {} if chosen else {"": _("Choose one")}


class DetailsForm(FlaskForm):
    name = text(_l("Name"), _l("Enter a name"), NAME)
    kind = SelectField(_l("Kind"))
    country = SelectField(_l("Country"), validators=[InputRequired(_l("Choose a country"))])
    timezone = SelectField(_l("Time zone"), validators=[InputRequired(_l("Choose a time zone"))])
    phone = text(_l("Telephone"), None, PHONE, TelField)
    email = email(_l("Email address"), None)
    emergency_number = text(_l("Emergency number"), _l("Enter a number such as 112"), EMERGENCY)

    def __init__(self, *args: Any, kept: str | None = None, **kwargs: Any) -> None:
        """`kept` is the number that the organisation has."""
        super().__init__(*args, **kwargs)
        self._kept = kept
        self.kind.choices = kind_choices()
        self.country.choices = country_choices(self.country.data)
        self.timezone.choices = zone_choices(self.timezone.data, self.country.data)

    def validate_phone(self, field: StringField) -> None:
        as_phone(field, called_in(self.country.data, self._kept))

    @property
    def values(self) -> dict[str, Any]:
        names = ("name", "kind", "country", "timezone", "phone", "email", "emergency_number")
        return {name: self[name].data for name in names}


class LocationForm(FlaskForm):
    place = text(_l("Name of the place"), _l("Enter a name, such as Quay Street"), NAME)
    address = text(_l("Address"), _l("Enter the address that patients come to"), ADDRESS)

    def blame(self, error: ClinicError) -> str | None:
        """As everywhere; the name of a place is `place` here, beside that of the organisation."""
        error.errors = tuple(
            replace(one, field="place") if one.field == "name" else one for one in error.errors
        )
        return blame(self, error)


class NewOrganisationForm(DetailsForm):
    address = text(_l("Address"), _l("Enter the address that patients come to"), ADDRESS)


def _number(label: Any, key: str) -> IntegerField:
    kind = RANGES[key]
    words = _l("Enter a number from %(least)s to %(most)s", least=kind.least, most=kind.most)

    def within(_form: FlaskForm, field: IntegerField) -> None:
        # Not NumberRange: a number of 400 digits is too large for its arithmetic.
        try:
            kind.read(field.data)
        except Wrong:
            raise ValidationError(words) from None

    return IntegerField(label, validators=[InputRequired(words), within])


class RulesForm(FlaskForm):
    minimum_notice_minutes = _number(_l("Notice to book (minutes)"), "minimum_notice_minutes")
    booking_horizon_days = _number(_l("Bookable ahead (days)"), "booking_horizon_days")
    cancel_notice_minutes = _number(_l("Notice to cancel (minutes)"), "cancel_notice_minutes")
    no_show_grace_minutes = _number(_l("Wait for latecomers (minutes)"), "no_show_grace_minutes")
    approval_required = BooleanField(_l("Your front desk accepts each request before it counts"))
    auto_no_show = BooleanField(_l("Mark people who have not come by then as no-shows"))

    @property
    def values(self) -> dict[str, Any]:
        """Without what the form of security says."""
        return {name: self[name].data for name in (*RANGES, *SWITCHES) if name in self}


class WaysForm(FlaskForm):
    channel_order = SelectField(_l("What is tried, one after the other"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {"sms": _("text message"), "whatsapp": _("WhatsApp"), "email": _("email")}
        self.channel_order.choices = [
            (order, ", ".join(words[name] for name in order.split(","))) for order in CHANNEL_ORDERS
        ]

    @property
    def values(self) -> dict[str, Any]:
        return {"channel_order": self.channel_order.data}


class SecurityForm(FlaskForm):
    two_factor_required = BooleanField(
        _l("Everybody who works here needs a code from their phone to log in")
    )
    sure = HiddenField()  # asked and answered

    @property
    def values(self) -> dict[str, Any]:
        return {"two_factor_required": self.two_factor_required.data}
