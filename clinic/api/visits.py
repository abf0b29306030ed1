"""What becomes of visits to come, said with an act they depend on: in the query or the body."""

from typing import Literal

from pydantic import Field

from clinic.api.frame import In, example

Visits = Literal["keep", "cancel", "move"]
MEANING = (
    "What becomes of visits to come that depend on it: keep, cancel or move them (to colleagues of"
    " the same organisation who are free at the same time; the others stay, and wait at the desk)."
    " Without it: 409 with their `count` and the `first` of them, and nothing is changed"
)
STAYING = (
    "What becomes of the visits to come: keep or cancel them. Without it: 409 with their `count`"
    " and the `first` of them, and nothing is changed"
)


class VisitsQuery(In):
    visits: Visits | None = Field(None, description=MEANING)

    model_config = example({"visits": "move"})


class StayingQuery(In):
    visits: Visits | None = Field(None, description=STAYING)

    model_config = example({"visits": "cancel"})


def chosen(query: VisitsQuery | StayingQuery, body: In) -> str | None:
    """The body's word counts before that of the query."""
    return getattr(body, "visits", None) or query.visits
