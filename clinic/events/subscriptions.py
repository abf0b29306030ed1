"""Who hears of a fact: the tables of the switchboard, and the names that stand in rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinic.core import running
from clinic.events.fact import DECLARED, Fact

# They take the facts they are subscribed to, as a test compares: NOW one, LATER all that wait.
NowHandler = Callable[[Any], None]
Handler = Callable[[Sequence[Any]], None]


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """NOW and LATER by the class of the fact, LATER and the aliases by the handlers' names."""

    now: dict[type[Fact], list[NowHandler]]
    later: dict[type[Fact], dict[str, Handler]]
    aliases: dict[str, Handler]

    @classmethod
    def of(
        cls,
        now: Mapping[type[Fact], list[NowHandler]],
        later: Mapping[type[Fact], list[Handler]],
        aliases: Mapping[str, Handler],
    ) -> "Subscriptions":
        by_name = {
            kind: {handler_name(one): one for one in handlers} for kind, handlers in later.items()
        }
        return cls(dict(now), by_name, dict(aliases))

    def named(self, name: str, kind: type[Fact]) -> Handler | None:
        """Whom a row means by this name, today's or an earlier one."""
        return self.later.get(kind, {}).get(name) or self.aliases.get(name)

    def pairs(self) -> set[tuple[str, str]]:
        """Every fact and handler that a row may name together."""
        subscribed = {(kind.name, name) for kind, known in self.later.items() for name in known}
        return subscribed | {(fact, name) for fact in DECLARED for name in self.aliases}


def subscriptions() -> Subscriptions:
    """Those of the running app."""
    found: Subscriptions = running.registered("subscriptions")
    return found


def handler_name(handler: Handler | NowHandler) -> str:
    """`appointments.on_created`: stable in rows even when a file moves inside its room."""
    return f"{handler.__module__.split('.')[1]}.{handler.__name__}"
