"""What an administrator enters about an account."""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField, TelField
from wtforms.validators import InputRequired, Length, Optional

from clinic.access.roles import (
    ACT_EVERYWHERE,
    CHANGE_ROLES,
    HAVE_PROFILE,
    WORK_SOMEWHERE,
    Role,
    given_by,
    may,
)
from clinic.accounts import words as account_words
from clinic.accounts.people import words
from clinic.accounts.people.newcomers import KnownDoctor
from clinic.accounts.people.queries import Account
from clinic.core import saying
from clinic.core.errors import N_, Invalid
from clinic.core.fields import LONGEST_PASSWORD, NAME, PHONE, SHORTEST_PASSWORD, Line, PhoneNumber
from clinic.core.languages import LANGUAGES
from clinic.core.web.forms import Several, as_phone, email, or_none, text
from clinic.doctors.models import LONGEST_LICENCE
from clinic.doctors.vocabulary import SPECIALISATIONS
from clinic.organisations import queries as organisations


def role_choices() -> dict[str, str]:
    """The roles that the person who asks may give, in words."""
    return {str(role): account_words.role(role) for role in given_by(current_user.role)}


def organisation_choices() -> dict[str, str]:
    found = {str(place.id): place.name for place in organisations.active()}
    return found if len(found) == 1 else {"": _("Choose one"), **found}


class _AccountForm(FlaskForm):
    full_name = text(_l("Full name"), _l("Enter their name"), NAME)
    email = email(_l("Email address"), _l("Enter their email address"))
    phone = text(_l("Mobile number"), None, PHONE, TelField)
    role = SelectField(_l("Role"))
    organisation_id = SelectField(_l("Organisation"))

    def country_in_force(self) -> str | None:
        chosen = _uuid(self.organisation_id.data) if self.organisation_id else None
        return organisations.country_for(chosen or current_user.organisation_id)

    _kept: str | None = None  # the number that the account has

    def validate_phone(self, field: StringField) -> None:
        as_phone(field, PhoneNumber(country=self.country_in_force(), kept=lambda: (self._kept,)))

    @property
    def organisation(self) -> UUID | None:
        return _uuid(self.organisation_id.data) if self.organisation_id else None


class NewUserForm(_AccountForm):
    """With what is known of a doctor, which the profile begins with: all of it may be left out."""

    role = SelectField(_l("Role"), validators=[InputRequired(_l("Choose a role"))])
    password = PasswordField(
        _l("Password"),
        filters=[or_none],
        validators=[Optional(), Length(SHORTEST_PASSWORD, LONGEST_PASSWORD)],
    )

    specialisations = Several(_l("Specialties"), least=1)
    licence_number = text(_l("Licence number"), None, Line(LONGEST_LICENCE))
    languages = Several(_l("Languages"), least=2)
    location_id = SelectField(_l("Place"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = role_choices()
        self.specialisations.choices = words.specialties()
        self.languages.choices = saying.languages()
        self._offer_places()
        if self.role.data not in self.role.choices:  # a link may name one; none is more usual
            self.role.choices = {"": _("Choose one"), **self.role.choices}
        if current_user.may(ACT_EVERYWHERE):
            self.organisation_id.choices = organisation_choices()
            self.organisation_id.validators = [Optional()]
        else:
            del self.organisation_id

    def _offer_places(self) -> None:
        """Of the own organisation; the only one is chosen."""
        own = current_user.organisation_id
        places = [(str(one.id), one.name) for one in organisations.places_of(own)] if own else []
        if not places:
            del self.location_id
            return
        self.location_id.choices = places
        if len(places) > 1:
            self.location_id.choices = [("", words.NOT_KNOWN), *places]

    @property
    def is_for_doctor(self) -> bool:
        return may(self.role.data, HAVE_PROFILE)

    @property
    def doctor(self) -> KnownDoctor | None:
        """Raises Invalid for a word that no list of the form has."""
        if not self.is_for_doctor:
            return None
        specialisations, languages = self.specialisations.data or [], self.languages.data or []
        if not (
            set(specialisations) <= SPECIALISATIONS.keys() and set(languages) <= LANGUAGES.keys()
        ):
            raise Invalid(N_("Choose from the lists."))
        return KnownDoctor(
            tuple(dict.fromkeys(specialisations)),
            self.licence_number.data,
            tuple(dict.fromkeys(languages)),
            _uuid(self.location_id.data) if self.location_id else None,
        )

    @property
    def place(self) -> UUID | None:
        """None where the role belongs to no organisation, whatever the list stood at."""
        return self.organisation if may(self.role.data, WORK_SOMEWHERE) else None


class EditUserForm(_AccountForm):
    """What is of no use for this account is not in the form."""

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, obj=account, **kwargs)
        self._place, self._kept = account.organisation_id, account.phone
        if may(account.role, CHANGE_ROLES):
            self.role.choices = role_choices()
            self.role.choices.pop(Role.PATIENT, None)
        else:
            del self.role
        if may(account.role, ACT_EVERYWHERE):
            self.organisation_id.choices = organisation_choices()
        else:
            del self.organisation_id

    def country_in_force(self) -> str | None:
        return organisations.country_for(self._place) if self._place else super().country_in_force()

    @property
    def values(self) -> dict[str, Any]:
        changes = {name: self[name].data for name in ("full_name", "email", "phone")}
        if self.role:
            changes["role"] = self.role.data
        if self.organisation and not may(self.role.data, ACT_EVERYWHERE):
            changes["organisation_id"] = self.organisation
        return changes


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None
