"""A person's photo: kept as a small square (`picture.py`) without what the camera wrote."""

import secrets
from uuid import UUID

import sqlalchemy as sa
import structlog

from clinic.access.actor import Actor
from clinic.access.roles import HAVE_PROFILE, Role
from clinic.access.visible import Visible, same_user
from clinic.accounts.errors import PhotoTooLarge
from clinic.accounts.facts import UserUpdated
from clinic.accounts.models import User
from clinic.accounts.proof import limits
from clinic.accounts.turns import Turns
from clinic.core.data import storage
from clinic.core.data.db import after_commit, db, is_there, transactional
from clinic.core.data.storage import Stored
from clinic.core.errors import NotFound, Unavailable
from clinic.events.service import record

log = structlog.get_logger()

MOST_BYTES = 2 * 1024 * 1024

VISIBLE = Visible(  # one's own, and everybody that of a doctor who works here
    "photo",
    dict.fromkeys(Role, same_user(User.id)),
    public=sa.and_(User.role.in_(HAVE_PROFILE), User.is_active),
)

# The largest picture takes some hundred MB while it is open: a process opens one at a time.
_turns = Turns(most=1, wait_s=1, waiting=8)


def save_photo(user_id: UUID, data: bytes, actor: Actor) -> None:
    """In place of the one before.

    Raises BadPhoto, PhotoTooLarge, NotFound, Unavailable, TooMany.
    """
    limits.count_try("photo", "", str(user_id))
    picture = _made_anew(data)
    key = f"photos/{secrets.token_hex(16)}.jpg"
    _let_connection_go()
    storage.put(key, picture, "image/jpeg")
    try:
        _name_photo(user_id, key, actor)
    except BaseException:
        _clear_away(key)
        raise


def remove_photo(user_id: UUID, actor: Actor) -> None:
    """Harmless without one. Raises Unavailable, and then the photo is still there."""
    key = _key_of(user_id)
    if key is None:
        return
    _let_connection_go()
    storage.delete(key)  # first: who is told that it is gone must be able to believe it
    _forget_photo(user_id, key, actor)


def visible_photo(viewer: Actor | None, user_id: UUID) -> Stored:
    """What a page shows. Raises NotFound, for a stranger's as for none, and Unavailable."""
    if not is_there(User.id == user_id, VISIBLE.to(viewer)):
        raise NotFound
    return photo_of(user_id)


def is_public(user_id: UUID) -> bool:
    """Is it that of a doctor who works here?"""
    return is_there(User.id == user_id, VISIBLE.to(None))


def photo_of(user_id: UUID) -> Stored:
    """Raises NotFound or Unavailable. Who may see it is asked before."""
    key = _key_of(user_id)
    if key is None:
        raise NotFound
    _let_connection_go()
    return storage.get(key)


def _key_of(user_id: UUID) -> str | None:
    return db.session.scalar(sa.select(User.photo_key).where(User.id == user_id))


def _let_connection_go() -> None:
    """Storage takes its time; no connection waits for it."""
    db.session.rollback()


@transactional
def _name_photo(user_id: UUID, key: str, actor: Actor) -> None:
    person = db.session.execute(
        sa.select(User.photo_key, User.organisation_id).where(User.id == user_id).with_for_update()
    ).one_or_none()
    if person is None:
        raise NotFound
    db.session.execute(sa.update(User).where(User.id == user_id).values(photo_key=key))
    record(UserUpdated(organisation_id=person.organisation_id, user_id=user_id), actor)
    if person.photo_key:
        after_commit(f"photo:{person.photo_key}", lambda: _clear_away(person.photo_key))


@transactional
def _forget_photo(user_id: UUID, key: str, actor: Actor) -> None:
    """Unless another one came meanwhile."""
    person = db.session.execute(
        sa.update(User)
        .where(User.id == user_id, User.photo_key == key)
        .values(photo_key=None)
        .returning(User.organisation_id)
    ).one_or_none()
    if person is not None:
        record(UserUpdated(organisation_id=person.organisation_id, user_id=user_id), actor)


def _clear_away(key: str) -> None:
    """A file that nobody names any more; what was asked for is done, so a fault is only logged."""
    try:
        storage.delete(key)
    except Unavailable:
        log.warning("photo_left_behind", key=key)


def _made_anew(data: bytes) -> bytes:
    """A JPEG of SIDE pixels. Raises BadPhoto, PhotoTooLarge, Unavailable."""
    if len(data) > MOST_BYTES:
        raise PhotoTooLarge
    with _turns.one():
        from clinic.accounts.own import picture  # Pillow is large, and few requests bring a photo

        return picture.made_anew(data)
