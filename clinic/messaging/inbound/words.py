"""What is texted back without asking any room above."""

from flask_babel import gettext as _


def how_to_answer() -> str:
    return _("Reply C to confirm or X to cancel your next visit. STOP ends these texts.")


def texts_again() -> str:
    return _("You will get our texts again. Reply STOP to end them.")
