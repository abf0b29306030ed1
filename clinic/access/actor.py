"""Who does it."""

from dataclasses import dataclass
from uuid import UUID

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: passed to every command and written into every event."""

    role: str
    user_id: UUID | None = None
    organisation_id: UUID | None = None
    doctor_id: UUID | None = None
    patient_id: UUID | None = None
    via: str | None = None  # "reply", "link": how, where it is not a signed-in page


THE_SYSTEM = Actor(role=SYSTEM)
