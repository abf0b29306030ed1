"""What an administrator enters about an account."""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField, TelField
from wtforms.validators import InputRequired, Length, Optional

from clinic.access.roles import ACT_EVERYWHERE, CHANGE_ROLES, WORK_SOMEWHERE, Role, given_by, may
from clinic.accounts import words
from clinic.accounts.people.queries import Account
from clinic.core.fields import LONGEST_PASSWORD, NAME, PHONE, SHORTEST_PASSWORD, PhoneNumber
from clinic.core.web.forms import as_phone, email, or_none, text
from clinic.organisations import queries as organisations


def role_choices() -> dict[str, str]:
    """The roles that the person who asks may give, in words."""
    return {str(role): words.role(role) for role in given_by(current_user.role)}


def organisation_choices() -> dict[str, str]:
    found = {str(place.id): place.name for place in organisations.active()}
    return found if len(found) == 1 else {"": _("Choose one"), **found}


class _AccountForm(FlaskForm):
    full_name = text(_l("Full name"), _l("Enter their name"), NAME)
    email = email(_l("Email address"), _l("Enter their email address"))
    phone = text(_l("Mobile number"), None, PHONE, TelField)
    role = SelectField(_l("Role"))
    organisation_id = SelectField(_l("Organisation"))

    def _country(self) -> str | None:
        chosen = _uuid(self.organisation_id.data) if self.organisation_id else None
        return organisations.country_for(chosen or current_user.organisation_id)

    _kept: str | None = None  # the number that the account has

    def validate_phone(self, field: StringField) -> None:
        as_phone(field, PhoneNumber(country=self._country(), kept=lambda: (self._kept,)))

    @property
    def organisation(self) -> UUID | None:
        return _uuid(self.organisation_id.data) if self.organisation_id else None


class NewUserForm(_AccountForm):
    role = SelectField(_l("Role"), validators=[InputRequired(_l("Choose a role"))])
    password = PasswordField(
        _l("Password"),
        filters=[or_none],
        validators=[Optional(), Length(SHORTEST_PASSWORD, LONGEST_PASSWORD)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = role_choices()
        if self.role.data not in self.role.choices:  # a link may name one; none is more usual
            self.role.choices = {"": _("Choose one"), **self.role.choices}
        if current_user.may(ACT_EVERYWHERE):
            self.organisation_id.choices = organisation_choices()
            self.organisation_id.validators = [Optional()]
        else:
            del self.organisation_id

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

    def _country(self) -> str | None:
        return organisations.country_for(self._place) if self._place else super()._country()

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
