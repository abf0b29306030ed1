"""The parts of a run, each with the sections it fills."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from bench import (
    api,
    booking,
    counting,
    doors,
    live,
    measuring,
    messages,
    peer,
    people,
    planning,
    reading,
    stage,
    standing,
    sweeping,
    visit,
)
from bench.measuring import Measured
from bench.process import Process
from bench.report import Row, Section
from bench.rows import Size
from bench.stage import Stage

P = TypeVar("P", people.Visitor, people.Program)

SECONDS = {True: 1.5, False: 6.0}
BOOKINGS = {True: 60, False: 320}
VISITS = {True: 24, False: 96}
MESSAGES = {True: 1_000, False: 10_000}


@dataclass(frozen=True, slots=True)
class Run:
    """One size of clinic, and how thoroughly it is measured."""

    on: Stage
    app: Flask
    size: Size
    is_smallest: bool
    is_quick: bool
    has_peer: bool

    @property
    def seconds(self) -> float:
        return SECONDS[self.is_quick]

    def title(self, of: str) -> str:
        return f"{of}, {self.size.doctors:,} doctors, {self.size.visits:,} visits"


def pages(run: Run) -> Iterator[Section]:
    visitors = people.sign_in(run.app, run.on.database)
    with stage.bare("hello", run.on.log) as hello, run.on.web() as web:
        found = reading.pages(run.on, run.app, hello, web, visitors, run.size.doctors, run.seconds)
    yield Section(run.title("Pages"), found)


def apis(run: Run) -> Iterator[Section]:
    base = _hello(run)
    found = api.reads(run.on, run.app, base, run.size.doctors, run.seconds, run.has_peer)
    yield Section(run.title("API"), found)
    if run.is_smallest:
        yield Section("Parts of the API", api.costs(run.on, run.app, run.seconds))
        yield Section("Bodies", api.bodies(run.app))


def _hello(run: Run) -> Measured:
    with stage.bare("hello", run.on.log) as hello:
        return measuring.kept(run.on, hello, [stage.HELLO_REQUEST] * 64, run.seconds)


def bookings(run: Run) -> Iterator[Section]:
    if not run.is_smallest:
        return
    visitors = iter(people.sign_in(run.app, run.on.database))
    yield Section("Booking", _booked(run, visitors))
    yield Section("Races", _races(run, visitors))
    with run.on.web() as web:
        made = visit.measure(run.on, web, run.app, visitors, VISITS[run.is_quick])
    yield Section("Whole visit: search, week, confirm, done", made)
    counted = people.programs(run.app, people.COUNTED)
    trips = counting.count(run.on, run.app, visitors, counted, run.has_peer)
    yield Section("Trips to the database", trips)


def _booked(run: Run, visitors: Iterator[people.Visitor]) -> list[Row]:
    on, app, many = run.on, run.app, BOOKINGS[run.is_quick]

    def way(door: doors.Door[P], web: Process, who: Iterator[P]) -> booking.Way[P]:
        return booking.Way(door, web, booking.free_times(app, door.first_doctor), who)

    with ExitStack() as open_now:
        web = open_now.enter_context(on.web())
        several = iter(people.programs(app, people.BY_API))
        ways: dict[str, booking.Way[Any]] = {
            "ours by API": way(doors.API, web, several),
            "ours by page": way(doors.PAGE, web, visitors),
        }
        if run.has_peer:
            service = open_now.enter_context(peer.service(on))
            ways["C"] = way(doors.PEER, service, iter(people.programs(app, people.BY_PEER)))
        found = booking.in_turns(on, ways, many)
        busy = iter(people.programs(app, people.WITH_WORKER))
        with_worker = booking.with_worker(on, doors.WITH_WORKER, web, app, busy, many)
    ours = found["ours by API"]
    beside = measuring.times(found["C"], ours, "C") if run.has_peer else {}
    rows = [one.row(name) for name, one in found.items() if one is not ours]
    by_hand = booking.without_service(on, app, many)
    return [ours.row("ours by API", **beside), *rows, with_worker, by_hand]


def _races(run: Run, visitors: Iterator[people.Visitor]) -> list[Row]:
    racing = iter(people.programs(run.app, people.RACING))
    one, three = (
        booking.free_of(run.app, doctor) for doctor in (booking.ONE_PLACE, booking.THREE_PLACES)
    )
    many = booking.RACES
    with run.on.web() as web:
        rows = [
            booking.race("by API", doors.API, web, one[:many], racing, 1),
            booking.race("by page", doors.PAGE, web, one[many : 2 * many], visitors, 1),
            booking.race("3 places, by page", doors.PAGE, web, three[:many], visitors, 3),
        ]
    if run.has_peer:
        with peer.service(run.on) as service:
            wishes = one[2 * many : 3 * many]
            rows.append(booking.race("C", doors.PEER, service, wishes, racing, 1))
    return rows


def sent(run: Run) -> Iterator[Section]:
    many = MESSAGES[run.is_quick]
    if run.is_smallest:
        yield Section("Reminders", planning.measure(run.on, run.app, many))
        yield Section("Messages", messages.measure(run.on, run.app, many))
    yield Section(run.title("Sweep"), sweeping.measure(run.on, run.app))


def rings(run: Run) -> Iterator[Section]:
    if run.is_smallest:
        yield Section("Live: one ring to open pages", live.measure(run.on, run.app))


def memory(run: Run) -> Iterator[Section]:
    if run.is_smallest:
        row = standing.memory(run.on, run.app, run.seconds, run.has_peer)
        yield Section("Memory in quiet", [row])


PARTS: dict[str, Callable[[Run], Iterator[Section]]] = {
    "pages": pages,
    "api": apis,
    "booking": bookings,
    "messages": sent,
    "live": rings,
    "memory": memory,
}
"""Those that need rows; "start" needs none."""
