"""What happens to accounts."""

from dataclasses import dataclass
from uuid import UUID

from clinic.events.fact import Fact, fact


@dataclass(frozen=True, kw_only=True)
class UserFact(Fact):
    user_id: UUID


@fact("user.created")
class UserCreated(UserFact):
    role: str


@fact("user.invited")
class UserInvited(UserFact):
    key_id: UUID


@fact("user.logged_in")
class UserLoggedIn(UserFact):
    pass


@fact("user.logged_out")
class UserLoggedOut(UserFact):
    pass


@fact("user.updated")
class UserUpdated(UserFact):
    pass


@fact("user.role_changed")
class UserRoleChanged(UserFact):
    role: str
    was: str
    visits: str | None = None  # what becomes of a doctor's visits to come: keep, cancel, move


@fact("user.deactivated")
class UserDeactivated(UserFact):
    visits: str | None = None  # as of another role


@fact("user.reactivated")
class UserReactivated(UserFact):
    pass


@fact("user.password_changed")
class UserPasswordChanged(UserFact):
    pass


@fact("user.password_reset")
class UserPasswordReset(UserFact):
    pass


@fact("user.contact_verified")
class UserContactVerified(UserFact):
    kind: str  # email or phone


@fact("user.contact_changed")
class UserContactChanged(UserFact):
    kind: str  # email or phone


@fact("user.address_lost")
class UserAddressLost(UserFact):
    """Somebody else proved an address that this account only claimed."""

    kind: str  # email or phone


@fact("user.ended")
class UserEnded(UserFact):
    """An account that had proven nothing, once somebody else had proven its e-mail address."""


@fact("user.reclaimed")
class UserReclaimed(UserFact):
    """The owner of the mailbox came by a link into an account that had proven nothing.

    What was set up before is gone; visits of before are not theirs.
    """


@fact("user.two_factor_enabled")
class UserTwoFactorEnabled(UserFact):
    pass


@fact("user.two_factor_disabled")
class UserTwoFactorDisabled(UserFact):
    pass


@fact("user.recovery_code_used")
class UserRecoveryCodeUsed(UserFact):
    pass


@fact("user.recovery_codes_renewed")
class UserRecoveryCodesRenewed(UserFact):
    pass


@fact("user.new_device")
class UserNewDevice(UserFact):
    """Somebody signed in with a browser or program that the account was not used by before."""


@dataclass(frozen=True, kw_only=True)
class RefusedFact(Fact):
    """A few of many; see noticed/refusals.py."""

    user_id: str | None  # None: the account that was tried is nobody's
    place: str  # a keyed hash of the network it came from
    kind: str  # password, code (of an app, or for recovery), email or phone


@fact("user.login_refused")
class UserLoginRefused(RefusedFact):
    pass


@fact("user.code_refused")
class UserCodeRefused(RefusedFact):
    pass


@fact("user.locked_out")
class UserLockedOut(RefusedFact):
    pass


@fact("user.session_ended")
class UserSessionEnded(UserFact):
    pass


@fact("user.token_reused")
class UserTokenReused(UserFact):
    """A refresh token came a second time: somebody else may have it."""
