"""What bodies about people and organisations have in common."""

from dataclasses import replace
from typing import Any

from pydantic import Field

from clinic.api.reading import InvalidInput
from clinic.core.errors import Wrong
from clinic.core.fields import PhoneNumber


def dialled(phone: str | None, kind: PhoneNumber, field: str = "phone") -> str | None:
    """E.164. Raises InvalidInput, which names the field."""
    if phone is None:
        return None
    try:
        return kind.judge(phone)
    except Wrong as wrong:
        code = "phone" if wrong.code == "not_a_phone" else wrong.code
        raise InvalidInput(errors=[replace(wrong.of(field), code=code)]) from None


def left_out(**more: Any) -> Any:
    """A field of a PATCH that may be missing but, unlike one with a default, not be null."""
    return Field(default_factory=lambda: None, **more)
