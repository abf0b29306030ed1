"""A small site behind the product's worker, with short deadlines. `gunicorn tests...small:app`."""

import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from clinic.core.errors import ClinicError
from clinic.core.serving import arrivals, patience, worker

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

arrivals.HEAD_WITHIN_S = 1.0
arrivals.BODY_WITHIN_S = 1.5
patience.PATIENCE_S = 1.5
patience.FOR_A_PLACE_S = 0.1
patience._places = threading.BoundedSemaphore(2)
worker.LINGER_S = 1.0
worker.LOOK_EVERY_S = 0.1


def app(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    try:
        size = len(environ["wsgi.input"].read()) if path == "/body" else 0
    except ClinicError as error:
        start(f"{error.status} No", [("Content-Length", "0")])
        return []
    if path == "/stream":
        start("200 OK", [("Content-Type", "text/event-stream")])
        return _pings()
    body = b"x" * 10_000_000 if path == "/large" else str(size).encode()
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _pings() -> Iterator[bytes]:
    for _ in range(40):
        yield b": ping\n\n"
        time.sleep(0.1)
