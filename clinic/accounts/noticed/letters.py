"""What the owner of an account hears of it by e-mail: if it was not them, they must know.

Run with the fact itself, so that none is told and not done, or done and not told.
"""

from clinic.accounts.facts import (
    UserFact,
    UserNewDevice,
    UserRecoveryCodesRenewed,
    UserRecoveryCodeUsed,
    UserTwoFactorDisabled,
    UserTwoFactorEnabled,
)
from clinic.accounts.models import User
from clinic.core.data.db import db
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.organisations.site import queries as sites

TEMPLATES: dict[type[UserFact], str] = {
    UserTwoFactorEnabled: "two_factor_on",
    UserTwoFactorDisabled: "two_factor_off",
    UserRecoveryCodesRenewed: "recovery_codes_renewed",
    UserRecoveryCodeUsed: "recovery_code_used",
    UserNewDevice: "new_device",
}
FOR_PROVEN = (UserNewDevice,)  # anybody who signed up with an address could cause these


def on_account_changed(fact: UserFact) -> None:
    """NOW. No name stands in it: whoever signed up may have entered anything."""
    user = db.session.get_one(User, fact.user_id)
    if isinstance(fact, FOR_PROVEN) and user.email_verified_at is None:
        return
    if not user.email:  # somebody else proved it
        return
    letter = NewMessage(
        organisation_id=None,
        channel="email",
        address=user.email,
        template=TEMPLATES[type(fact)],
        values={"organisation": sites.for_person(user.id).name},
        language=user.language,
        about_id=user.id,
        is_known=user.email_verified_at is not None,
    )
    queue_messages([letter])
