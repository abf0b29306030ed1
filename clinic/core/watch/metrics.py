"""Prometheus: counted in every process, gathered from all of them on /metrics."""

import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterable

from flask import Flask, Response, g
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client import REGISTRY as THIS_PROCESS
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from clinic.core import running
from clinic.core.watch import figures
from clinic.core.watch.logging import method_word, route_template

figures.lie_here()

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "path", "status"])
DURATION = Histogram("http_request_duration_seconds", "Time to the answer", ["method", "path"])
STREAMS = Gauge("live_streams_open", "Open pages that listen", multiprocess_mode="livesum")
REFUSED = Counter("sign_in_failures_total", "Passwords and codes that were refused", ["kind"])
CLIENTS_CUT = Counter("clients_cut_total", "Slow clients given up on", ["awaited"])
BOOKINGS_REFUSED = Counter(
    "unproven_bookings_refused_total", "Bookings of unproven accounts beyond a bound", ["bound"]
)

TRIES = 3  # to read the figures of processes that come and go
Gauges = Callable[[], dict[str, float]]


def init_app(app: Flask) -> None:
    app.after_request(_count)


def _count(response: Response) -> Response:
    # No label is taken from the request as it came: each word would be a series for ever.
    path, method = route_template(), method_word()
    _answered(method, path, response.status_code).inc()
    if response.mimetype != "text/event-stream":
        _took(method, path).observe(time.perf_counter() - g.began)
    return response


def sign_in_refused(kind: str) -> None:
    """`kind`: a word of ours, never one that was sent."""
    REFUSED.labels(kind).inc()


@functools.cache  # as many as the figures themselves; finding one is half of what counting costs
def _answered(method: str, path: str, status: int) -> Counter:
    return REQUESTS.labels(method, path, status)


@functools.cache
def _took(method: str, path: str) -> Histogram:
    return DURATION.labels(method, path)


class _FromDatabase(Collector):
    """What rooms know of their rows, read afresh at each scrape."""

    def collect(self) -> Iterable[Metric]:
        gauges: tuple[Gauges, ...] = running.registered("gauges")
        for read in gauges:
            for name, value in read().items():
                yield GaugeMetricFamily(name, name.replace("_", " "), value=value)


def scrape() -> tuple[bytes, str]:
    """All processes' figures and their content type."""
    body = _of_all() or generate_latest(THIS_PROCESS)
    rows = CollectorRegistry()
    rows.register(_FromDatabase())
    return body + generate_latest(rows), CONTENT_TYPE_LATEST


def _of_all() -> bytes:
    """Nothing where they are not shared, or cannot be read: those of this process are left."""
    folder = os.environ.get(figures.FOLDER, "")
    for _ in range(TRIES if os.path.isdir(folder) else 0):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        with contextlib.suppress(*figures.UNREADABLE):  # one of them ended just now
            return generate_latest(registry)
    return b""
