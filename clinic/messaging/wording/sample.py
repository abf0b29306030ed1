"""How words read, filled with a visit that might be."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core import saying
from clinic.core.data.db import db
from clinic.core.errors import N_
from clinic.messaging.channels import CHANNELS
from clinic.messaging.words import rendering
from clinic.messaging.words.own import substitution
from clinic.messaging.words.own.wordings import Own
from clinic.messaging.words.preview import Preview, preview_of
from clinic.messaging.words.rendering import Words
from clinic.organisations.models import Organisation

_DAY, _DOCTOR, _PLACE = N_("Mon 16 Nov"), N_("Dr Chandra Iyer"), N_("Quay Street")
_ZONE, _ADDRESS = N_("London time (GMT)"), N_("12 Quay Street, London")
_LINK = rendering.placeholder("link:visit", UUID(int=0))


@dataclass(frozen=True, slots=True)
class Previews:
    """Where an answer comes back, and where none can: the same if nothing asks for one."""

    answered: Preview
    unanswered: Preview | None


def previews(
    organisation_id: UUID, template: str, channel: str, language: str, own: Own
) -> Previews:
    with rendering.writing_in(language) as writer:
        said = _sample(organisation_id)

        def read(**more: Any) -> Preview:
            words = writer.say(own, template, channel, {**said, **more})
            return preview_of(words or _too_long(own, {**said, **more}), channel)

        asks = "{reply}" in own.body
        silent = read(confirms=False, cancels=False) if asks else None
        return Previews(read(), silent)


def _too_long(own: Own, said: dict[str, Any]) -> Words:
    """So that it is seen how long it is."""
    return Words(" ".join(substitution.fill(own.body, said).split()))


def fits(organisation_id: UUID, template: str, channel: str, language: str, own: Own) -> bool:
    """Whether it is one text, with names shortened if need be."""
    if CHANNELS[channel].is_letter:
        return True
    with rendering.writing_in(language) as writer:
        return writer.say(own, template, channel, _sample(organisation_id)) is not None


def _sample(organisation_id: UUID) -> dict[str, Any]:
    row = db.session.execute(
        sa.select(Organisation.name, Organisation.phone).where(Organisation.id == organisation_id)
    ).one()
    gettext = saying.sentences()
    return {
        "organisation": row.name,
        "phone": row.phone or "",
        "day": gettext(_DAY),
        "time": "09:00",
        "doctor": gettext(_DOCTOR),
        "place": gettext(_PLACE),
        "zone": gettext(_ZONE),
        "address": gettext(_ADDRESS),
        "code": "K7P4Q",
        "link": _LINK,
    }


def standard(template: str, channel: str, language: str) -> Own:
    """What the product says, with its variables in braces."""
    letter = CHANNELS[channel].is_letter
    names = substitution.variables(template, letter)
    with rendering.writing_in(language) as writer:
        return writer.standard(template, channel, {name: f"{{{name}}}" for name in names})
