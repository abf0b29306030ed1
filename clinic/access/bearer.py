"""Whom a program's token names."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Bearer:
    """Of a token that we signed and that is not over. Whether it was ended, only its row tells."""

    family_id: UUID
    user_id: UUID
