"""What bodies about people and organisations have in common."""

from dataclasses import replace
from typing import Any

from pydantic import Field

from clinic.api.frame import InvalidInput
from clinic.core.errors import Wrong
from clinic.core.fields import PhoneNumber


def dialled(phone: str | None, country: str | None, field: str = "phone") -> str | None:
    """E.164. Raises InvalidInput, which names the field."""
    if phone is None:
        return None
    try:
        return PhoneNumber(country=country).judge(phone)
    except Wrong as wrong:
        raise InvalidInput(errors=[replace(wrong.of(field), code="phone")]) from None


def left_out(**more: Any) -> Any:
    """A field of a PATCH that may be missing but, unlike one with a default, not be null."""
    return Field(default_factory=lambda: None, **more)
