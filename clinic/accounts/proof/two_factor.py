"""A second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes."""

import secrets
from dataclasses import dataclass
from uuid import UUID
from xml.etree import ElementTree

import pyotp
import segno
import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import NEED_A_SECOND_FACTOR, may
from clinic.accounts.errors import (
    AlreadyOn,
    NotOn,
    NotProven,
    NotYourPassword,
    Required,
    WrongOtp,
)
from clinic.accounts.facts import (
    UserRecoveryCodesRenewed,
    UserRecoveryCodeUsed,
    UserTwoFactorDisabled,
    UserTwoFactorEnabled,
)
from clinic.accounts.models import RecoveryCode, User
from clinic.accounts.sessions import browsers
from clinic.core import clock, running
from clinic.core.data.db import db, transactional
from clinic.core.data.encryption import decrypt, encrypt
from clinic.core.fingerprints import fingerprint
from clinic.events.service import record
from clinic.organisations.models import OrganisationSettings
from clinic.organisations.site import queries as sites

RECOVERY_CODES = 10
STEP_S = 30
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app scans, and `secret` for those who cannot scan.

    `uri` is what is drawn (otpauth://totp/...). In SVG: strokes of width 1 along `path`, on a
    field of `side` by `side`.
    """

    secret: str
    uri: str
    side: str
    path: str


@transactional
def begin(user_id: UUID) -> Enrolment:
    """A secret to scan, instead of one that waits and others may have seen.

    Raises AlreadyOn; NotProven while nobody knows that the e-mail address is theirs: they could
    keep its owner out for ever.
    """
    user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if user.totp_enabled_at:
        raise AlreadyOn
    if not user.email or not user.email_verified_at:
        raise NotProven
    secret = pyotp.random_base32()
    user.totp_secret = encrypt(secret)
    db.session.flush()
    return _enrolment(user_id, user.email, secret)


def begun(user_id: UUID) -> Enrolment | None:
    """What was begun and waits for its first code."""
    user = db.session.execute(
        sa.select(User.email, User.totp_secret, User.totp_enabled_at).where(User.id == user_id)
    ).one()
    if user.totp_enabled_at or not user.totp_secret:
        return None
    return _enrolment(user_id, user.email or "", decrypt(user.totp_secret))


def _enrolment(user_id: UUID, email: str, secret: str) -> Enrolment:
    issuer = sites.for_person(user_id).name
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)
    drawn = segno.make(uri, error="m")
    svg = ElementTree.fromstring(drawn.svg_inline())  # noqa: S314 - written in this line
    return Enrolment(secret, uri, svg.attrib["width"], svg[0].attrib["d"])


@transactional
def switch_on(user_id: UUID, session_id: UUID | None, code: str, actor: Actor) -> list[str]:
    """Returns the recovery codes, which are shown once. Raises WrongOtp, AlreadyOn, NotProven.

    Whoever came in by the password alone is out, but the session that asks. Raises NotYourPassword
    where that was ended meanwhile: a thief must not lock the account that its owner just took back.
    """
    user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if session_id and not browsers.is_open(session_id):
        raise NotYourPassword
    if user.totp_enabled_at:
        raise AlreadyOn
    if not user.email_verified_at:
        raise NotProven
    _use_step(user, code)
    user.totp_enabled_at = clock.now()
    db.session.flush()
    browsers.end_all(user_id, but=session_id)
    record(UserTwoFactorEnabled(organisation_id=user.organisation_id, user_id=user_id), actor)
    return _new_codes(user_id)


def may_switch_off(user_id: UUID) -> bool:
    """False when it is off. Raises Required to people of whom it is insisted on."""
    return _is_free(db.session.get_one(User, user_id))


def _is_free(user: User) -> bool:
    if not user.totp_enabled_at:
        return False
    if is_required(user.role, user.organisation_id):
        raise Required(None if user.organisation_id else Required.of_their_role)
    return True


@transactional
def switch_off(user_id: UUID, actor: Actor) -> None:
    """Harmless when off. Raises Required to people of whom it is insisted on."""
    user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if not _is_free(user):
        return
    user.totp_enabled_at = user.totp_secret = user.totp_last_step = None
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    record(UserTwoFactorDisabled(organisation_id=user.organisation_id, user_id=user_id), actor)


def is_required(role: str, organisation_id: UUID | None) -> bool:
    """By their organisation, or because of their role; the same as `must_enrol` of a person."""
    if organisation_id is None:
        return may(role, NEED_A_SECOND_FACTOR) and running.settings().production
    rules = OrganisationSettings
    return bool(
        db.session.scalar(
            sa.select(rules.two_factor_required).where(rules.organisation_id == organisation_id)
        )
    )


@transactional
def renew_codes(user_id: UUID, actor: Actor) -> list[str]:
    """New recovery codes instead of all older ones. Raises NotOn."""
    user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if not user.totp_enabled_at:
        raise NotOn
    renewed = UserRecoveryCodesRenewed(organisation_id=user.organisation_id, user_id=user_id)
    record(renewed, actor)
    return _new_codes(user_id)


def codes_left(user_id: UUID) -> int:
    unused = sa.select(sa.func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalar(unused) or 0


@transactional
def check(user_id: UUID, code: str) -> None:
    """Spend a code of the app, or a recovery code. Raises WrongOtp."""
    user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    given = code.strip().replace(" ", "").replace("-", "").lower()
    if given.isdecimal() and len(given) == 6:
        _use_step(user, given)
    else:
        _use_recovery_code(user_id, given)
        used = UserRecoveryCodeUsed(organisation_id=user.organisation_id, user_id=user_id)
        record(used, Actor(user.role, user_id, user.organisation_id))


def _use_step(user: User, code: str) -> None:
    """Codes of the step before and after count, for clocks that differ; none counts twice."""
    if not user.totp_secret:
        raise WrongOtp
    totp = pyotp.TOTP(decrypt(user.totp_secret))
    moment = clock.now()
    now = int(moment.timestamp()) // STEP_S
    for step in (now - 1, now, now + 1):
        fresh = user.totp_last_step is None or step > user.totp_last_step
        if fresh and pyotp.utils.strings_equal(totp.at(step * STEP_S), code.strip()):
            user.totp_last_step = step
            db.session.flush()
            return
    raise WrongOtp


def _use_recovery_code(user_id: UUID, code: str) -> None:
    used = db.session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == _hash(user_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.code_hash)
    ).first()
    if used is None:
        raise WrongOtp


def _new_codes(user_id: UUID) -> list[str]:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    rows = [{"user_id": user_id, "code_hash": _hash(user_id, code)} for code in codes]
    db.session.execute(sa.insert(RecoveryCode), rows)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash(user_id: UUID, code: str) -> str:
    return fingerprint(f"{user_id}:{code}")
