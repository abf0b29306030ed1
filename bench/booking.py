"""Booking: many clients at once over the diaries of a few doctors, and all of them for one slot."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar
from uuid import uuid4

from flask import Flask
from werkzeug.test import Client, TestResponse

from bench import statements
from bench.by_hand import Example, Wish
from bench.load import Load, drive, request
from bench.people import Program, Visitor
from bench.report import Row
from bench.rows import LIVE_PATIENTS, made_id
from bench.stage import Process
from clinic.core import clock

P = TypeVar("P", Visitor, Program)

CLIENTS = (1, 4, 16)
WARM_UP = 32
DOCTORS = 8  # fewer than clients: some wait for a doctor's lock
RACES = 5
THREE_PLACES = 0  # the doctor whose slots hold three
FIRST_DAY, LAST_DAY = 20, 54  # beyond the visits that are there, within the horizon


@dataclass(frozen=True, slots=True)
class Door(Generic[P]):
    """A way to book, by page or by program."""

    raw: Callable[[Wish, P], bytes]
    once: Callable[[Client, Wish, P], TestResponse]
    won: int  # the status of a booking that was made
    first_doctor: int  # of those whose diaries it fills
    first_stranger: int  # of the patients for whom SQL books by hand


class Diary:
    """Free slots, doctor by doctor in turn, each given once."""

    def __init__(self, app: Flask, first: int) -> None:
        self.app = app
        self.several = itertools.chain.from_iterable(
            zip(*(self.of(number) for number in range(first, first + DOCTORS)), strict=True)
        )

    def of(self, number: int) -> list[Wish]:
        from clinic.appointments.offer import diary as offer_diary
        from clinic.appointments.offer import practice

        doctor_id = made_id("doctor", number)
        with self.app.app_context():
            found = practice.practices([doctor_id])
            today = clock.today(found[doctor_id].zone)
            first, last = (today + timedelta(days=days) for days in (FIRST_DAY, LAST_DAY))
            free = offer_diary.diaries(found, first, last)[doctor_id].free(first, last)
        return [Wish(doctor_id, slot.start) for slot in free]


def form_of(wish: Wish, visitor: Visitor) -> dict[str, str]:
    return {
        "csrf_token": visitor.csrf_token,
        "idempotency_key": uuid4().hex,
        "doctor": str(wish.doctor_id),
        "start": wish.start.isoformat(),
        "reason": "A check of something",
        "channel": "sms",
    }


def book(wish: Wish, visitor: Visitor) -> bytes:
    return request("/appointments/", visitor.cookie, form_of(wish, visitor))


def _book_once(client: Client, wish: Wish, visitor: Visitor) -> TestResponse:
    return client.post(
        "/appointments/",
        data=form_of(wish, visitor),
        headers={"Cookie": visitor.cookie},
        base_url="https://clinic.test",
    )


PAGE = Door(book, _book_once, 303, first_doctor=1, first_stranger=LIVE_PATIENTS)


def measure(web: Process, app: Flask, visitors: list[Visitor], many: int) -> list[Row]:
    """`many` bookings at each number of clients, then the races. Each patient books once."""
    diary, people = Diary(app, PAGE.first_doctor), iter(visitors)
    rows = through(PAGE, web, app, diary, people, many)
    rows.append(_race(web, diary.of(THREE_PLACES + 1)[-RACES:], people, 1))
    rows.append(_race(web, diary.of(THREE_PLACES)[-RACES:], people, 3))
    return rows


def through(
    door: Door[P], web: Process, app: Flask, diary: Diary, people: Iterator[P], many: int
) -> list[Row]:
    """A row for each number of clients, beside the same bookings by hand."""
    example = _example(app, door, next(diary.several), next(people))
    strangers = itertools.count(door.first_stranger)

    def wanted(count: int) -> list[bytes]:
        return [door.raw(next(diary.several), next(people)) for _ in range(count)]

    drive(web.port, wanted(WARM_UP), CLIENTS[-1])
    rows = []
    for clients in CLIENTS:
        requests = wanted(many)
        before = web.cpu_seconds()
        load = drive(web.port, requests, clients)
        cpu_ms = (web.cpu_seconds() - before) * 1000 / load.count
        wishes = [next(diary.several) for _ in range(many)]
        by_hand = example.repeat(app.config["SETTINGS"].database, wishes, strangers, clients)
        figures = _outcome(load, many, door.won) | _compared(cpu_ms, load, example, by_hand)
        rows.append(Row(f"{clients} at once", figures))
    return rows


def _compared(cpu_ms: float, load: Load, example: Example, by_hand: Load) -> dict[str, float]:
    return {
        "CPU ms": cpu_ms,
        "SQL statements": len(example.statements),
        "by hand /s": by_hand.per_second,
        "by hand p99 ms": by_hand.quantile_ms(0.99),
        "by hand / bookings": by_hand.per_second / load.per_second,
    }


def _example(app: Flask, door: Door[P], wish: Wish, who: P) -> Example:
    with statements.listening(app) as heard:
        answer = door.once(app.test_client(use_cookies=False), wish, who)
    assert answer.status_code == door.won, answer.text
    return Example(heard, wish, who.patient_id)


def _outcome(load: Load, places: int, status: int) -> dict[str, float]:
    won, refused = load.statuses[status], load.statuses[409]
    return {
        "bookings/s": won / load.seconds,
        "p50 ms": load.quantile_ms(0.5),
        "p99 ms": load.quantile_ms(0.99),
        "places": places,
        "won": won,
        "refused": refused,
        "errors": load.count - won - refused,
    }


def _race(web: Process, wishes: list[Wish], people: Iterator[Visitor], places: int) -> Row:
    """Slot after slot, 16 patients at the same instant for each."""
    loads = [
        drive(web.port, [book(wish, next(people)) for _ in range(CLIENTS[-1])], CLIENTS[-1])
        for wish in wishes
    ]
    together = Load(
        sum(load.seconds for load in loads),
        sorted(latency for load in loads for latency in load.latencies),
        sum((load.statuses for load in loads), Counter()),
    )
    name = f"16 for one slot{' of 3 places' if places == 3 else ''}, {RACES} times"
    return Row(name, _outcome(together, places * RACES, PAGE.won))
