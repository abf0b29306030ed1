"""What is said to a person who changed their own account."""

from flask_babel import lazy_gettext as _l

from clinic.accounts.own.queries import Me
from clinic.core import clock, saying

PROFILE_SAVED = _l("Your profile is saved.")
NO_PHOTO = _l("Choose a photo")
PHOTO_SAVED = _l("Your photo is saved.")
PHOTO_REMOVED = _l("Your photo is removed.")
TEXTS_AGAIN = _l("Texts come to your number again.")
SENT_AGAIN = _l("A new code is on its way. Those of before no longer work.")
CONFIRMED = {  # by the kind of contact
    "email": _l("Your email address is confirmed."),
    "phone": _l("Your number is confirmed."),
}


def waits_until(me: Me) -> str | None:
    """Until when links go to the address before, in the account's zone."""
    moment = me.email_waits_until
    return saying.moment(moment, clock.zone(me.timezone)) if moment else None
