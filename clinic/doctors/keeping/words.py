"""What is said about a doctor's profile."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.doctors.vocabulary import SPECIALISATIONS

FIRST_SAVED = _l("The profile is saved. Now say when patients can come.")
SAVED = _l("The profile is saved.")


def specialties() -> list[tuple[str, str]]:
    """Slugs and titles, by title."""
    found = [(slug, _(title)) for slug, title in SPECIALISATIONS.items()]
    return sorted(found, key=lambda one: one[1].casefold())
