"""A booking without the product: the same SQL in one transaction, sent by psycopg."""

import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from bench.load import Load
from bench.rows import made_id, plain
from bench.statements import Statement

# What a booking makes up for itself, by the names of the parameters.
MADE = ("id", "event_id", "key", "code", "record_number")
SLOT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Wish:
    doctor_id: UUID
    start: datetime


@dataclass(frozen=True, slots=True)
class Example:
    """The statements of one booking that the product made."""

    statements: Sequence[Statement]
    wish: Wish
    patient_id: UUID

    def repeat(
        self, database: str, wishes: Sequence[Wish], strangers: Iterator[int], clients: int
    ) -> Load:
        """Make one booking a wish, each for a patient who has no other, over `clients` threads."""
        made = self._made()
        source = iter([self._filled(made, wish, next(strangers)) for wish in wishes])

        def work(_: int) -> list[float]:
            latencies = []
            with psycopg.connect(plain(database)) as connection:
                for booking in source:
                    start = time.perf_counter()
                    _send(connection, booking)
                    latencies.append(time.perf_counter() - start)
            return latencies

        began = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            latencies = sorted(itertools.chain.from_iterable(pool.map(work, range(clients))))
        return Load(time.perf_counter() - began, latencies)

    def _made(self) -> set[Any]:
        return {
            row[name]
            for text, parameters in self.statements
            if text.startswith("INSERT")
            for row in _rows(parameters)
            for name in MADE
            if name in row
        }

    def _filled(self, made: set[Any], wish: Wish, stranger: int) -> list[Statement]:
        swap: dict[Any, Any] = {old: _like(old) for old in made}
        swap[self.wish.doctor_id] = wish.doctor_id
        swap[self.patient_id] = made_id("patient", stranger)
        swap[self.wish.start] = wish.start
        swap[self.wish.start + SLOT] = wish.start + SLOT
        return [(text, _swapped(parameters, swap)) for text, parameters in self.statements]


def _rows(parameters: Any) -> list[dict[str, Any]]:
    return [parameters] if isinstance(parameters, dict) else list(parameters)


def _like(old: UUID | str) -> UUID | str:
    return uuid4() if isinstance(old, UUID) else uuid4().hex[:8]


def _swapped(parameters: Any, swap: dict[Any, Any]) -> Any:
    if not isinstance(parameters, dict):
        return [_swapped(row, swap) for row in parameters]
    return {name: swap.get(value, value) for name, value in parameters.items()}


def _send(connection: psycopg.Connection, booking: Sequence[Statement]) -> None:
    with connection.cursor() as cursor:
        for text, parameters in booking:
            if isinstance(parameters, list):
                cursor.executemany(text, parameters)
            else:
                cursor.execute(text, parameters)
            if cursor.description:
                cursor.fetchall()
    connection.commit()
