"""Due messages: claimed, filled, handed over and marked, by real workers and by hand."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import uuid4

import psycopg
from flask import Flask
from redis import Redis
from rq import Worker

from bench import provider
from bench.provider import Provider
from bench.report import Row
from bench.rows import plain
from bench.stage import Process, Stage

WORKERS = (1, 2)
LATENCIES_S = (0.0, 0.1)  # of the provider
RATE = 80  # messages a second of one sender, as it is set unless told otherwise
LONGEST_S = 900
LOOK_EVERY_S = 0.1
WEIGH_EVERY = 5  # looks

# TWILIO_API_BASE leads elsewhere than to Twilio, which production refuses.
OTHER = {"ENVIRONMENT": "testing", "SENDER_MESSAGES_PER_SECOND": "0"}


@dataclass(frozen=True, slots=True)
class Drained:
    seconds: float  # from the first attempt's start to the last one's end
    peak_mb: float  # PSS of all workers together
    ended: int
    doubled: int  # attempts beyond the first


def measure(on: Stage, app: Flask, many: int) -> list[Row]:
    by_hand = _by_hand(on.database, 1, many // 4)
    rows = [_row("1 worker, no provider", _drain(on, app, 1, many, OTHER), many, by_hand)]
    with provider.provider(on.log) as twilio:
        rows += [
            _through(on, app, twilio, workers, many, latency_s)
            for latency_s in LATENCIES_S
            for workers in WORKERS
        ]
        rows.append(_at_the_senders_rate(on, app, twilio, many // 10))
    return rows


def _at_the_senders_rate(on: Stage, app: Flask, twilio: Provider, many: int) -> Row:
    """Two workers, one sender: how near they come to its rate, and how far beyond in any second.

    A bucket that has rested holds one second's worth more.
    """
    twilio.begin_anew(LATENCIES_S[-1])
    limited = {"SENDER_MESSAGES_PER_SECOND": str(RATE)}
    drained = _drain(on, app, 2, many, OTHER | twilio.settings() | limited)
    per_second = (drained.ended - RATE) / drained.seconds
    figures = {
        "messages/s": per_second,
        "due": many,
        "sent or delivered": drained.ended,
        "doubled": drained.doubled,
        "rate of the sender": RATE,
        "most in one second": _most_in_a_second(on.database),
    }
    return Row("2 workers, at the sender's rate", figures)


def _most_in_a_second(database: str) -> int:
    """Calls begun within any second, but for the first two, when the bucket was full."""
    with psycopg.connect(plain(database), autocommit=True) as connection:
        found = connection.execute(
            """SELECT max(beside) FROM (
                 SELECT count(*) OVER (ORDER BY started_at
                   RANGE BETWEEN CURRENT ROW AND interval '0.999 seconds' FOLLOWING) AS beside
                 FROM message_attempts WHERE started_at >
                   (SELECT min(started_at) + interval '2 seconds' FROM message_attempts)) calls"""
        ).fetchone()
    assert found
    return found[0] or 0


def _through(
    on: Stage, app: Flask, twilio: Provider, workers: int, many: int, latency_s: float
) -> Row:
    by_hand = _by_hand(on.database, workers, many // 4)
    twilio.begin_anew()
    sdk = provider.limit(twilio, workers, many // 5)
    many = many // 4 if latency_s else many
    twilio.begin_anew(latency_s)
    drained = _drain(on, app, workers, many, OTHER | twilio.settings())
    taken = twilio.counts()
    more = {
        "taken by the provider": len(taken),
        "taken twice": sum(count > 1 for count in taken.values()),
        "SDK alone /s": sdk,
        "SDK alone / messages": sdk * drained.seconds / many,
    }
    name = f"{workers} worker{'s' if workers > 1 else ''}, answers after {latency_s * 1000:.0f} ms"
    return _row(name, drained, many, by_hand, **more)


def _row(name: str, drained: Drained, many: int, by_hand: float, **more: float) -> Row:
    per_second = drained.ended / drained.seconds
    figures = {
        "messages/s": per_second,
        "due": many,
        "sent or delivered": drained.ended,
        "doubled": drained.doubled,
        "peak MB (PSS)": drained.peak_mb,
        "by hand /s": by_hand,
        "by hand / messages": by_hand / per_second,
    }
    return Row(name, figures | more)


# --- rows


def empty(database: str) -> None:
    """No message, reminder or delivery of what ran before, nor anything that points to one."""
    with psycopg.connect(plain(database), autocommit=True) as connection:
        connection.execute("TRUNCATE messages, own_reminders, reminders, event_deliveries CASCADE")


def _make_due(database: str, many: int) -> None:
    empty(database)
    with psycopg.connect(plain(database), autocommit=True) as connection:
        connection.execute(_DUE, {"many": many})
        connection.execute("VACUUM ANALYZE messages, message_attempts")
        connection.execute("CHECKPOINT")


_DUE = """
    INSERT INTO messages (id, organisation_id, direction, channel, audience, address, template,
      language, body, about_id, dedupe_key, status, due_at, expires_at, attempts, needs_attention,
      created_at)
    SELECT gen_random_uuid(), md5('organisation' || n %% 10)::uuid, 'out', 'sms', 'patient',
      '+4477' || lpad(n::text, 8, '0'), 'visit_reminder', 'en',
      'Clinic 1: see you Tue 24 Nov, 09:30, Dr Asha Rao 1. Reply C to confirm, X to cancel. '
        || '{link:visit:' || gen_random_uuid() || '}',
      gen_random_uuid(), 'reminder:' || n, 'queued', now() - n * interval '1 millisecond',
      now() + interval '3 hours', 0, false, now()
    FROM generate_series(1, %(many)s) n"""


# --- the product


def _drain(on: Stage, app: Flask, workers: int, many: int, other: dict[str, str]) -> Drained:
    _make_due(on.database, many)
    with (
        ExitStack() as open_now,
        app.app_context(),
        Redis.from_url(on.redis.url) as redis,
        psycopg.connect(plain(on.database), autocommit=True) as connection,
    ):
        redis.flushdb()  # kicks of what ran before
        processes = [open_now.enter_context(on.jobs("worker", **other)) for _ in range(workers)]
        _wait_for_workers(redis, processes)
        peak_mb = _kick_until_empty(connection, processes)
        return Drained(*_times(connection), peak_mb, *_ends(connection))


def _wait_for_workers(redis: Redis, processes: Sequence[Process]) -> None:
    began = time.monotonic()
    while Worker.count(connection=redis) < len(processes):
        if time.monotonic() - began > LONGEST_S:
            raise RuntimeError("the workers do not start")
        time.sleep(LOOK_EVERY_S)


def _kick_until_empty(connection: psycopg.Connection, processes: Sequence[Process]) -> float:
    """Kick as ticks do. Returns the most memory that the workers held at a time, in MB."""
    from clinic.core.work import queue
    from clinic.messaging.queueing.messages import DELIVER_JOB

    peak_mb, looks, began = 0.0, 0, time.monotonic()
    while connection.execute(_IS_OPEN).fetchone():
        if time.monotonic() - began > LONGEST_S:
            raise RuntimeError("the messages do not end")
        queue.kick(DELIVER_JOB)
        if looks % WEIGH_EVERY == 0:
            peak_mb = max(peak_mb, sum(process.pss_mb() for process in processes))
        looks += 1
        time.sleep(LOOK_EVERY_S)
    return peak_mb


_IS_OPEN = "SELECT 1 FROM messages WHERE status IN ('queued', 'sending') LIMIT 1"


def _times(connection: psycopg.Connection) -> tuple[float]:
    span = "SELECT extract(epoch FROM max(ended_at) - min(started_at)) FROM message_attempts"
    (seconds,) = connection.execute(span).fetchone() or (0,)
    return (float(seconds),)


def _ends(connection: psycopg.Connection) -> tuple[int, int]:
    """How many messages have left, and how many attempts were beyond the first."""
    found = connection.execute(
        """SELECT count(*) FILTER (WHERE status IN ('sent', 'delivered')),
             sum(attempts) - count(*) FILTER (WHERE attempts > 0) FROM messages"""
    ).fetchone()
    assert found
    return int(found[0]), int(found[1])


# --- by hand: what the promise costs, two commits a message, and nothing else


def _by_hand(database: str, threads: int, many: int) -> float:
    """Messages a second, claimed by 25 and marked one by one, with nobody to send them to."""
    _make_due(database, many)
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        marked = sum(pool.map(_mark_all, [database] * threads))
    assert marked == many, marked
    return many / (time.perf_counter() - began)


def _mark_all(database: str) -> int:
    marked = 0
    with psycopg.connect(plain(database), autocommit=True) as connection:
        while True:
            token = uuid4()
            claimed = connection.execute(_CLAIM, {"token": token}).fetchall()
            if not claimed:
                return marked
            for (message_id,) in claimed:
                values = {"id": message_id, "token": token, "taken": f"SM{uuid4().hex}"}
                connection.execute(_BEGIN, values)
                marked += connection.execute(_SETTLE, values).rowcount


_CLAIM = """
    UPDATE messages SET claim_token = %(token)s,
      lease_until = clock_timestamp() + interval '60 seconds'
    WHERE id IN (
      SELECT id FROM messages WHERE status = 'queued' AND due_at <= now()
        AND (lease_until IS NULL OR lease_until < clock_timestamp())
      ORDER BY due_at LIMIT 25 FOR UPDATE SKIP LOCKED)
    RETURNING id"""
_BEGIN = """
    WITH begun AS (
      UPDATE messages SET status = 'sending', attempts = 1
      WHERE id = %(id)s AND claim_token = %(token)s AND status = 'queued'
        AND lease_until > clock_timestamp() + interval '15 seconds'
      RETURNING id)
    INSERT INTO message_attempts (id, message_id, number, started_at)
    SELECT gen_random_uuid(), id, 1, now() FROM begun"""
_SETTLE = """
    WITH ended AS (
      UPDATE message_attempts SET ended_at = now(), outcome = 'sent'
      WHERE message_id = %(id)s AND number = 1)
    UPDATE messages SET status = 'sent', provider_id = %(taken)s, sender = '+447700900999',
      sent_at = now()
    WHERE id = %(id)s AND claim_token = %(token)s AND status IN ('sending', 'uncertain')"""
