"""How often, as people choose it, and the rule that says so: pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

ONCE, DAILY, WEEKDAYS, WEEKLY, MONTHLY, KEPT = (
    "once", "day", "weekdays", "week", "month", "kept"
)  # fmt: skip
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EVERY_MONTH = "FREQ=MONTHLY"
_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Chosen:
    """`days` of WEEKLY, Monday 0. KEPT stands for a rule that a program wrote."""

    again: str
    days: tuple[int, ...] = ()
    until: date | None = None


def rule_of(chosen: Chosen, first: date) -> str | None:
    """None for what comes once. On the 31st is on the last of a shorter month."""
    if chosen.again == ONCE:
        return None
    rules = {
        DAILY: "FREQ=DAILY",
        WEEKDAYS: f"FREQ=WEEKLY;BYDAY={','.join(DAYS[:5])}",
        WEEKLY: _weekly(chosen.days, first),
        MONTHLY: _monthly(first.day),
    }
    until = f";UNTIL={chosen.until:%Y%m%d}" if chosen.until else ""
    return rules[chosen.again] + until


def _weekly(days: Collection[int], first: date) -> str:
    return "FREQ=WEEKLY;BYDAY=" + ",".join(DAYS[day] for day in sorted(days or {first.weekday()}))


def _monthly(day: int) -> str:
    if day <= _SHORTEST_MONTH:
        return _EVERY_MONTH
    days = ",".join(str(one) for one in range(_SHORTEST_MONTH, day + 1))
    return f"{_EVERY_MONTH};BYMONTHDAY={days};BYSETPOS=-1"


def chosen_of(rule: str | None, first: date) -> Chosen:
    """What somebody chose, of a rule that was made here."""
    if rule is None:
        return Chosen(ONCE)
    bare, _, end = rule.partition(";UNTIL=")
    until = _day(end) if end else None
    for again in (DAILY, WEEKDAYS, MONTHLY):
        if rule_of(Chosen(again), first) == bare and (until or not end):
            return Chosen(again, until=until)
    beginning = "FREQ=WEEKLY;BYDAY="
    days = bare.removeprefix(beginning).split(",")
    if bare.startswith(beginning) and set(days) <= set(DAYS) and (until or not end):
        return Chosen(WEEKLY, tuple(sorted(DAYS.index(day) for day in days)), until)
    return Chosen(KEPT)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day of the wall
    except ValueError:
        return None
