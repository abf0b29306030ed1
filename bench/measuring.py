"""The same requests over one connection and over eight, with what they cost."""

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.cost import spending
from bench.load import Load, drive, merged
from bench.process import Process
from bench.report import Row
from bench.stage import Stage

CLIENTS = 8
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    alone: Load
    together: Load
    cost: dict[str, float]  # CPU of a request, at 8 connections unless its name says 1

    @property
    def cpu_ms(self) -> float:
        """Of the servers and the database."""
        return self.cost["CPU ms, both"]

    def row(self, name: str, **more: float) -> Row:
        return Row(name, self.figures() | more)

    def figures(self) -> dict[str, float]:
        return {
            "req/s, 1": self.alone.per_second,
            "p50 ms, 1": self.alone.quantile_ms(0.5),
            "p99 ms, 1": self.alone.quantile_ms(0.99),
            "req/s, 8": self.together.per_second,
            "p50 ms, 8": self.together.quantile_ms(0.5),
            "p99 ms, 8": self.together.quantile_ms(0.99),
            **self.cost,
        }


def kept(on: Stage, web: Process, requests: Sequence[bytes], seconds: float) -> Measured:
    """The same requests again and again: whatever the product keeps, it has."""
    warm_up(web, requests)
    return again(on, web, requests, seconds)


def again(on: Stage, web: Process, requests: Sequence[bytes], seconds: float) -> Measured:
    """The same without the warming up."""
    return measured(on, web, itertools.cycle(requests), itertools.cycle(requests), seconds)


def warm_up(web: Process, requests: Sequence[bytes]) -> None:
    """Pools, plans, templates."""
    drive(web.port, requests[: 8 * CLIENTS], CLIENTS)


def keeping(
    on: Stage, web: Process, requests: Sequence[bytes], seconds: float
) -> Callable[[], Measured]:
    """A round of `kept`, after the warming up."""
    warm_up(web, requests)
    return functools.partial(again, on, web, requests, seconds / ROUNDS)


def rendering(
    on: Stage, web: Process, requests: Sequence[bytes], seconds: float
) -> Callable[[], Measured]:
    """A round in which no request comes twice: nothing kept of another one answers it."""
    size = len(requests) // (2 * ROUNDS)
    parts = iter([requests[n * size : (n + 1) * size] for n in range(2 * ROUNDS)])
    return lambda: measured(on, web, next(parts), next(parts), seconds / ROUNDS)


def measured(
    on: Stage,
    web: Process,
    alone: Iterable[bytes],
    together: Iterable[bytes],
    seconds: float = 600,
    status: int = 200,
) -> Measured:
    """Every answer must have that status."""
    with spending(on, web) as spent_alone:
        one = drive(web.port, alone, 1, seconds)
    with spending(on, web) as spent:
        many = drive(web.port, together, CLIENTS, seconds)
    for load in (one, many):
        assert set(load.statuses) == {status}, load.statuses
    cost = {"CPU ms, both, 1": spent_alone.ms(one.count)["CPU ms, both"]}
    return Measured(one, many, cost | spent.ms(many.count))


def in_turns(measure: dict[str, Callable[[], Measured]]) -> dict[str, Measured]:
    """Round by round, so that what else the machine does meets all of them alike."""
    rounds = [{name: one() for name, one in measure.items()} for _ in range(ROUNDS)]
    return {name: _merged([found[name] for found in rounds]) for name in measure}


def _merged(rounds: Sequence[Measured]) -> Measured:
    together = merged([one.together for one in rounds])
    cost = {
        name: sum(one.cost[name] * one.together.count for one in rounds) / together.count
        for name in rounds[0].cost
    }
    return Measured(merged([one.alone for one in rounds]), together, cost)


def times(base: Measured, found: Measured, name: str) -> dict[str, float]:
    """How the base compares: above 1 the product is the better one."""
    return {
        f"{name} / ours, CPU": base.cpu_ms / found.cpu_ms,
        f"ours / {name}, req/s, 8": found.together.per_second / base.together.per_second,
        f"ours / {name}, p99, 1": found.alone.quantile_ms(0.99) / base.alone.quantile_ms(0.99),
        f"ours / {name}, p99, 8": found.together.quantile_ms(0.99)
        / base.together.quantile_ms(0.99),
    }
