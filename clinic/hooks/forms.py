"""What an administrator enters about a webhook."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, URLField
from wtforms.validators import Length

from clinic.access.roles import ACT_EVERYWHERE
from clinic.core.data.idempotency import LONGEST_KEY
from clinic.core.fields import Line
from clinic.core.web.forms import cleaned, storable, text
from clinic.hooks.models import LONGEST_DESCRIPTION, LONGEST_URL
from clinic.organisations import queries as organisations


class WebhookForm(FlaskForm):
    url = text(
        _l("Address"),
        _l("Enter an address such as https://example.org/hooks"),
        Line(LONGEST_URL),
        URLField,
    )
    description = text(_l("What it is for"), None, Line(LONGEST_DESCRIPTION))
    types = SelectMultipleField(_l("Events"), validate_choice=False)  # a command judges them

    @property
    def values(self) -> dict[str, Any]:
        return {
            "url": self.url.data,
            "description": self.description.data or "",
            "types": self.types.data or [],
        }


class NewWebhookForm(WebhookForm):
    organisation_id = SelectField(_l("Organisation"))
    idempotency_key = HiddenField(filters=[cleaned], validators=[storable, Length(max=LONGEST_KEY)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not current_user.may(ACT_EVERYWHERE):
            del self.organisation_id
            return
        self.organisation_id.choices = [(str(one.id), one.name) for one in organisations.active()]
