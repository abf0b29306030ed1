"""A person's photo: taken apart, made anew as a small square without what the camera wrote."""

import io
import secrets
import threading
from uuid import UUID

import sqlalchemy as sa
import structlog
from PIL import Image, ImageOps

from clinic.access.actor import Actor
from clinic.access.roles import HAVE_PROFILE, Role
from clinic.access.visible import Visible, same_user
from clinic.accounts.errors import BadPhoto, PhotoTooLarge
from clinic.accounts.facts import UserUpdated
from clinic.accounts.models import User
from clinic.accounts.proof import limits
from clinic.core.data import storage
from clinic.core.data.db import after_commit, db, is_there, transactional
from clinic.core.data.storage import Stored
from clinic.core.errors import ClinicError, NotFound, Unavailable
from clinic.events.service import record

log = structlog.get_logger()

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 25_000_000
SIDE = 512  # pixels
FORMATS = ("JPEG", "PNG", "WEBP")
JPEG_QUALITY = 85

VISIBLE = Visible(  # one's own, and everybody that of a doctor who works here
    "photo",
    dict.fromkeys(Role, same_user(User.id)),
    public=sa.and_(User.role.in_(HAVE_PROFILE), User.is_active),
)

# The largest picture takes some hundred MB while it is open: a process opens one at a time.
_one_at_a_time = threading.Lock()
TURN_S = 2  # longer than that, and all threads of the server would wait for photos


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
    if not _one_at_a_time.acquire(timeout=TURN_S):
        raise Unavailable
    try:
        return _decoded(data)
    finally:
        _one_at_a_time.release()


def _decoded(data: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            return _squared(picture)
    except ClinicError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooLarge from None
    except Exception as fault:  # decoders fail in many ways on bytes made to hurt them
        log.info("photo_refused", error=type(fault).__name__)
        raise BadPhoto from None


def _squared(picture: Image.Image) -> bytes:
    if picture.width * picture.height > MOST_PIXELS:
        raise PhotoTooLarge
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # a large JPEG is decoded at part of its size
    ImageOps.exif_transpose(picture, in_place=True)
    square = ImageOps.fit(_in_colour(picture), (SIDE, SIDE), Image.Resampling.LANCZOS)
    fresh = Image.new("RGB", square.size, "white")  # knows nothing of the camera or the place
    fresh.paste(square, mask=square if square.mode == "RGBA" else None)
    made = io.BytesIO()
    fresh.save(made, "JPEG", quality=JPEG_QUALITY)
    return made.getvalue()


def _in_colour(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGB", "RGBA") and "transparency" not in picture.info:
        return picture  # convert() would copy it
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode.startswith("I"):  # grey of 16 bits, which convert() would cut to white
        picture = picture.convert("I").point(lambda grey: grey / 256).convert("L")
    return picture.convert("RGB")
