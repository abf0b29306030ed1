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


def patient(url: str, timeout_s: float | None = None) -> redis.Redis:
    """A connection of somebody who has nothing else to do. Without an address it exits.

    It waits `timeout_s` for an answer. A server that is switched off never gives one, nor an end.
    """
    connection = connect(url, timeout_s)
    if connection is None:
        raise SystemExit("REDIS_URL is not set: the worker and the scheduler need it")
    return connection
