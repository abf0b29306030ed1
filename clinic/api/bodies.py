"""What bodies about people and organisations have in common."""

from typing import Annotated, Any

from pydantic import Field

from clinic.api.frame import Invalid, Text
from clinic.core import phones
from clinic.core.errors import FieldError

# A number without a country code is read as one of the organisation's own country.
LocalPhone = Annotated[Text, Field(min_length=1, max_length=30)]
Zone = Annotated[Text, Field(min_length=1, max_length=40, description="Such as Europe/London")]
# The rooms say which: of accounts those that are offered, of patients any.
Language = Annotated[Text, Field(min_length=2, max_length=8, description="Such as en")]


def dialled(phone: str | None, country: str | None, field: str = "phone") -> str | None:
    """E.164. Raises Invalid, which names the field."""
    if phone is None:
        return None
    try:
        return phones.parse_phone(phone, country)
    except ValueError as error:
        message = str(error)
    raise Invalid(errors=[FieldError(field, "phone", message)])


def left_out(**more: Any) -> Any:
    """A field of a PATCH that may be missing but, unlike one with a default, not be null."""
    return Field(default_factory=lambda: None, **more)
