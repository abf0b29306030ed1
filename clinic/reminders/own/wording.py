"""What a reminder says, as its readers get it."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db
from clinic.messaging.words import rendering
from clinic.messaging.words.preview import Preview, preview_of
from clinic.organisations.models import Organisation

TEMPLATE = "own_reminder"
_ENDS = tuple(".!?:;\u2026\u3002\u0964\u061f")  # of a sentence, in several scripts


def values_of(organisation_id: UUID | None, title: str, message: str) -> dict[str, Any]:
    """For the template."""
    name, phone = _sender(organisation_id)
    return {
        "organisation": name,
        "phone": phone,
        "title": title,
        "message": message,
        "said": _in_one(title, message),
    }


def _sender(organisation_id: UUID | None) -> tuple[str, str | None]:
    row = db.session.execute(
        sa.select(Organisation.name, Organisation.phone).where(Organisation.id == organisation_id)
    ).one_or_none()
    return (row.name, row.phone) if row else (running.settings().site_name, None)


def _in_one(title: str, message: str) -> str:
    """Nobody reads the same twice."""
    said = title.casefold().rstrip(".")
    rest = message.casefold().removeprefix(said)
    if rest != message.casefold() and not rest[:1].isalnum():
        return message
    return f"{title} {message}" if title.endswith(_ENDS) else f"{title}. {message}"


def preview(
    organisation_id: UUID | None, channel: str, title: str, message: str, language: str = "en"
) -> Preview:
    values = values_of(organisation_id, title, message)
    words = rendering.render(TEMPLATE, channel, values, language)
    return preview_of(words, channel)
