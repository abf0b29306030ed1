"""What a locked screen and a form of another sign-in say."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

NO_PASSWORD = _l("Enter your password")


def not_sent() -> str:
    return _("Nothing was sent")


def signed_in_as(name: str) -> str:
    return _(
        "You are signed in as %(name)s now; this page was opened before. Look at it, then send it"
        " again.",
        name=name,
    )


def open_again() -> str:
    return _(
        "This page was open for too long. Open it again and send it from there. If this comes"
        " back, let your browser keep the cookies of this site."
    )
