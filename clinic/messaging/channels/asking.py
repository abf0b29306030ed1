"""Questions to the provider, as long as there is time for them and it answers."""

import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from clinic.config import Settings
from clinic.messaging.channels.account import CannotAsk

LONGEST_S = 30  # for all questions of one proof
NO_TIME = "no_time"
P = ParamSpec("P")
T = TypeVar("T")


class Asker:
    """Once nobody answers, nobody is asked again: each silence costs a time-out."""

    def __init__(self, settings: Settings, longest_s: float = LONGEST_S) -> None:
        self.settings = settings
        self._until = time.monotonic() + longest_s
        self._silence: CannotAsk | None = None

    def __call__(
        self,
        question: Callable[Concatenate[Settings, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Raises CannotAsk."""
        if self._silence:
            raise self._silence
        if time.monotonic() > self._until:
            raise CannotAsk(NO_TIME)
        try:
            return question(self.settings, *args, **kwargs)
        except CannotAsk as error:
            self._silence = error if error.is_silence else None
            raise
