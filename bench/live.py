"""One ring to many open pages: from its publication until each has its event."""

import selectors
import socket
import time
from dataclasses import dataclass, field

from flask import Flask

from bench import people
from bench.cost import spending
from bench.load import Load, request
from bench.process import Process
from bench.report import Row
from bench.rows import ORGANISATIONS, made_id
from bench.stage import Stage

PAGES = (20, 200)
RINGS = 12
# A worker must be able to hold them all: the system deals connections out as it likes.
ROOM = {
    "SERVER_THREADS": "256",
    "LIVE_STREAMS_PER_WORKER": "200",
    "LIVE_STREAMS_PER_SESSION": "400",  # one desk holds them all
    "LIVE_STREAMS_PER_ORGANISATION": "400",
}
SETTLE_S = 1.0
LONGEST_S = 3.0
EVENT = b"event: board\n"


@dataclass(eq=False, slots=True)
class Page:
    socket: socket.socket
    received: bytes = b""
    is_rung: bool = False


@dataclass(slots=True)
class Pages:
    """Streams of one organisation's day, read by one thread, so that its clock is the only one."""

    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    open_now: list[Page] = field(default_factory=list)
    refused: int = 0

    def open(self, port: int, path: str, cookies: list[str]) -> None:
        for cookie in cookies:
            page = Page(socket.create_connection(("127.0.0.1", port), 10))
            page.socket.sendall(request(path, cookie))
            while b"\n\n" not in page.received and b"\r\n\r\n" not in page.received:
                page.received += page.socket.recv(65536)
            if int(page.received[9:12]) != 200:
                self.refused += 1
                page.socket.close()
                continue
            page.received = b""
            self.open_now.append(page)
            self.selector.register(page.socket, selectors.EVENT_READ, page)

    def ring(self, app: Flask, topic: str) -> list[float]:
        """Seconds until each page heard of it; those that did not are not in it."""
        from clinic.core.web import live

        for page in self.open_now:
            page.is_rung = False
        self._read(0.0)  # pings
        with app.app_context():
            began = time.perf_counter()
            live.ring(topic, "board")
        latencies: list[float] = []
        while len(latencies) < len(self.open_now) and time.perf_counter() - began < LONGEST_S:
            rung = self._read(0.1)
            latencies += [time.perf_counter() - began] * rung
        return latencies

    def _read(self, timeout_s: float) -> int:
        """Read what has come. Returns how many pages were rung."""
        rung = 0
        for key, _ in self.selector.select(timeout_s):
            page: Page = key.data
            page.received += page.socket.recv(65536)
            if EVENT in page.received:
                rung += not page.is_rung
                page.is_rung = True
            page.received = page.received[-len(EVENT) :].partition(EVENT)[2]
        return rung

    def close(self) -> None:
        for page in self.open_now:
            page.socket.close()
        self.selector.close()


def measure(on: Stage, app: Flask) -> list[Row]:
    staff = people.sign_in(app, on.database, "staff", ORGANISATIONS)
    organisation = made_id("organisation", 0)
    with on.web(**ROOM) as web:
        return [_rings(on, web, app, str(organisation), staff[0].cookie, pages) for pages in PAGES]


def _rings(on: Stage, web: Process, app: Flask, organisation: str, cookie: str, many: int) -> Row:
    pages = Pages()
    try:
        pages.open(web.port, f"/live/organisation/{organisation}", [cookie] * many)
        time.sleep(SETTLE_S)
        pages.ring(app, f"organisation:{organisation}")
        with spending(on, web) as spent:
            heard: list[float] = []
            began = time.perf_counter()
            for _ in range(RINGS):
                time.sleep(SETTLE_S / 2)
                heard += pages.ring(app, f"organisation:{organisation}")
            load = Load(time.perf_counter() - began, sorted(heard))
        return _row(pages, load, spent.ms(RINGS)["CPU ms"], many)
    finally:
        pages.close()


def _row(pages: Pages, load: Load, cpu_ms: float, many: int) -> Row:
    figures = {
        "open": len(pages.open_now),
        "refused": pages.refused,
        "rings": RINGS,
        "heard": load.count,
        "lost": RINGS * len(pages.open_now) - load.count,
        "p50 ms": load.quantile_ms(0.5),
        "p99 ms": load.quantile_ms(0.99),
        "last ms": load.quantile_ms(1.0),
        "web CPU ms a ring": cpu_ms,
    }
    return Row(f"{many} pages", figures)
