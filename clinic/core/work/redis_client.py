"""One Redis client a process. Redis is disposable: whoever calls must live without it."""

import time

import redis
from flask import Flask, current_app

from clinic.core.work.connection import connect

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
