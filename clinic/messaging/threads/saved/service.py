"""Words that a desk needs often: kept once for all who work there."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import Role
from clinic.access.visible import Visible, same_organisation
from clinic.core import clock
from clinic.core.data.db import db, one_at_a_time, transactional
from clinic.core.data.paging import Page, Paging, page_of
from clinic.core.errors import N_, Conflict, Forbidden, Invalid, NotFound, Wrong
from clinic.core.fields import Line, Text
from clinic.messaging.models import SavedReply

TITLE, BODY = Line(60, least=1), Text(1000, least=1)
MOST = 100  # of one organisation: a list in which one still finds something
VISIBLE = Visible(
    "saved reply",
    {
        Role.STAFF: same_organisation(SavedReply.organisation_id),
        Role.ADMIN: same_organisation(SavedReply.organisation_id),
    },
)


@dataclass(frozen=True, slots=True)
class Saved:
    id: UUID
    title: str
    body: str


def replies(actor: Actor) -> list[Saved]:
    """In the order of their titles."""
    query = sa.select(SavedReply.id, SavedReply.title, SavedReply.body).where(VISIBLE.to(actor))
    return [Saved(*row) for row in db.session.execute(query.order_by(SavedReply.title))]


def page(actor: Actor, paging: Paging) -> Page[Saved]:
    """The same by pages. Raises BadCursor."""
    query = sa.select(SavedReply).where(VISIBLE.to(actor))
    found = page_of(query, SavedReply.title, SavedReply.id, paging)
    return found.of(lambda rows: [_saved(row.SavedReply) for row in rows])


def one(actor: Actor, reply_id: UUID) -> Saved:
    """Raises NotFound for another organisation's."""
    return _saved(_row(actor, reply_id))


def _saved(row: SavedReply) -> Saved:
    return Saved(row.id, row.title, row.body)


def _row(actor: Actor, reply_id: UUID) -> SavedReply:
    found = db.session.scalar(
        sa.select(SavedReply).where(SavedReply.id == reply_id, VISIBLE.to(actor))
    )
    if found is None:
        raise NotFound
    return found


@transactional
def save(title: str, body: str, actor: Actor, reply_id: UUID | None = None) -> UUID:
    """A new one, or new words for one. Raises NotFound, Invalid, or Conflict where another one has
    the title, or there are too many.
    """
    if actor.organisation_id is None:
        raise Forbidden
    known = _row(actor, reply_id) if reply_id else None
    title, body = _read("title", TITLE, title), _read("body", BODY, body)
    one_at_a_time(f"saved_replies:{actor.organisation_id}")
    others = [one for one in replies(actor) if one.id != reply_id]
    if any(other.title.casefold() == title.casefold() for other in others):
        raise Conflict(N_("A saved reply has this title already. Choose another title."))
    if known is None and len(others) >= MOST:
        raise Conflict(N_("There are %(most)s saved replies. Delete one first."), most=MOST)
    found = known or SavedReply(id=uuid4(), organisation_id=actor.organisation_id)
    db.session.add(found)
    found.title, found.body, found.updated_at = title, body, clock.now()
    db.session.flush()
    return found.id


def _read(field: str, kind: Text, value: str) -> str:
    try:
        return kind.read(value)
    except Wrong as wrong:
        raise Invalid(None, [wrong.of(field)]) from None


@transactional
def delete(reply_id: UUID, actor: Actor) -> None:
    """Raises NotFound."""
    gone = db.session.execute(
        sa.delete(SavedReply)
        .where(SavedReply.id == reply_id, VISIBLE.to(actor))
        .returning(SavedReply.id)
    ).first()
    if gone is None:
        raise NotFound
