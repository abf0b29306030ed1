"""What the roles of people are called, and the browsers they use."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.access.roles import Role
from clinic.accounts.vocabulary import device_of

_ROLES = {
    Role.SUPERADMIN: _l("Superadmin"),
    Role.ADMIN: _l("Administrator"),
    Role.STAFF: _l("Front desk"),
    Role.DOCTOR: _l("Doctor"),
    Role.PATIENT: _l("Patient"),
}


def role(role: str) -> str:
    return str(_ROLES[Role(role)])


def device(agent: str | None) -> str | None:
    """`Firefox on Windows`; of a program what it calls itself; None when it says nothing."""
    found = device_of(agent)
    if found is None:
        return None
    if found.system is None:
        return found.name
    return _("%(browser)s on %(system)s", browser=found.name, system=found.system)
