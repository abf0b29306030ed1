"""How a connection to Redis is made, with or without an app around it."""

import redis

CONNECT_TIMEOUT_S = 0.5


def connect(url: str, timeout_s: float | None) -> redis.Redis | None:
    """None without an address: then nothing is queued or rung, and ticks and polls do the work."""
    if not url:
        return None
    return redis.Redis.from_url(
        url, socket_timeout=timeout_s, socket_connect_timeout=CONNECT_TIMEOUT_S
    )


def patient(url: str) -> redis.Redis:
    """A connection that waits for an answer as long as it takes. Without an address it exits."""
    connection = connect(url, timeout_s=None)
    if connection is None:
        raise SystemExit("REDIS_URL is not set: the worker and the scheduler need it")
    return connection
