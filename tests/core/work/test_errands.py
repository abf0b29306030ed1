"""What follows a commit goes to Redis together, and is no loss that hurts."""

import pytest
import redis

from clinic.core.data.db import transactional
from clinic.core.web import live
from clinic.core.work import queue, redis_client
from tests.factories import book
from tests.servers import Redis

JOB = "clinic.events.jobs.deliver_due"


@pytest.fixture
def connection(with_redis):
    yield with_redis.extensions["redis"]


def reads(connection: redis.Redis) -> int:
    """How often the server has read from a socket: once a round trip."""
    return connection.info("stats")["total_reads_processed"]


@transactional
def tell(*words: str) -> None:
    for word in words:
        live.ring(f"doctor:{word}", "board")
    queue.kick(JOB)


def test_all_that_follows_a_commit_is_one_round_trip(with_redis, connection):
    with with_redis.app_context():
        tell("a")  # this kick was the first: a job waits, and its mark stays
        before = reads(connection)
        tell("a", "b", "c", "a")
        made = reads(connection) - before
    assert made == 2  # one of them asked this very figure
    assert connection.llen("rq:queue:clinic") == 1


def test_pages_hear_each_ring_once_a_commit(with_redis, connection):
    with connection.pubsub(ignore_subscribe_messages=True) as pubsub, with_redis.app_context():
        pubsub.subscribe("live")
        pubsub.get_message(timeout=1)
        tell("a", "b", "a")
        heard = [pubsub.get_message(timeout=1) for _ in range(3)]
    assert [one["data"] for one in heard if one] == [
        b'["doctor:a", "board"]',
        b'["doctor:b", "board"]',
    ]


def test_nothing_is_told_of_a_command_that_failed(with_redis, connection):
    @transactional
    def fails() -> None:
        tell("a")
        raise LookupError

    with with_redis.app_context():
        with pytest.raises(LookupError):
            fails()
        transactional(lambda: None)()
    assert connection.llen("rq:queue:clinic") == 0


def test_a_booking_stands_while_redis_is_away(with_redis, cast, redis_server: Redis):
    redis_server.kill()
    try:
        with with_redis.app_context():
            assert book(cast.asha, cast.dr_chandra).id
            assert redis_client.client() is None  # left alone for a moment
    finally:
        redis_server.start()
