"""What is said to who looks after the accounts of others."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

ANY_ORGANISATION = _l("Any organisation")
ACCOUNT_READY = _l("The account is ready.")
SAVED = _l("Saved.")
DEACTIVATED = _l("Deactivated: they cannot log in any more.")
REACTIVATED = _l("They can log in again.")
INVITED_AGAIN = _l("A new invitation is on its way.")
LOGGED_OUT = _l("They are logged out everywhere.")


def invited(email: str) -> str:
    return _("The invitation is on its way to %(email)s.", email=email)
