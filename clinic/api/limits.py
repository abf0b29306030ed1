"""How often a program may ask. Counted in Redis, or in this process's memory while it is away."""

import time
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_login import current_user
from limits.storage import RedisStorage

from clinic.api.frame import Resource

READS, WRITES, SLOTS = "120 per minute", "30 per minute", "60 per minute"
READING = ["GET", "HEAD"]
WRITING = ["POST", "PUT", "PATCH", "DELETE"]
ONCE = "once+"  # before Redis' own scheme: the storage below

# The library's two scripts as one: count, and tell how much is counted now.
COUNT_AND_TELL = f"""
local function count(KEYS, ARGV)
{RedisStorage.SCRIPT_ACQUIRE_MOVING_WINDOW.decode()}
end
local function tell(KEYS, ARGV)
{RedisStorage.SCRIPT_MOVING_WINDOW.decode()}
end
return {{count(KEYS, ARGV), tell(KEYS, {{ARGV[1] - ARGV[3], ARGV[2]}}) or false}}
""".encode()


class AskOnce(RedisStorage):
    """The headers of an answer tell what the count of its request has told: one trip, not two."""

    STORAGE_SCHEME = [f"{ONCE}{scheme}" for scheme in ("redis", "rediss", "redis+unix")]

    def __init__(self, uri: str, **options: Any) -> None:
        super().__init__(uri.removeprefix(ONCE), **options)
        self.count_and_tell = self.get_connection().register_script(COUNT_AND_TELL)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = time.time()
        counted, window = self.count_and_tell(
            [self.prefixed_key(key)], [now, limit, expiry, amount]
        )
        _told()[key] = (float(window[0]), window[1]) if window else (now, 0)
        return bool(counted)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        return _told().pop(key, None) or super().get_moving_window(key, limit, expiry)


def _told() -> dict[str, tuple[float, int]]:
    """By key: since when the window runs, and how many it holds."""
    if "limits_told" not in g:
        g.limits_told = {}
    found: dict[str, tuple[float, int]] = g.limits_told
    return found


def _caller() -> str:
    """The account; for those without one, the address."""
    if _is_account():
        return f"user:{current_user.id}"
    return f"address:{request.remote_addr}"


def _is_account() -> bool:
    return bool(current_user.is_authenticated)


def _is_address() -> bool:
    return not _is_account()


def _failed(response: Response) -> bool:
    return response.status_code >= 400


limiter = Limiter(key_func=_caller, in_memory_fallback_enabled=True, key_prefix="limit")
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
    return ONCE + redis_url.replace("unix://", "redis+unix://", 1)


def guard(resource: Resource) -> None:
    """Count what is asked of this resource."""
    _reads(resource)
    _writes(resource)
    _failures(resource)
