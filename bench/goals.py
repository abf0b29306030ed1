"""What the product should reach, and how far this run was from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.report import Row, Section


class Figures:
    """All that a run measured, by section, row and figure."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self.sections = sections

    def of(self, title: str, row: str, figure: str, last: bool = False) -> float:
        """From the first section whose title begins so, or the last one. Raises KeyError."""
        found = [one for one in self.sections if one.title.startswith(title)]
        if not found:
            raise KeyError(title)
        rows = {one.name: one.figures for one in found[-1 if last else 0].rows}
        return rows[row][figure]

    def grown(self, title: str, row: str, figure: str) -> float:
        """The figure of ten times as many doctors, in terms of the smaller size's."""
        return self.of(title, row, figure, last=True) / self.of(title, row, figure)


@dataclass(frozen=True, slots=True)
class Goal:
    name: str
    measure: Callable[[Figures], float]
    at_most: float | None = None
    at_least: float | None = None

    def figures(self, found: Figures) -> dict[str, float] | None:
        """None if this run did not measure it."""
        try:
            measured = self.measure(found)
        except (KeyError, ZeroDivisionError):
            return None
        if self.at_most is not None:
            is_met, missed = measured <= self.at_most, measured / (self.at_most or 1)
            goal = self.at_most
        else:
            goal = self.at_least or 0
            is_met, missed = measured >= goal, goal / measured if measured else 0
        return {
            "measured": measured,
            "goal": goal,
            "met": float(is_met),
            "missed, times": 0.0 if is_met else missed,
        }


def judged(sections: Sequence[Section]) -> Section:
    """A row a goal. What this run did not measure is not in it."""
    found = Figures(sections)
    rows = [(goal.name, goal.figures(found)) for goal in GOALS]
    return Section("Goals", [Row(name, figures) for name, figures in rows if figures])


def lines(section: Section) -> list[str]:
    """For people: one line a goal."""
    table = [("Goal", "measured", "wanted", "")]
    kinds = {goal.name: "<=" if goal.at_most is not None else ">=" for goal in GOALS}
    for row in section.rows:
        one = row.figures
        verdict = "met" if one["met"] else f"missed, {one['missed, times']:.2f} times"
        wanted = f"{kinds[row.name]} {_number(one['goal'])}"
        table.append((row.name, _number(one["measured"]), wanted, verdict))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rule = tuple("-" * width for width in widths)
    return [_line(cells, widths) for cells in (table[0], rule, *table[1:])]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)) + " |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _at(title: str, row: str, figure: str) -> Callable[[Figures], float]:
    return lambda found: found.of(title, row, figure)


def _grown(title: str, row: str, figure: str) -> Callable[[Figures], float]:
    return lambda found: found.grown(title, row, figure)


def _page_by_api(found: Figures) -> float:
    page = found.of("Booking", "ours by page", "CPU ms, both")
    return page / found.of("Booking", "ours by API", "CPU ms, both")


def _ten_thousand_s(found: Figures) -> float:
    return 10_000 / found.of("Messages", NO_PROVIDER, "messages/s")


BOTH = "CPU ms, both"
WRONG = "slots with more or fewer winners"
NO_PROVIDER = "1 worker, no provider"
SLOW_PROVIDER = "1 worker, answers after 100 ms"
LIMITED = "2 workers, at the sender's rate"
GOALS = (
    Goal("slots: C / ours, CPU", _at("API,", "Slots", "C / ours, CPU"), at_least=1.7),
    Goal("slots: p99 at 1, ours / C", _at("API,", "Slots", "ours / C, p99, 1"), at_most=1.2),
    Goal("slots: statements", _at("Trips", "Slots", "statements, by its log"), at_most=1),
    Goal("slots: CPU, ten times the rows", _grown("API,", "Slots", BOTH), at_most=1.1),
    Goal("week: CPU, ten times the rows", _grown("Pages", "Week, rendered", BOTH), at_most=1.1),
    Goal("search kept: CPU, page / its SQL", _at("Pages", "Search, kept", "page / its SQL, CPU"),
         at_most=2),
    Goal("search: CPU, ten times the rows", _grown("Pages", "Search, kept", BOTH), at_most=1.1),
    Goal("booking: C / ours, CPU", _at("Booking", "ours by API", "C / ours, CPU"), at_least=0.8),
    Goal("booking: p99 at 8, ours / C", _at("Booking", "ours by API", "ours / C, p99, 8"),
         at_most=1.5),
    Goal("booking: trips", _at("Trips", "Booking by API", "trips to the database"), at_most=3),
    Goal("booking: page / API, CPU", _page_by_api, at_most=1.4),
    Goal("8 for one slot: not one winner", _at("Races", "by API", WRONG), at_most=0),
    Goal("8 for one slot by page: the same", _at("Races", "by page", WRONG), at_most=0),
    Goal("8 for one slot: errors", _at("Races", "by API", "errors"), at_most=0),
    Goal("texts, answers after 100 ms, /s", _at("Messages", SLOW_PROVIDER, "messages/s"),
         at_least=200),
    Goal("10,000 texts without a provider, s", _ten_thousand_s, at_most=3),
    Goal("texts doubled", _at("Messages", NO_PROVIDER, "doubled"), at_most=0),
    Goal("texts in a second, of 80 allowed", _at("Messages", LIMITED, "most in one second"),
         at_most=80),
    Goal("bookings planned, /s", _at("Reminders", "bookings planned", "done/s"), at_least=1_500),
    Goal("due plans queued, rows/s", _at("Reminders", "due plans queued", "rows/s"),
         at_least=8_000),
    Goal("sweep of 1,000 overdue, ms", _at("Sweep", "1,000 overdue", "ms"), at_most=200),
    Goal("one ring, 200 pages: p99 ms", _at("Live", "200 pages", "p99 ms"), at_most=120),
    Goal("one ring, 200 pages: open", _at("Live", "200 pages", "open"), at_least=200),
    Goal("web after load, MB", _at("Memory", "MB (PSS)", "web, 2 workers"), at_most=170),
    Goal("worker with a job, MB", _at("Memory", "MB (PSS)", "worker, with a job"), at_most=110),
    Goal("scheduler, MB", _at("Memory", "MB (PSS)", "scheduler"), at_most=50),
    Goal("first start, s", _at("Start", "first", "first page after s"), at_most=10),
    Goal("second start, s", _at("Start", "second", "first page after s"), at_most=4),
)  # fmt: skip
