"""How often a program may ask. Counted in Redis, or in this process's memory while it is away.

Flask-Limiter says what a limit is, and the `limits` below it counts. When to look is decided here:
Flask-Limiter's own hooks put the limits of each request together anew, of pages without any too.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import structlog
from flask import Flask, Response, after_this_request, current_app, request
from flask_limiter import Limiter, RouteLimit
from flask_login import current_user
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from clinic.api.frame import Resource
from clinic.core.errors import N_, TooMany
from clinic.core.web.security import client_address
from clinic.core.work import redis_client

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

READS, WRITES, SLOTS = "120 per minute", "30 per minute", "60 per minute"
READING = ["GET", "HEAD"]
WRITING = ["POST", "PUT", "PATCH", "DELETE"]

log = structlog.get_logger()


def _caller() -> str:
    """The account; for those without one, the address."""
    if _is_account():
        return f"user:{current_user.id}"
    return f"address:{client_address()}"


def _is_account() -> bool:
    return bool(current_user.is_authenticated)


def _is_address() -> bool:
    return not _is_account()


def _failed(response: Response) -> bool:
    return response.status_code >= 400


_limiter = Limiter(key_func=_caller)
_reads = _limiter.shared_limit(READS, scope="api-reads", methods=READING)
_writes = _limiter.shared_limit(
    WRITES, scope="api-writes", methods=WRITING, exempt_when=_is_address
)
# Of an address failures count alone: a hospital is one address.
_failures = _limiter.shared_limit(
    WRITES, scope="api-writes", methods=WRITING, exempt_when=_is_account, deduct_when=_failed
)
_slots = _limiter.shared_limit(SLOTS, scope="api-slots", methods=READING)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit as it was declared, read once."""

    declared: RouteLimit
    item: RateLimitItem

    def holds(self) -> bool:
        is_exempt = self.declared.exempt_when
        return not (is_exempt and is_exempt())

    def key(self) -> tuple[str, str, str]:
        return "limit", _caller(), str(self.declared.scope)


def _by_method(*declared: RouteLimit) -> dict[str, list[_Limit]]:
    found: dict[str, list[_Limit]] = {}
    for one in declared:
        limit = _Limit(one, parse(str(one.limit_provider)))
        for method in one.methods or ():
            found.setdefault(method.upper(), []).append(limit)
    return found


# At most one of them holds for a request, so all limits together are one trip to Redis.
_USUAL = _by_method(_reads, _writes, _failures)
_OF_SLOTS = _by_method(_slots)


def init_app(app: Flask) -> None:
    client = app.extensions["redis"]
    shared = RedisStorage("redis://", connection_pool=client.connection_pool) if client else None
    app.extensions["limits"] = (
        MovingWindowRateLimiter(shared) if shared else None,
        MovingWindowRateLimiter(MemoryStorage()),
    )


def guard(resource: Resource) -> None:
    """Count what is asked of this resource."""
    resource.before_request(_count)


def slots(view: Callable[P, R]) -> Callable[P, R]:
    """Count what is asked of this view by itself, not among the reads."""
    view.limits = _OF_SLOTS  # type: ignore[attr-defined]
    return view


def _count() -> None:
    """Raises TooMany."""
    if not current_app.config["SETTINGS"].rate_limits:
        return
    view = current_app.view_functions[str(request.endpoint)]
    for limit in getattr(view, "limits", _USUAL).get(request.method, ()):
        if limit.holds():
            _count_by(limit)


def _count_by(limit: _Limit) -> None:
    key, deduct_when = limit.key(), limit.declared.deduct_when
    if not deduct_when:
        if not _ask(lambda counted: counted.hit(limit.item, *key)):
            raise _refusal(limit, key)
        return
    if not _ask(lambda counted: counted.test(limit.item, *key)):
        raise _refusal(limit, key)

    @after_this_request
    def _deduct(response: Response) -> Response:
        if deduct_when(response):
            _ask(lambda counted: counted.hit(limit.item, *key))
        return response


def _refusal(limit: _Limit, key: tuple[str, str, str]) -> TooMany:
    """Only now is it asked how long: that is a second trip to Redis."""
    log.info("too_many_requests", limit=str(limit.item), scope=key[-1])
    reset_at = _ask(lambda counted: counted.get_window_stats(limit.item, *key)).reset_time
    wait_s = max(1, int(int(reset_at + 1) - time.time()) + 1)
    return TooMany(N_("You ask more often than is allowed. Wait a little."), wait_s)


def _ask(question: Callable[[MovingWindowRateLimiter], T]) -> T:
    """In Redis; in memory while there is none, or for a moment after it did not answer."""
    shared: MovingWindowRateLimiter | None
    here: MovingWindowRateLimiter
    shared, here = current_app.extensions["limits"]
    if shared is None or redis_client.client() is None:
        return question(here)
    try:
        return question(shared)
    except redis_client.Unreachable as error:
        redis_client.report_failure()
        log.warning("limits_counted_in_memory", error=type(error).__name__)
        return question(here)
