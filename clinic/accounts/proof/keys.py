"""Links and codes that work once. Their secret is derived from the row's id, so nothing stored
or logged opens anything; what is sent is put together in the moment of sending."""

import base64
import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.accounts.errors import LinkSpent, WrongCode
from clinic.accounts.models import OneTimeKey, User
from clinic.core import clock, running
from clinic.core.data.db import db, must_be_writing, transactional
from clinic.core.errors import N_, TooMany
from clinic.core.fingerprints import fingerprint, same

MOST_TRIES = 5  # of one code


class Purpose(StrEnum):
    RESET = "reset"
    INVITATION = "invitation"
    EMAIL = "email"  # a code that proves an address
    PHONE = "phone"
    CONTACT = "contact"  # an administrator entered another address: is it right?


LIFETIME = {
    Purpose.RESET: timedelta(hours=1),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.EMAIL: timedelta(minutes=15),
    Purpose.PHONE: timedelta(minutes=15),
    Purpose.CONTACT: timedelta(hours=24),
}
CODES = (Purpose.EMAIL, Purpose.PHONE)
AGAIN_AFTER = timedelta(minutes=1)  # a text takes its time; two codes on their way confuse


@dataclass(frozen=True, slots=True)
class Opened:
    """What an unspent link stands for."""

    key_id: UUID
    user_id: UUID
    full_name: str
    email: str  # where it was sent


def issue(user_id: UUID | None, purpose: Purpose, target: str | None = None) -> UUID:
    """Make a key and end the older ones of its purpose. Returns the id that placeholders carry."""
    must_be_writing()
    moment = clock.now()
    end_open(user_id or uuid4(), purpose)  # for nobody, too: it must take as long
    key = OneTimeKey(
        id=uuid4(),
        user_id=user_id,
        purpose=purpose,
        secret_hash="",
        target=target,
        created_at=moment,
        expires_at=moment + LIFETIME[purpose],
    )
    if purpose not in CODES:  # of a million codes, a hash would tell which
        key.secret_hash = fingerprint(_token(purpose, key.id))
    db.session.add(key)
    db.session.flush()
    return key.id


def end_open(user_id: UUID, *purposes: Purpose) -> None:
    must_be_writing()
    db.session.execute(
        sa.update(OneTimeKey)
        .where(
            OneTimeKey.user_id == user_id,
            OneTimeKey.purpose.in_(purposes),
            OneTimeKey.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )


def opened_by(token: str, purpose: Purpose) -> Opened:
    """Whose link this is; it stays unspent. Raises LinkSpent."""
    row = db.session.execute(
        sa.select(
            OneTimeKey.id,
            User.id.label("user_id"),
            User.full_name,
            sa.func.coalesce(OneTimeKey.target, User.email).label("email"),
        )
        .join(User, User.id == OneTimeKey.user_id)
        .where(
            OneTimeKey.secret_hash == fingerprint(token),
            OneTimeKey.purpose == purpose,
            OneTimeKey.used_at.is_(None),
            OneTimeKey.expires_at > clock.now(),
            User.is_active,
        )
    ).one_or_none()
    if row is None:
        raise LinkSpent
    return Opened(row.id, row.user_id, row.full_name, row.email)


def spend(key_id: UUID) -> None:
    """Raises LinkSpent when somebody else was faster."""
    must_be_writing()
    spent = db.session.execute(
        sa.update(OneTimeKey)
        .where(
            OneTimeKey.id == key_id,
            OneTimeKey.used_at.is_(None),
            OneTimeKey.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(OneTimeKey.id)
    ).one_or_none()
    if spent is None:
        raise LinkSpent


def prove(user_id: UUID, purpose: Purpose, code: str) -> str:
    """The address that the code proves; spends the code. Raises WrongCode or TooMany."""
    key = _count_try(user_id, purpose)
    if key is None or not same(code.strip().replace(" ", ""), _code(purpose, key.id)):
        raise WrongCode
    _spend_code(key.id)
    return key.target or ""


def awaited(user_id: UUID, purpose: Purpose) -> str | None:
    """The address that a code was sent to which can still be entered."""
    return db.session.scalar(
        sa.select(OneTimeKey.target).where(
            OneTimeKey.user_id == user_id,
            OneTimeKey.purpose == purpose,
            OneTimeKey.used_at.is_(None),
            OneTimeKey.expires_at > clock.now(),
        )
    )


def wait_s(user_id: UUID, purpose: Purpose) -> int:
    """Seconds until another code may follow the one that can still be entered; 0 without one."""
    made = db.session.scalar(
        sa.select(OneTimeKey.created_at).where(
            OneTimeKey.user_id == user_id,
            OneTimeKey.purpose == purpose,
            OneTimeKey.used_at.is_(None),
        )
    )
    left = (made + AGAIN_AFTER - clock.now()).total_seconds() if made else 0
    return max(0, math.ceil(left))


@transactional
def _count_try(user_id: UUID, purpose: Purpose) -> OneTimeKey | None:
    """Committed before the code is looked at: a refused guess must count whatever happens next."""
    key = db.session.scalar(
        sa.update(OneTimeKey)
        .where(
            OneTimeKey.user_id == user_id,
            OneTimeKey.purpose == purpose,
            OneTimeKey.used_at.is_(None),
            OneTimeKey.expires_at > clock.now(),
        )
        .values(tries=OneTimeKey.tries + 1)
        .returning(OneTimeKey)
    )
    if key is not None and key.tries > MOST_TRIES:
        left = (key.expires_at - clock.now()).total_seconds()  # this one will not do before
        raise TooMany(N_("Too many tries. Ask for a new code."), int(left) + 1)
    return key


@transactional
def _spend_code(key_id: UUID) -> None:
    try:
        spend(key_id)
    except LinkSpent:
        raise WrongCode from None


def _token(purpose: Purpose, key_id: UUID) -> str:
    digest = _digest(purpose, key_id)
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _code(purpose: Purpose, key_id: UUID) -> str:
    return f"{int.from_bytes(_digest(purpose, key_id)[:8]) % 1_000_000:06d}"


def _digest(purpose: Purpose, key_id: UUID) -> bytes:
    key = running.settings().link_key.encode()
    return hmac.new(key, f"{purpose}:{key_id}".encode(), hashlib.sha256).digest()


def reset_link(key_id: str) -> str:
    """A resolver of `{link:reset:<id>}`."""
    return f"{running.public_base_url()}/reset/{_token(Purpose.RESET, UUID(key_id))}"


def invitation_link(key_id: str) -> str:
    """A resolver of `{link:invitation:<id>}`."""
    return f"{running.public_base_url()}/invitation/{_token(Purpose.INVITATION, UUID(key_id))}"


def contact_link(key_id: str) -> str:
    """A resolver of `{link:contact:<id>}`."""
    return f"{running.public_base_url()}/contact/{_token(Purpose.CONTACT, UUID(key_id))}"


def email_code(key_id: str) -> str:
    """A resolver of `{code:email:<id>}`."""
    return _code(Purpose.EMAIL, UUID(key_id))


def phone_code(key_id: str) -> str:
    """A resolver of `{code:phone:<id>}`."""
    return _code(Purpose.PHONE, UUID(key_id))


@transactional
def forget_old() -> int:
    """Remove keys that expired more than a day ago. Returns how many."""
    gone = db.session.execute(
        sa.delete(OneTimeKey).where(OneTimeKey.expires_at < clock.now() - timedelta(days=1))
    )
    return gone.rowcount  # type: ignore[attr-defined]
