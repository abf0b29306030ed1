"""The words of an organisation: its own, else the product's."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, same_organisation
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.core.languages import LANGUAGES
from clinic.messaging.channels import CHANNELS
from clinic.messaging.wording import sample
from clinic.messaging.words.own import substitution
from clinic.messaging.words.own.models import MessageTemplate

VISIBLE = Visible("wording", {Role.ADMIN: same_organisation(MessageTemplate.organisation_id)})


@dataclass(frozen=True, slots=True)
class Wording:
    """`version` 0: nobody has changed the product's words."""

    template: str
    channel: str
    language: str
    subject: str | None
    body: str
    is_own: bool
    version: int
    updated_at: datetime | None
    variables: tuple[str, ...]


def must_be_known(template: str, channel: str, language: str) -> None:
    """Raises NotFound."""
    known = template in substitution.WORDED and channel in CHANNELS and language in LANGUAGES
    if not known:
        raise NotFound


def own_row(
    template: str, channel: str, language: str, actor: Actor, lock: bool = False
) -> MessageTemplate | None:
    query = sa.select(MessageTemplate).where(
        VISIBLE.to(actor),
        MessageTemplate.template == template,
        MessageTemplate.channel == channel,
        MessageTemplate.language == language,
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def one(template: str, channel: str, language: str, actor: Actor) -> Wording:
    """Raises NotFound."""
    must_be_known(template, channel, language)
    row = own_row(template, channel, language, actor)
    own = row or sample.standard(template, channel, language)
    return Wording(
        template=template,
        channel=channel,
        language=language,
        subject=own.subject,
        body=own.body,
        is_own=row is not None,
        version=row.version if row else 0,
        updated_at=row.updated_at if row else None,
        variables=substitution.variables(template, CHANNELS[channel].is_letter),
    )


def everything(actor: Actor) -> list[Wording]:
    """The product's words in English, and all of the organisation's own, template by template."""
    own = languages(actor)
    return [
        one(template, channel, language, actor)
        for template in substitution.WORDED
        for channel in CHANNELS
        for language in ("en", *(tag for tag in own[template, channel] if tag != "en"))
    ]


def languages(actor: Actor) -> dict[tuple[str, str], list[str]]:
    """In which the organisation has words of its own, by template and channel."""
    columns = (MessageTemplate.template, MessageTemplate.channel, MessageTemplate.language)
    rows = db.session.execute(sa.select(*columns).where(VISIBLE.to(actor)).order_by(*columns))
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        found[row.template, row.channel].append(row.language)
    return found


def place_of(actor: Actor) -> UUID:
    """Raises NotFound for who belongs to none."""
    if actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id
