"""One page, or one state of it, as it is looked at."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Act = Callable[[Page], object]


@dataclass(frozen=True)
class Scene:
    """`path` may name what the town knows; `act` leads from the page to the state looked at."""

    name: str
    path: str
    who: str = ""
    act: Act = lambda page: None
    status: int = 200  # of the page itself
    expects: tuple[int, ...] = ()  # failing answers beside that
    asleep: bool = False  # it is an hour since that person used the browser
