"""How often a program may ask. Counted in Redis, or in this process's memory while it is away."""

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_login import current_user

from clinic.api.frame import Resource

READS, WRITES, SLOTS = "120 per minute", "30 per minute", "60 per minute"
READING = ["GET", "HEAD"]
WRITING = ["POST", "PUT", "PATCH", "DELETE"]


def _caller() -> str:
    """The account; for those without one, the address."""
    if current_user.is_authenticated:
        return f"user:{current_user.id}"
    return f"address:{request.remote_addr}"


def _counts(response: Response) -> bool:
    """Of an address failures count alone: a hospital is one address."""
    return current_user.is_authenticated or response.status_code >= 400


limiter = Limiter(key_func=_caller, in_memory_fallback_enabled=True, key_prefix="limit")
_reads = limiter.shared_limit(READS, scope="api-reads", methods=READING)
_writes = limiter.shared_limit(WRITES, scope="api-writes", methods=WRITING, deduct_when=_counts)
slots = limiter.shared_limit(SLOTS, scope="api-slots")


def init_app(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=_storage(settings.redis_url),
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_HEADERS_ENABLED=True,
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
