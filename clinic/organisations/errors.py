"""What can go wrong with an organisation's data and rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.core.errors import N_, Conflict, FieldError, Invalid


class NameTaken(Conflict):
    code, title = "name_taken", N_("Another organisation has this name")

    def __init__(self, words: str | None = None) -> None:
        super().__init__(words, [FieldError("name", self.code, words or self.title)])


class VisitsToCome(Conflict):
    code = "visits_to_come"
    title = N_("The time zone stays as it is while visits are booked: their times would move")


@dataclass(frozen=True, slots=True)
class FirstVisit:
    id: UUID
    starts_at: datetime
    ends_at: datetime
    doctor_id: UUID
    timezone: str  # of the place


class VisitsDepend(Conflict):
    """Nothing was changed: visits to come depend on it, and nobody said what becomes of them."""

    code, title = "visits_to_come", N_("Visits are booked")

    def __init__(self, count: int, first: FirstVisit, choices: Sequence[str]) -> None:
        words = N_(
            "Visits that depend on it: %(count)s. Say what becomes of them, with visits: one of"
            " %(choices)s."
        )
        one = FieldError("visits", "required", N_("Say what becomes of the visits."))
        super().__init__(words, [one], count=count, choices=", ".join(choices))
        self.count, self.first, self.choices = count, first, tuple(choices)

    @property
    def members(self) -> Mapping[str, object]:
        return {
            "count": self.count,
            "first": _told(self.first),
            "choices": list(self.choices),
        }


def _told(visit: FirstVisit) -> dict[str, str]:
    return {
        "id": str(visit.id),
        "start": f"{visit.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        "end": f"{visit.ends_at:%Y-%m-%dT%H:%M:%SZ}",
        "doctor_id": str(visit.doctor_id),
    }


class PlaceInUse(VisitsDepend):
    """The same of a place to close: with it end the windows of hours there, too."""

    def __init__(self, windows: int, count: int, first: FirstVisit, choices: Sequence[str]) -> None:
        words = N_(
            "Visits to come there: %(count)s, windows of hours that end: %(windows)s. Say what"
            " becomes of the visits, with visits: one of %(choices)s."
        )
        super().__init__(count, first, choices)
        self.words, self.windows = words, windows
        self.values = {**self.values, "windows": windows}

    @property
    def members(self) -> Mapping[str, object]:
        return {**super().members, "windows": self.windows}


class NotThatWay(Invalid):
    """A way to settle visits that this act does not know."""

    def __init__(self, choices: Sequence[str]) -> None:
        words = N_("Choose one of: %(options)s.")
        options = ", ".join(choices)
        wrong = FieldError("visits", "unknown_choice", words, {"options": options})
        super().__init__(words, [wrong], options=options)
