"""One Redis client a process. Redis is disposable: whoever calls must live without it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import redis
import structlog
from flask import Flask, current_app

from clinic.core.data.db import after_commit, following
from clinic.core.work.connection import connect

log = structlog.get_logger()

SOCKET_TIMEOUT_S = 0.5
REST_AFTER_FAILURE_S = 2.0
Unreachable = redis.RedisError


class _Breaker:
    """After a failure, stay away for a moment: a dead Redis must not slow every request."""

    def __init__(self) -> None:
        self.closed_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self.closed_until

    def trip(self) -> None:
        self.closed_until = time.monotonic() + REST_AFTER_FAILURE_S


def init_app(app: Flask) -> None:
    app.extensions["redis"] = connect(app.config["SETTINGS"].redis_url, SOCKET_TIMEOUT_S)
    app.extensions["redis_breaker"] = _Breaker()


def client() -> redis.Redis | None:
    """The shared client, or None while Redis is not set or not reachable."""
    if current_app.extensions["redis_breaker"].is_open():
        return None
    return current_app.extensions["redis"]


def report_failure() -> None:
    current_app.extensions["redis_breaker"].trip()


def answers() -> bool:
    """Ask Redis now, whatever happened before."""
    found = current_app.extensions["redis"]
    if found is None:
        return False
    try:
        return bool(found.ping())
    except Unreachable:
        return False


@dataclass(frozen=True, slots=True)
class Errand:
    """A command that `put` gives to a pipeline; `lost` is what the log says if it gets nowhere."""

    put: Callable[[Any], object]
    lost: str
    about: dict[str, str] = field(default_factory=dict)
    answered: Callable[[redis.Redis, Any], None] | None = None  # what follows from the answer


class _Errands:
    """All errands of a commit, by key."""

    def __init__(self) -> None:
        self.waiting: dict[str, Errand] = {}

    def __call__(self) -> None:
        _send(list(self.waiting.values()))


def _send(undone: list[Errand]) -> None:
    """In one round trip, and another where something follows from an answer."""
    connection = client()
    if connection is None:
        return
    try:
        with connection.pipeline(transaction=False) as pipe:
            for errand in undone:
                errand.put(pipe)
            answers = pipe.execute()
        for answer in answers:
            if undone[0].answered:
                undone[0].answered(connection, answer)
            undone.pop(0)
    except redis.RedisError as error:
        report_failure()
        for errand in undone:
            log.warning(errand.lost, **errand.about, error=type(error).__name__)


def send_after_commit(key: str, errand: Errand) -> None:
    """With all that follows the outermost commit, once per key; not at all after a rollback."""
    known = following("redis")
    errands = known if isinstance(known, _Errands) else _Errands()
    errands.waiting[key] = errand
    after_commit("redis", errands)
