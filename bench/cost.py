"""Processor time of servers, database and Redis apart, while something runs.

Read from /proc for whole trees of processes, PostgreSQL's with its backends and its own helpers:
what the database does for a request counts wherever it is done. The bench's clients count nowhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.process import Process, cpu_seconds
from bench.stage import Stage


@dataclass(slots=True)
class Spent:
    """Seconds, by whom."""

    seconds: dict[str, float] = field(default_factory=dict)

    def ms(self, requests: int) -> dict[str, float]:
        """Milliseconds a request: of the servers, of the database, of both, of Redis."""
        each = {name: value * 1000 / requests for name, value in self.seconds.items()}
        return {
            "CPU ms": each["servers"],
            "CPU ms, database": each["database"],
            "CPU ms, both": each["servers"] + each["database"],
            "CPU ms, Redis": each["redis"],
        }


@contextmanager
def spending(on: Stage, *servers: Process) -> Iterator[Spent]:
    """What was spent inside the block is in the answer after it."""
    roots = {
        "servers": [server.pid for server in servers],
        "database": [on.postgres.pid],
        "redis": [on.redis.process.pid] if on.redis.process else [],
    }
    before = _read(roots)
    spent = Spent()
    yield spent
    spent.seconds = {name: value - before[name] for name, value in _read(roots).items()}


def _read(roots: dict[str, list[int]]) -> dict[str, float]:
    return {name: sum(map(cpu_seconds, pids)) for name, pids in roots.items()}
