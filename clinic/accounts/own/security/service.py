"""Sign out other browsers and programs of one's own; renew the codes of a second factor, and go
without it."""

from uuid import UUID

from clinic.access.actor import Actor
from clinic.accounts.errors import NotOn
from clinic.accounts.facts import UserSessionEnded
from clinic.accounts.own import queries
from clinic.accounts.proof import two_factor
from clinic.accounts.sessions import browsers
from clinic.accounts.signin import service as signin
from clinic.core.data.db import transactional
from clinic.core.errors import NotFound
from clinic.events.service import record


@transactional
def end_own(user_id: UUID, key: UUID, actor: Actor) -> None:
    """Sign out one browser or program of the person's own. Raises NotFound."""
    if not browsers.end_one(user_id, key):
        raise NotFound
    record(UserSessionEnded(organisation_id=actor.organisation_id, user_id=user_id), actor)


@transactional
def end_others(user_id: UUID, session_id: UUID, actor: Actor) -> None:
    """Sign out every browser and program but this one."""
    browsers.end_all(user_id, but=session_id)
    record(UserSessionEnded(organisation_id=actor.organisation_id, user_id=user_id), actor)


def renew_recovery_codes(user_id: UUID, code: str, address: str, actor: Actor) -> list[str]:
    """Ask for the password first. Raises NotOn, WrongOtp or TooMany.

    Whoever has one of them can take the lock off, so they are not made for less than that takes.
    """
    if not queries.account_of(user_id).two_factor:
        raise NotOn
    signin.confirm_code(user_id, actor.organisation_id, code, address)
    return two_factor.renew_codes(user_id, actor)


def switch_off_two_factor(user_id: UUID, code: str, address: str, actor: Actor) -> None:
    """Ask for the password first. Harmless when off. Raises WrongOtp, TooMany or Required.

    A stolen session and a password must not be enough to take the lock off: that is what it is for.
    """
    if not two_factor.may_switch_off(user_id):
        return
    signin.confirm_code(user_id, actor.organisation_id, code, address)
    two_factor.switch_off(user_id, actor)
