"""How often each kind of request goes to the database: a short run of its own, none of it timed."""

import itertools
from collections.abc import Iterator, Sequence
from typing import TypeVar

from flask import Flask

from bench import doors, peer, reading, trips
from bench.api import API, slots_path
from bench.booking import free_times
from bench.doors import Door
from bench.load import api_request, request
from bench.people import Program, Visitor
from bench.process import Process
from bench.report import Row
from bench.stage import Stage

P = TypeVar("P", Visitor, Program)
REQUESTS = trips.WARM_UP + 20


def count(
    on: Stage,
    app: Flask,
    visitors: Iterator[Visitor],
    programs: Sequence[Program],
    has_peer: bool,
) -> list[Row]:
    several, cookie = iter(programs), next(visitors).cookie
    ask = programs[0].bearer
    paths = [slots_path(number) for number in range(1, REQUESTS + 1)]
    weeks = [request(path, cookie) for path in reading.week_paths(REQUESTS + 1)]
    others = [request(path, cookie) for path in reading.week_paths(50, 2)[-REQUESTS:]]
    searches = [request(path, cookie) for path in reading.search_paths()[:8]]
    ours = {
        "Slots": ([api_request(path, ask) for path in paths], 200),
        "Week, kept": (weeks[:1] * REQUESTS, 200),
        "Week, rendered": (weeks + others, 200),
        "Search, kept": (searches[:1] * REQUESTS, 200),
        "Booking by page": _bookings(app, doors.TRIPS_OF_PAGE, visitors),
        "Booking by API": _bookings(app, doors.TRIPS_OF_API, several),
    }
    bare = [api_request(path.removeprefix(API), ask) for path in paths]
    theirs = {
        "C: slots": (bare, 200),
        "C: booking": _bookings(app, doors.TRIPS_OF_PEER, several),
    }
    with trips.relayed(on.database) as (relay, database), trips.logged(on.postgres, on.database):
        with on.web(DATABASE_URL=database) as web:
            rows = _rows(on, relay, web, ours)
        if has_peer:
            with peer.service(on, database) as service:
                rows += _rows(on, relay, service, theirs)
    return rows


def _bookings(app: Flask, door: Door[P], people: Iterator[P]) -> tuple[list[bytes], int]:
    slots = itertools.islice(free_times(app, door.first_doctor), REQUESTS)
    return [door.raw(slot, next(people)) for slot in slots], door.won


def _rows(
    on: Stage, relay: trips.Relay, web: Process, asked: dict[str, tuple[list[bytes], int]]
) -> list[Row]:
    return [
        Row(name, trips.count(on.postgres, relay, web, requests, expected).figures())
        for name, (requests, expected) in asked.items()
    ]
