"""What a reminder says, as its readers get it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db
from clinic.messaging.channels import CHANNELS
from clinic.messaging.words import gsm, rendering
from clinic.organisations.models import Organisation

TEMPLATE = "own_reminder"
_ENDS = tuple(".!?:;\u2026\u3002\u0964\u061f")  # of a sentence, in several scripts


@dataclass(frozen=True, slots=True)
class Preview:
    """As it is read. Of a text `encoding` is `GSM-7` or `UCS-2`, with how many characters of it
    and in how many parts, each of which is paid for; of a letter there are none."""

    channel: str
    subject: str | None
    text: str
    encoding: str | None = None
    length: int | None = None
    parts: int | None = None


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
    if CHANNELS[channel].is_letter:
        return Preview(channel, words.subject, words.text)
    encoding = "GSM-7" if gsm.is_gsm7(words.text) else "UCS-2"
    return Preview(
        channel, None, words.text, encoding, gsm.units(words.text), gsm.parts(words.text)
    )
