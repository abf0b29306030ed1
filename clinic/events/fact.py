"""What a fact is: a frozen dataclass that its room declares, told apart in rows by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import get_annotations
from typing import Any, ClassVar, TypeVar, dataclass_transform
from uuid import UUID, uuid4

# Ids, and words of a closed list. People's names and reasons never enter the table of events.
KINDS = (UUID, str, str | None)
DECLARED: dict[str, type["Fact"]] = {}  # by name; filled while the rooms are imported


class UnknownFact(Exception):
    """A row whose name no room declares: any more, or not yet."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened. Its fields are columns of the row; what a room adds is the payload.

    `topic` is what filters may also call it: the name itself, unless it is a step of something.
    """

    name: ClassVar[str]
    topic: ClassVar[str]
    kinds: ClassVar[dict[str, Any]]  # the payload's keys

    organisation_id: UUID | None
    id: UUID = field(default_factory=uuid4)

    def payload(self) -> dict[str, str | None]:
        """What the row keeps of it."""
        return {key: _plain(getattr(self, key)) for key in self.kinds}


def _plain(value: UUID | str | None) -> str | None:
    return str(value) if isinstance(value, UUID) else value


AFact = TypeVar("AFact", bound=Fact)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def fact(name: str, topic: str | None = None) -> Callable[[type[AFact]], type[AFact]]:
    """Declare a class of facts. Raises ValueError for a name that is taken, TypeError for a field
    that is no id and no word.
    """

    def declare(plain: type[AFact]) -> type[AFact]:
        declared = dataclass(frozen=True, kw_only=True)(plain)
        declared.name, declared.topic, declared.kinds = name, topic or name, _kinds(declared)
        if name in DECLARED:
            raise ValueError(f"{name} is declared twice")
        DECLARED[name] = declared
        return declared

    return declare


def _kinds(declared: type[Fact]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in reversed(declared.__mro__):
        if issubclass(one, Fact) and one is not Fact:
            found |= get_annotations(one)
    wrong = [key for key, kind in found.items() if kind not in KINDS]
    if wrong:
        raise TypeError(f"{declared.__name__} may carry ids and words only, not {wrong}")
    return found


def restored(
    name: str, event_id: UUID, organisation_id: UUID | None, payload: Mapping[str, Any]
) -> Fact:
    """The fact of a row, whichever release wrote it. Raises UnknownFact.

    Keys that are no longer declared are left out; those that came later need a default.
    """
    declared = DECLARED.get(name)
    if declared is None:
        raise UnknownFact(name)
    values: dict[str, Any] = {
        key: UUID(payload[key]) if kind is UUID else payload[key]
        for key, kind in declared.kinds.items()
        if key in payload
    }
    return declared(**{"id": event_id, "organisation_id": organisation_id} | values)
