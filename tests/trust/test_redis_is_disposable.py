"""P18: Redis may be emptied or killed at any time; nothing is lost and nobody is signed out."""

import pytest
import redis
from flask.testing import FlaskClient

from clinic.core.data.db import db
from tests.conftest import client_of
from tests.trust.workshop import Clinic, balance, broken, due, sized, tell, until, waiting

pytestmark = pytest.mark.trust


def ticks(clinic: Clinic) -> int:
    """How many jobs the scheduler has in Redis; 0 while there is no Redis."""
    try:
        with redis.Redis.from_url(clinic.redis.url) as connection:
            return connection.zcard("rq:scheduler:scheduled_jobs")
    except redis.RedisError:
        return 0


def flush(clinic: Clinic, front_desk: FlaskClient) -> None:
    with redis.Redis.from_url(clinic.redis.url) as connection:
        connection.flushall()


def kill_and_start(clinic: Clinic, front_desk: FlaskClient) -> None:
    clinic.redis.kill()
    assert ticks(clinic) == 0
    assert front_desk.get("/messages/").status_code == 200
    clinic.redis.start()


@pytest.mark.parametrize("loss", [flush, kill_and_start], ids=["FLUSHALL", "kill -9"])
def test_p18_what_redis_held_comes_back_by_itself(clinic: Clinic, loss):
    """Nobody kicks here: the ticks alone must find what is due."""
    everyone = len(clinic.app.config["TICKS"])
    front_desk = client_of(clinic.app, clinic.stage.cast.esha)
    clinic.twilio.control(latency=0.02)
    first = due(sized(200, 40))
    parts = [clinic.start("scheduler"), clinic.start("worker")]
    taken = sum_of(clinic)
    until("texts leave", lambda: taken() > 0, 60, pause=0.02)
    db.session.remove()
    loss(clinic, front_desk)
    assert front_desk.get("/messages/").status_code == 200
    second = due(sized(200, 10))
    back = until("the ticks are back", lambda: ticks(clinic) == everyone, 90)
    delivered = until("all has left", lambda: waiting() == 0, 120)
    assert front_desk.get("/messages/").status_code == 200
    assert all(part.process.poll() is None for part in parts)
    found = balance(first + second, clinic.twilio.counts())
    assert (found.doubled, found.lost, found.uncertain) == (0, 0, 0)
    assert broken() == {}
    tell(f"P18 {loss.__name__}", ticks_back_after=f"{back:.1f} s",
         all_delivered_after=f"{back + delivered:.1f} s", doubled=0, lost=0)  # fmt: skip


def sum_of(clinic: Clinic):
    return lambda: sum(clinic.twilio.counts().values())


@pytest.mark.parametrize("part", ["worker", "scheduler"])
def test_what_is_told_to_stop_while_redis_is_gone_stops(clinic: Clinic, part: str):
    """As where both end with one launcher: nothing may outlive it and wait for ever."""
    started = clinic.start(part)
    if part == "worker":
        until("the worker is there", lambda: clinic.has_workers(1))
    else:
        until("the ticks are there", lambda: ticks(clinic) > 0)
    clinic.redis.kill()
    try:
        started.process.terminate()
        until("it ended", lambda: started.process.poll() is not None, 20)
    finally:
        clinic.redis.start()
