"""A whole visit as a browser makes it: search, the doctor's week, confirm, and the booking."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from bench import doors
from bench.booking import Wish, free_times
from bench.cost import spending
from bench.load import Connection, Load, request
from bench.measuring import CLIENTS
from bench.people import Visitor
from bench.process import Process
from bench.report import Row
from bench.stage import Stage

LOCATION = re.compile(rb"\r\n[Ll]ocation: (?:https?://[^/]+)?([^\r]+)")
SEARCH = "/?specialisation=allergy"
WARM_UP = 24


def measure(on: Stage, web: Process, app: Flask, people: Iterator[Visitor], many: int) -> list[Row]:
    slots = free_times(app, doors.WHOLE_VISITS)

    def wanted(count: int) -> list[tuple[Wish, Visitor]]:
        return [(next(slots), next(people)) for _ in range(count)]

    _drive(web.port, wanted(WARM_UP), CLIENTS)
    rows = []
    for clients in (1, CLIENTS):
        visits = wanted(many)
        with spending(on, web) as spent:
            load = _drive(web.port, visits, clients)
        figures = {
            "visits/s": load.per_second,
            "p50 ms, all of it": load.quantile_ms(0.5),
            "p99 ms, all of it": load.quantile_ms(0.99),
            **spent.ms(load.count),
            "booked": load.statuses[200],
        }
        rows.append(Row(f"{clients} at once", figures))
    return rows


def _drive(port: int, visits: list[tuple[Wish, Visitor]], clients: int) -> Load:
    source = iter(visits)

    def work(_: int) -> list[tuple[float, int]]:
        connection, done = Connection(port), []
        for wish, visitor in source:
            began = time.perf_counter()
            status = _visit(connection, wish, visitor)
            done.append((time.perf_counter() - began, status))
        connection.close()
        return done

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        done = [one for part in pool.map(work, range(clients)) for one in part]
    seconds = time.perf_counter() - began
    return Load(seconds, sorted(s for s, _ in done), Counter(status for _, status in done))


def _visit(connection: Connection, wish: Wish, visitor: Visitor) -> int:
    """Four steps; the fourth is a POST whose redirect is followed. Returns the last status."""
    slot = f"doctor={wish.doctor_id}&start={wish.start:%Y-%m-%dT%H:%MZ}"
    week = f"/doctors/{wish.doctor_id}?week={wish.start:%G-W%V}"
    for path in (SEARCH, week, f"/appointments/new?{slot}"):
        status, body = connection.ask(request(path, visitor.cookie))
        assert status == 200, (path, status, body[-300:])
    head, body = connection.exchange(doors.by_page(wish, visitor))
    found = LOCATION.search(head)
    assert found, (head, body[-300:])
    status, _ = connection.ask(request(found[1].decode(), visitor.cookie))
    return status
