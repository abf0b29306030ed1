"""Which events a webhook may be told of, by their names, by topics, and by wildcards."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from clinic.core.errors import N_
from clinic.events.fact import DECLARED
from clinic.hooks.errors import NotAWebhook

EVERYTHING = "*"
MOST_TYPES = 100
TEST = "webhook.test"  # of no row: asked for by a person
# Of accounts only what another program keeps up with: log-ins and tries of them stay here.
_OF_ACCOUNTS = frozenset(
    {
        "user.created",
        "user.updated",
        "user.role_changed",
        "user.deactivated",
        "user.reactivated",
    }
)


def names() -> list[str]:
    """All that are offered, in order."""
    return sorted(name for name in DECLARED if _is_offered(name))


def _is_offered(name: str) -> bool:
    return name in _OF_ACCOUNTS or not name.startswith("user.")


def groups() -> dict[str, list[str]]:
    """By what they are of: appointment, patient ..."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names():
        found[name.partition(".")[0]].append(name)
    return dict(found)


def topics(chosen: Iterable[str]) -> list[str]:
    """Of these events, those topics that are no event's name."""
    found = list(chosen)
    return sorted({DECLARED[name].topic for name in found} - set(found))


@lru_cache(maxsize=1)
def known() -> dict[str, frozenset[str]]:
    """Every word that may be chosen, and the names it stands for."""
    words: dict[str, set[str]] = {EVERYTHING: set(names())}
    for name in names():
        for word in (name, DECLARED[name].topic, f"{name.partition('.')[0]}.*"):
            words.setdefault(word, set()).add(name)
    # A topic may be the name of an event too: that one goes with its later steps.
    return {word: frozenset(meant) for word, meant in words.items()}


def meant_by(types: Iterable[str]) -> set[str]:
    """What no release knows any more stands for nothing."""
    return set().union(*(known().get(word, frozenset()) for word in types))


def checked(types: Iterable[str]) -> list[str]:
    """In order, each once. Raises NotAWebhook."""
    chosen = sorted(set(types))
    if not chosen:
        raise NotAWebhook.of("types", N_("Choose at least one event."), "required")
    if len(chosen) > MOST_TYPES or not known().keys() >= set(chosen):
        words = N_("Choose among the events that docs/webhooks.md lists, such as appointment.*")
        raise NotAWebhook.of("types", words, "unknown_type")
    return chosen
