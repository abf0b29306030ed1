"""The roles of people who sign in."""

from enum import StrEnum


class Role(StrEnum):
    SUPERADMIN = "superadmin"
    ADMIN = "admin"
    STAFF = "staff"
    DOCTOR = "doctor"
    PATIENT = "patient"


AT_DESK = frozenset({Role.STAFF, Role.ADMIN, Role.SUPERADMIN})
DESK = (Role.STAFF, Role.DOCTOR, Role.ADMIN)  # who sees the board and the schedules
MANAGED_BY: dict[
    str, tuple[Role, ...]
] = {  # who gives accounts to whom; an administrator only in their own organisation
    Role.SUPERADMIN: tuple(Role),
    Role.ADMIN: (Role.ADMIN, Role.STAFF, Role.DOCTOR),
}
