"""Booking: one client and eight over the diaries of a few doctors, and all of them for one slot."""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from flask import Flask

from bench import by_hand, doors, measuring
from bench.by_hand import Wish
from bench.doors import Door
from bench.load import Load, drive, merged
from bench.measuring import CLIENTS, Measured
from bench.people import Program, Visitor
from bench.process import Process
from bench.report import Row
from bench.rows import LIVE_PATIENTS, made_id
from bench.stage import Stage
from clinic.core import clock

P = TypeVar("P", Visitor, Program)

WARM_UP = 32
DOCTORS = 8  # as many as clients: now and then two wait for one lock
RACES = 5
ONE_PLACE, THREE_PLACES = 98, 0  # doctors whose slots hold so many
FIRST_DAY, LAST_DAY = 20, 54  # beyond the visits that are there, within the horizon


def free_times(app: Flask, first: int) -> Iterator[Wish]:
    """Free slots of eight doctors from this one on, doctor by doctor in turn, each given once."""
    diaries = [free_of(app, number) for number in range(first, first + DOCTORS)]
    return itertools.chain.from_iterable(zip(*diaries, strict=False))


def free_of(app: Flask, number: int) -> list[Wish]:
    """Those of one doctor, as the product itself knows them now."""
    from clinic.appointments.offer import diary as offer_diary
    from clinic.appointments.offer import practice

    doctor_id = made_id("doctor", number)
    with app.app_context():
        found = practice.practices([doctor_id])
        today = clock.today(found[doctor_id].zone)
        first, last = (today + timedelta(days=days) for days in (FIRST_DAY, LAST_DAY))
        free = offer_diary.diaries(found, first, last)[doctor_id].free(first, last)
    return [Wish(doctor_id, slot.start) for slot in free]


@dataclass(frozen=True, slots=True)
class Way(Generic[P]):
    """A door, the process behind it, and who comes to it. Each patient books once."""

    door: Door[P]
    web: Process
    slots: Iterator[Wish]
    people: Iterator[P]

    def wanted(self, count: int) -> list[bytes]:
        return [self.door.raw(next(self.slots), next(self.people)) for _ in range(count)]

    def book(self, on: Stage, many: int) -> Measured:
        alone, together = self.wanted(many), self.wanted(many)
        return measuring.measured(on, self.web, alone, together, status=self.door.won)


def in_turns(on: Stage, ways: dict[str, Way[Any]], many: int) -> dict[str, Measured]:
    """`many` bookings over one connection and as many over eight, by each way, in rounds."""
    for way in ways.values():
        drive(way.web.port, way.wanted(WARM_UP), CLIENTS)
    rounds = measuring.ROUNDS
    return measuring.in_turns(
        {name: functools.partial(way.book, on, many // rounds) for name, way in ways.items()}
    )


def with_worker(
    on: Stage, door: Door[P], web: Process, app: Flask, people: Iterator[P], many: int
) -> Row:
    """The same over eight connections while the worker accepts what was booked."""
    slots = itertools.islice(free_times(app, door.first_doctor), WARM_UP + many)
    requests = [door.raw(slot, next(people)) for slot in slots]
    with on.jobs("worker"):
        drive(web.port, requests[:WARM_UP], CLIENTS)
        load = drive(web.port, requests[WARM_UP:], CLIENTS)
    figures = {
        "req/s, 8": load.per_second,
        "p50 ms, 8": load.quantile_ms(0.5),
        "p99 ms, 8": load.quantile_ms(0.99),
    }
    return Row("with the worker", figures | outcome(load, many, door.won))


def without_service(on: Stage, app: Flask, many: int) -> Row:
    """The statements of the bare service in one transaction a booking, sent by psycopg."""
    slots, strangers = free_times(app, doors.BY_HAND), itertools.count(LIVE_PATIENTS)
    loads = [
        by_hand.repeat(on.database, list(itertools.islice(slots, many)), strangers, clients)
        for clients in (1, CLIENTS)
    ]
    figures = {
        f"{name}, {clients}": value
        for clients, load in zip((1, CLIENTS), loads, strict=True)
        for name, value in (
            ("req/s", load.per_second),
            ("p50 ms", load.quantile_ms(0.5)),
            ("p99 ms", load.quantile_ms(0.99)),
        )
    }
    return Row("by hand", figures)


def outcome(load: Load, places: int, status: int) -> dict[str, float]:
    won, refused = load.statuses[status], load.statuses[409]
    return {
        "places": places,
        "won": won,
        "refused": refused,
        "errors": load.count - won - refused,
    }


def race(
    name: str, door: Door[P], web: Process, wishes: Sequence[Wish], people: Iterator[P], places: int
) -> Row:
    """Slot after slot, 8 patients at the same instant for each."""
    loads = [
        drive(web.port, [door.raw(wish, next(people)) for _ in range(CLIENTS)], CLIENTS)
        for wish in wishes
    ]
    together = merged(loads)
    figures = {"p50 ms, 8": together.quantile_ms(0.5), "p99 ms, 8": together.quantile_ms(0.99)}
    # Slot by slot: in the sum, two winners of one would make up for none of another.
    wrong = sum(load.statuses[door.won] != places for load in loads)
    figures["slots with more or fewer winners"] = wrong
    return Row(name, figures | outcome(together, places * RACES, door.won))
