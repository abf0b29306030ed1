"""Answers begin with the name of who answers, as every text does."""

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db
from clinic.messaging.words import fitting, gsm, rendering
from clinic.organisations.models import Organisation


def by(name: str, rest: str) -> str:
    """`Harbour Clinic: rest` in one text; the name gives way, never the rest."""
    name = rendering.plain(name)
    for most in (gsm.units(name), *fitting.SHORTER):
        text = f"{gsm.shorten(name, most)}: {rest}"
        if gsm.fits(rendering.with_secrets(text)):
            return text
    return rest


def of_organisation(organisation_id: UUID | None, say: Callable[[str], str]) -> str:
    """`say` is given the telephone, or "". The only clinic speaks for itself, whoever asks; where
    nobody can tell which one of several is meant, the name of the whole stands there.
    """
    query = sa.select(Organisation.name, Organisation.phone)
    if organisation_id:
        query = query.where(Organisation.id == organisation_id)
    found = db.session.execute(query.where(Organisation.is_active).limit(2)).all()
    if len(found) != 1:
        return by(running.settings().site_name, say(""))
    return by(found[0].name, say(found[0].phone or ""))
