"""What people change about themselves without being asked for their password again."""

from collections.abc import Mapping
from uuid import UUID

from clinic.access.actor import Actor
from clinic.accounts.errors import WrongDetails
from clinic.accounts.facts import UserUpdated
from clinic.accounts.models import User
from clinic.accounts.proof import checks
from clinic.core.data.db import db, transactional
from clinic.core.errors import N_
from clinic.core.text import clean_line
from clinic.events.service import record

LONGEST_NAME = 120  # characters


@transactional
def update_own(user_id: UUID, changes: Mapping[str, str | None], actor: Actor) -> None:
    """`changes`: full_name, language (a key of core.languages), timezone (IANA).

    Without a zone the organisation's counts. A key that is missing leaves things as they are.
    Raises WrongDetails.
    """
    wanted = {key: _checked(key, value) for key, value in changes.items()}
    user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if all(getattr(user, key) == value for key, value in wanted.items()):
        return
    for key, value in wanted.items():
        setattr(user, key, value)
    db.session.flush()
    record(UserUpdated(organisation_id=user.organisation_id, user_id=user_id), actor)


def _checked(key: str, value: str | None) -> str | None:
    if key == "full_name":
        return _name(value)
    if key == "language":
        return checks.checked_language(value)
    if key == "timezone":
        return _zone(value)
    raise WrongDetails(key, N_("This cannot be changed here."))


def _name(value: str | None) -> str:
    try:
        name = clean_line(value or "")
    except ValueError:
        name = ""
    if not 1 <= len(name) <= LONGEST_NAME:
        words = N_("Enter a name of 1 to %(most)s characters.")
        raise WrongDetails("full_name", words, most=LONGEST_NAME)
    return name


def _zone(value: str | None) -> str | None:
    checks.check_zone(value or None)
    return value or None
