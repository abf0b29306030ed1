"""What people change about themselves: words, and an address whose code they enter."""

from collections.abc import Mapping
from uuid import UUID

from clinic.access.actor import Actor
from clinic.accounts.addresses import contact
from clinic.accounts.facts import UserUpdated
from clinic.accounts.models import User
from clinic.accounts.noticed import refusals
from clinic.accounts.noticed.refusals import Whose
from clinic.accounts.proof import checks
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_, Conflict
from clinic.events.service import record
from clinic.messaging.queueing import refusals as texts


@transactional
def update_own(user_id: UUID, changes: Mapping[str, str | None], actor: Actor) -> None:
    """`changes`: full_name, language (a key of core.languages), timezone (IANA).

    Without a zone the organisation's counts. A key that is missing leaves things as they are.
    Raises Invalid.
    """
    user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    same = {key for key in checks.KINDS if key in changes and changes[key] == getattr(user, key)}
    # What stays was taken by the rules of its time.
    read = {key: checks.checked(key, changes[key]) for key in changes if key not in same}
    wanted = {key: value for key, value in read.items() if getattr(user, key) != value}
    if not wanted:
        return
    for key, value in wanted.items():
        setattr(user, key, value)
    db.session.flush()
    record(UserUpdated(organisation_id=user.organisation_id, user_id=user_id), actor)


@transactional
def allow_texts(user_id: UUID) -> bool:
    """Texts may go to the account's own number again, as after START. Returns whether they did not.

    Raises Conflict for a number that nobody has proven: it may be somebody else's.
    """
    user = db.session.get_one(User, user_id)
    if user.phone is None or user.phone_verified_at is None:
        raise Conflict(N_("Confirm your number first. Then you can allow texts again."))
    return texts.end_refusal(user.phone, how="account", by=user_id)


def prove(user_id: UUID, kind: str, code: str, address: str, actor: Actor) -> str:
    """Take the address the code was sent to. Raises WrongCode, TooMany, AlreadyInUse."""
    with refusals.noticed(kind, str(user_id), address, Whose(user_id, actor.organisation_id)):
        return contact.prove(user_id, kind, code, actor)
