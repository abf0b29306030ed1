"""The SQL behind a page: listened to once, then sent again by psycopg alone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from bench.cost import spending
from bench.load import Load
from bench.rows import plain
from bench.stage import Stage

Statement = tuple[str, Any]


@contextmanager
def listening(app: Flask) -> Iterator[list[Statement]]:
    """Collect what the app sends to the database inside the block."""
    from clinic.core.data.db import db

    heard: list[Statement] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


def of_page(app: Flask, path: str, cookie: str = "") -> list[Statement]:
    """The statements of one request, after another one has filled the caches."""
    return of_request(app, path, {"Cookie": cookie} if cookie else {})[0]


def of_request(
    app: Flask, path: str, headers: dict[str, str]
) -> tuple[list[Statement], TestResponse]:
    client = app.test_client(use_cookies=False)
    for _ in range(2):
        with listening(app) as heard:
            answer = client.get(path, headers=headers, base_url="https://clinic.test")
    assert answer.status_code == 200, answer.status
    return heard, answer


def replay(on: Stage, pages: list[list[Statement]], seconds: float) -> tuple[Load, float]:
    """Send the statements of page after page, each page in a transaction, and fetch all rows.

    Returns the CPU of a page, too, in ms: the client's and the database's.
    """
    latencies = []
    with psycopg.connect(plain(on.database)) as connection, connection.cursor() as cursor:
        send = _sender(connection, cursor)
        for page in pages:  # so that psycopg prepares what the product's connections have prepared
            send(page)
        began, own = time.perf_counter(), time.thread_time()
        with spending(on) as spent:
            while time.perf_counter() - began < seconds:
                for page in pages:
                    start = time.perf_counter()
                    send(page)
                    latencies.append(time.perf_counter() - start)
        own_ms = (time.thread_time() - own) * 1000 / len(latencies)
        cpu_ms = own_ms + spent.ms(len(latencies))["CPU ms, database"]
        return Load(time.perf_counter() - began, sorted(latencies)), cpu_ms


def _sender(connection: psycopg.Connection, cursor: psycopg.Cursor) -> Callable[..., None]:
    def send(page: list[Statement]) -> None:
        for statement, parameters in page:
            cursor.execute(statement, parameters).fetchall()
        connection.rollback()

    return send
