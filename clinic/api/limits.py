"""How often a program may ask. Counted in Redis, or in this process's memory while it is away."""

import time

from flask import Flask, Response
from flask_limiter import Limiter, RequestLimit
from flask_login import current_user

from clinic.api.frame import Resource
from clinic.core.errors import N_, TooMany
from clinic.core.web import problems
from clinic.core.web.security import client_address

READS, WRITES, SLOTS = "120 per minute", "30 per minute", "60 per minute"
READING = ["GET", "HEAD"]
WRITING = ["POST", "PUT", "PATCH", "DELETE"]


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


def _refuse(limit: RequestLimit) -> Response:
    """Only now is it asked how long: that is a second trip to Redis."""
    wait_s = max(1, int(limit.reset_at - time.time()) + 1)
    words = N_("You ask more often than is allowed. Wait a little.")
    return problems.answer_to(TooMany(words, wait_s))


limiter = Limiter(
    key_func=_caller, in_memory_fallback_enabled=True, key_prefix="limit", on_breach=_refuse
)
_reads = limiter.shared_limit(READS, scope="api-reads", methods=READING)
_writes = limiter.shared_limit(WRITES, scope="api-writes", methods=WRITING, exempt_when=_is_address)
# Of an address failures count alone: a hospital is one address.
_failures = limiter.shared_limit(
    WRITES, scope="api-writes", methods=WRITING, exempt_when=_is_account, deduct_when=_failed
)
slots = limiter.shared_limit(SLOTS, scope="api-slots")


def init_app(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=_storage(settings.redis_url),
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_SWALLOW_ERRORS=True,  # the fallback failed, too: serve rather than fall over
    )
    if settings.redis_url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "socket_timeout": 0.5,
            "socket_connect_timeout": 0.5,
        }
    limiter.init_app(app)


def _storage(redis_url: str) -> str:
    if not redis_url:
        return "memory://"
    return redis_url.replace("unix://", "redis+unix://", 1)


def guard(resource: Resource) -> None:
    """Count what is asked of this resource."""
    _reads(resource)
    _writes(resource)
    _failures(resource)
