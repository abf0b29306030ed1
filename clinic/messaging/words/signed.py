"""Answers begin with the name of who answers, as every text does."""

from collections.abc import Callable, Sequence
from uuid import UUID

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db
from clinic.core.phones import as_dialled
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
    found = _open(2, organisation_id)
    if len(found) != 1:
        return by(running.settings().site_name, say(""))
    return by(found[0].name, say(_dialled(found[0])))


def numbers(most: int) -> list[str]:
    """`Harbour Clinic 020 7946 0142` of each open clinic; none where there are more than so many,
    or one without a number."""
    found = _open(most + 1, None)
    if len(found) > most or not all(one.phone for one in found):
        return []
    return [f"{rendering.plain(one.name)} {_dialled(one)}" for one in found]


def _open(most: int, organisation_id: UUID | None) -> Sequence[sa.Row]:
    query = sa.select(Organisation.name, Organisation.phone, Organisation.country)
    if organisation_id:
        query = query.where(Organisation.id == organisation_id)
    query = query.where(Organisation.is_active).order_by(Organisation.name, Organisation.id)
    return db.session.execute(query.limit(most)).all()


def _dialled(organisation: sa.Row) -> str:
    return as_dialled(organisation.phone or "", organisation.country)
