"""Organisations write their own privacy notice and terms."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Conflict, FieldError
from clinic.core.fields import Said, Text, read
from clinic.organisations import service
from clinic.organisations.models import Organisation, PolicyText
from clinic.organisations.policies import queries

LONGEST_TEXT = 20_000  # characters
TEXT = Text(LONGEST_TEXT, least=1)
_TEXT = Said(
    TEXT,
    {
        "required": N_("Write the text."),
        "too_long": N_("Use at most %(most)s characters."),
    },
)


class WrittenMeanwhile(Conflict):
    code = "written_meanwhile"
    title = N_("Somebody has saved another version meanwhile. Read it, then save yours again.")

    def __init__(self) -> None:
        super().__init__(None, [FieldError("version", self.code, self.title)])


@transactional
def publish(
    organisation_id: UUID, kind: str, text: str, actor: Actor, after: int | None = None
) -> int:
    """A new version, which counts from now on; returns its number. The same text again is none.

    `after` is the version that its writer has read. Raises NotFound, Invalid; WrittenMeanwhile
    where another one counts by now.
    """
    organisation = service.held(organisation_id, actor)
    written = read("text", _TEXT, text)
    now = queries.policy(organisation_id, kind)
    if after is not None and after != now.latest:
        raise WrittenMeanwhile
    if written.split() == now.text.split() and written.splitlines() == now.text.splitlines():
        return now.latest
    if now.is_standard and not _has_any(organisation_id, kind):
        _add(organisation, kind, queries.STANDARD, now.text, None, now.since)
    _add(organisation, kind, now.latest + 1, written, actor.user_id, clock.now())
    service.say_updated(organisation_id, actor)
    return now.latest + 1


def _has_any(organisation_id: UUID, kind: str) -> bool:
    asked = sa.select(PolicyText.id).where(
        PolicyText.organisation_id == organisation_id, PolicyText.kind == kind
    )
    return db.session.scalar(asked.limit(1)) is not None


def _add(
    organisation: Organisation, kind: str, version: int, text: str, by: UUID | None, at: Any
) -> None:
    row = PolicyText(
        organisation_id=organisation.id,
        kind=kind,
        version=version,
        text=text,
        created_by=by,
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
