"""Looking after accounts that there are: their data, their role, in and out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.access.roles import CHANGE_ROLES, MANAGE_ACCOUNTS, WORK_SOMEWHERE, may
from clinic.accounts.addresses import claims, contact
from clinic.accounts.errors import LastOne, NotWaiting, OwnAccount
from clinic.accounts.facts import (
    UserDeactivated,
    UserReactivated,
    UserRoleChanged,
    UserSessionEnded,
    UserUpdated,
)
from clinic.accounts.models import User
from clinic.accounts.people import newcomers, queries
from clinic.accounts.proof import checks, keys
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.sessions import browsers
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Invalid, NotFound
from clinic.events.service import record


@transactional
def update(
    user_id: UUID, changes: Mapping[str, Any], actor: Actor, visits: str | None = None
) -> None:
    """`changes`: full_name, language, timezone, email, phone (E.164), role, is_active.

    Also organisation_id, for a superadmin who becomes somebody's colleague. A key that is missing
    leaves things as they are. `visits` says what becomes of a doctor's visits to come. Raises
    NotFound, Forbidden, Invalid, AlreadyInUse, OwnAccount, LastOne or VisitsDepend.
    """
    user = _held(user_id, actor)
    given = {**changes, "email": changes["email"].lower()} if "email" in changes else changes
    wanted = {key: value for key, value in given.items() if getattr(user, key) != value}
    plain = {key: checks.checked(key, wanted[key]) for key in checks.KINDS if key in wanted}
    if plain:
        _set(user, plain)
        record(UserUpdated(organisation_id=user.organisation_id, user_id=user.id), actor)
    _change_contact(user, {key: wanted[key] for key in ("email", "phone") if key in wanted}, actor)
    if "role" in wanted:
        _change_role(user, wanted["role"], wanted.get("organisation_id"), actor, visits)
    elif "organisation_id" in wanted:
        raise Invalid.of("organisation_id", N_("An account stays in its organisation."))
    if "is_active" in wanted:
        _switch(user, wanted["is_active"], actor, visits)


@transactional
def deactivate(user_id: UUID, actor: Actor, visits: str | None = None) -> None:
    """Out at once, and no way back in until reactivated.

    `visits` says what becomes of a doctor's visits to come: keep, cancel or move. Raises NotFound,
    OwnAccount, LastOne; VisitsDepend where there are some and it is None.
    """
    _switch(_held(user_id, actor), False, actor, visits)


@transactional
def reactivate(user_id: UUID, actor: Actor) -> None:
    """Raises NotFound. Who never chose a password is invited again."""
    _switch(_held(user_id, actor), True, actor)


@transactional
def end_sessions(user_id: UUID, actor: Actor) -> None:
    """Sign them out of every browser and program. Raises NotFound."""
    user = _held(user_id, actor)
    browsers.end_all(user_id)
    record(UserSessionEnded(organisation_id=user.organisation_id, user_id=user_id), actor)


@transactional
def resend_invitation(user_id: UUID, actor: Actor) -> None:
    """The older link ends. Raises NotFound, NotWaiting."""
    user = _held(user_id, actor)
    if user.password_hash or not user.is_active:
        raise NotWaiting
    newcomers.invite(user, actor)


def _held(user_id: UUID, actor: Actor) -> User:
    """The user, locked; of administrators all of them, by id, so that two at once cannot each
    believe that the other stays. Raises NotFound."""
    found = sa.select(User.role, User.organisation_id).where(
        User.id == user_id, queries.VISIBLE.to(actor)
    )
    row = db.session.execute(found).one_or_none()
    if row is None:
        raise NotFound
    whom = User.id == user_id
    if may(row.role, MANAGE_ACCOUNTS):
        whom = sa.or_(whom, _keepers(row.role, row.organisation_id))
    locked = db.session.scalars(
        sa.select(User)
        .where(whom)
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return next(user for user in locked if user.id == user_id)


def _keepers(role: str, organisation_id: UUID | None) -> sa.ColumnElement[bool]:
    return sa.and_(
        User.role == role,
        User.organisation_id.is_not_distinct_from(organisation_id),
        User.is_active,
    )


def _refuse_last(user: User, actor: Actor) -> None:
    if user.id == actor.user_id:
        raise OwnAccount
    if not may(user.role, MANAGE_ACCOUNTS) or not user.is_active:
        return
    others = sa.select(User.id).where(
        _keepers(user.role, user.organisation_id), User.id != user.id
    )  # fmt: skip
    if db.session.scalar(others.limit(1)) is None:
        raise LastOne


def _change_contact(user: User, wanted: Mapping[str, str | None], actor: Actor) -> None:
    """What was proven is so no longer."""
    if not wanted:
        return
    if user.id == actor.user_id:
        raise OwnAccount(N_("Change your own address and number in your account."))
    email, phone = wanted.get("email"), wanted.get("phone")
    claims.refuse_taken(email, phone, actor, user.organisation_id, user.id)
    contact.change(user, wanted, None, actor)
    if "email" in wanted and user.is_active:
        newcomers.invite(user, actor)


def _change_role(
    user: User, role: str, organisation_id: UUID | None, actor: Actor, visits: str | None
) -> None:
    newcomers.refuse_role(role, actor)
    if not (may(user.role, CHANGE_ROLES) and may(role, CHANGE_ROLES)):
        raise Invalid.of("role", N_("Patients stay patients, and nobody becomes one."))
    _refuse_last(user, actor)
    was, before = user.role, user.organisation_id
    if not may(role, WORK_SOMEWHERE):
        _set(user, {"role": role, "organisation_id": None})
    elif not may(was, WORK_SOMEWHERE):
        _set(
            user,
            {"role": role, "organisation_id": newcomers.place_for(role, organisation_id, actor)},
        )
    else:
        _set(user, {"role": role})
    browsers.end_all(user.id)
    place = user.organisation_id or before
    changed = UserRoleChanged(
        organisation_id=place, user_id=user.id, role=str(role), was=was, visits=visits
    )
    record(changed, actor)


def _switch(user: User, is_active: bool, actor: Actor, visits: str | None = None) -> None:
    if user.is_active is is_active:
        return
    if is_active:
        _set(user, {"is_active": True})
        record(UserReactivated(organisation_id=user.organisation_id, user_id=user.id), actor)
        newcomers.invite(user, actor)
        return
    _refuse_last(user, actor)
    _set(user, {"is_active": False})
    browsers.end_all(user.id)
    keys.end_open(user.id, *Purpose)
    gone = UserDeactivated(organisation_id=user.organisation_id, user_id=user.id, visits=visits)
    record(gone, actor)


def _set(user: User, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        setattr(user, key, value)
    db.session.flush()
