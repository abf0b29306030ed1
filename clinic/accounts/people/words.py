"""What is said to who looks after the accounts of others."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.accounts.people.queries import Filter
from clinic.doctors.vocabulary import SPECIALISATIONS

NOT_KNOWN = _l("Not known yet")
ANY_ORGANISATION = _l("Any organisation")
ACCOUNT_READY = _l("The account is ready.")
SAVED = _l("Saved.")
DEACTIVATED = _l("Deactivated: they cannot log in any more.")
REACTIVATED = _l("They can log in again.")
INVITED_AGAIN = _l("A new invitation is on its way.")
LOGGED_OUT = _l("They are logged out everywhere.")


def specialties() -> list[tuple[str, str]]:
    """Slugs and titles, by title."""
    found = [(slug, _(title)) for slug, title in SPECIALISATIONS.items()]
    return sorted(found, key=lambda one: one[1].casefold())


def invited(email: str) -> str:
    return _("The invitation is on its way to %(email)s.", email=email)


def filters(asked: Filter, roles: Mapping[str, str], organisations: Mapping[str, str]) -> str:
    """What the list was narrowed to: `"rao", Doctor, Deactivated`."""
    state = {None: "", True: _("Active"), False: _("Deactivated")}[asked.is_active]
    place = organisations.get(str(asked.organisation_id), "") if asked.organisation_id else ""
    named = [
        f'"{asked.q}"' if asked.q else "",
        str(roles.get(asked.role, "")) if asked.role else "",
        state,
        str(place),
    ]
    return ", ".join(one for one in named if one)
