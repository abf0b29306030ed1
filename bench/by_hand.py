"""A booking without a service: the bare service's SQL in one transaction, sent by psycopg."""

import itertools
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from bench.load import Load
from bench.peers import queries
from bench.rows import ZONE, made_id, plain

SLOT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Wish:
    doctor_id: UUID
    start: datetime


def repeat(database: str, wishes: Sequence[Wish], strangers: Iterator[int], clients: int) -> Load:
    """Make one booking a wish, each for a patient who has no other, over `clients` threads."""
    source = iter([(wish, made_id("patient", next(strangers))) for wish in wishes])

    def work(_: int) -> list[float]:
        latencies = []
        with psycopg.connect(plain(database), row_factory=dict_row) as connection:
            for wish, patient_id in source:
                start = time.perf_counter()
                _book(connection, wish, patient_id)
                latencies.append(time.perf_counter() - start)
        return latencies

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        latencies = sorted(itertools.chain.from_iterable(pool.map(work, range(clients))))
    return Load(time.perf_counter() - began, latencies)


def _book(connection: psycopg.Connection[dict[str, Any]], wish: Wish, patient_id: UUID) -> None:
    local = wish.start.astimezone(ZoneInfo(ZONE))
    with psycopg.RawCursor(connection) as cursor:

        def ask(statement: str, *values: Any) -> list[dict[str, Any]]:
            return cursor.execute(statement, values).fetchall()

        cursor.execute("SELECT $1::uuid", [patient_id])  # who asks
        (doctor,) = ask(queries.LOCKED_DOCTOR, wish.doctor_id)
        windows = ask(queries.WINDOWS, wish.doctor_id, local.date(), local.weekday())
        around = (wish.start - timedelta(hours=12), wish.start + timedelta(hours=12))
        ask(queries.TIME_OFF, wish.doctor_id, *around)
        ask(queries.VISITS, wish.doctor_id, *around)
        ask(queries.IS_BUSY, patient_id, wish.start, wish.start + SLOT)
        window = next(one for one in windows if one["start_time"] <= local.time() < one["end_time"])
        _insert(cursor, doctor, window, wish, patient_id)
    connection.commit()


def _insert(cursor: Any, doctor: Any, window: Any, wish: Wish, patient_id: UUID) -> None:
    visit_id, event_id, now = uuid4(), uuid4(), datetime.now(UTC)
    cursor.execute(
        queries.INSERT_VISIT,
        [
            *(visit_id, doctor["organisation_id"], wish.doctor_id, patient_id, window["id"]),
            *(window["location_id"], wish.start, wish.start + SLOT, 1, "A check of something"),
            *(secrets.token_hex(4), None, now),
        ],
    )
    about = [event_id, now, doctor["organisation_id"], None, "patient", "{}"]
    cursor.execute(queries.INSERT_EVENT, about)
    cursor.execute(queries.INSERT_DELIVERY, [uuid4(), event_id, now])
