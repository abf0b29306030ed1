"""Booking: many clients at once over the diaries of a few doctors, and all of them for one slot."""

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from flask import Flask

from bench import statements
from bench.by_hand import Example, Wish
from bench.load import Load, drive, request
from bench.people import Visitor
from bench.report import Row
from bench.rows import LIVE_PATIENTS, made_id
from bench.stage import Process
from clinic.core import clock

CLIENTS = (1, 4, 16)
DOCTORS = 8  # fewer than clients: some wait for a doctor's lock
RACES = 5
THREE_PLACES = 0  # the doctor whose slots hold three
FIRST_DAY, LAST_DAY = 20, 54  # beyond the visits that are there, within the horizon


class Diary:
    """Free slots, doctor by doctor in turn, each given once."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.several = itertools.chain.from_iterable(
            zip(*(self.of(number) for number in range(1, DOCTORS + 1)), strict=True)
        )

    def of(self, number: int) -> list[Wish]:
        from clinic.appointments import queries

        doctor_id = made_id("doctor", number)
        with self.app.app_context():
            found = queries.practices([doctor_id])
            today = clock.today(found[doctor_id].zone)
            first, last = (today + timedelta(days=days) for days in (FIRST_DAY, LAST_DAY))
            free = queries.diaries(found, first, last)[doctor_id].free(first, last)
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


def measure(web: Process, app: Flask, visitors: list[Visitor], many: int) -> list[Row]:
    """`many` bookings at each number of clients, then the races. Each patient books once."""
    diary, people = Diary(app), iter(visitors)
    example = _example(app, next(diary.several), next(people))
    drive(web.port, [book(next(diary.several), next(people)) for _ in range(32)], 16)  # warm up
    strangers = itertools.count(LIVE_PATIENTS)
    rows = []
    for clients in CLIENTS:
        wanted = [book(next(diary.several), next(people)) for _ in range(many)]
        before = web.cpu_seconds()
        load = drive(web.port, wanted, clients)
        cpu_ms = (web.cpu_seconds() - before) * 1000 / load.count
        wishes = [next(diary.several) for _ in range(many)]
        by_hand = example.repeat(app.config["SETTINGS"].database, wishes, strangers, clients)
        rows.append(_row(f"{clients} at once", load, many, cpu_ms, example, by_hand))
    rows.append(_race(web, diary.of(THREE_PLACES + 1)[-RACES:], people, 1))
    rows.append(_race(web, diary.of(THREE_PLACES)[-RACES:], people, 3))
    return rows


def _row(name: str, load: Load, places: int, cpu_ms: float, example: Example, by_hand: Load) -> Row:
    figures = _outcome(load, places) | {
        "CPU ms": cpu_ms,
        "SQL statements": len(example.statements),
        "by hand /s": by_hand.per_second,
        "by hand p99 ms": by_hand.quantile_ms(0.99),
        "by hand / bookings": by_hand.per_second / load.per_second,
    }
    return Row(name, figures)


def _example(app: Flask, wish: Wish, visitor: Visitor) -> Example:
    with statements.listening(app) as heard:
        answer = app.test_client(use_cookies=False).post(
            "/appointments/",
            data=form_of(wish, visitor),
            headers={"Cookie": visitor.cookie},
            base_url="https://clinic.test",
        )
    assert answer.status_code == 303, answer.text
    return Example(heard, wish, visitor.patient_id)


def _outcome(load: Load, places: int) -> dict[str, float]:
    won, refused = load.statuses[303], load.statuses[409]
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
    return Row(name, _outcome(together, places * RACES))
