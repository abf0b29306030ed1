"""K4, K5: each kind of process gives a sign of life of its own, and operators see it."""

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.work import heartbeat
from clinic.core.work.heartbeat import (
    GONE_AFTER,
    NOBODY_FOR,
    REMEMBERED,
    WEB,
    WORKER,
    Life,
    Process,
)
from clinic.core.work.ticking import TickScheduler
from tests.conftest import Stage

EVERYBODY = {"database": True, "redis": True, "workers": True, "scheduler": True}


def figures(app):
    """By name, as Prometheus reads them."""
    lines = app.test_client().get("/metrics").text.splitlines()
    return {
        name: float(value)
        for name, value in (one.rsplit(" ", 1) for one in lines if " " in one and one[0] != "#")
    }


def checks(app):
    answer = app.test_client().get("/ready")
    assert answer.status_code == (200 if all(answer.json["checks"].values()) else 503)
    return answer.json["checks"]


@transactional
def pass_by(time):
    """As if the last signs had been given so long ago."""
    for life in db.session.scalars(sa.select(Process)).all():
        life.beat_at -= time


def seen(app, kind=WORKER):
    """In a context of its own, as a request has it."""
    with app.app_context():
        return heartbeat.signs()[kind]


@pytest.fixture
def turning(with_redis, connection):
    """A scheduler, and no worker that has taken a tick yet."""
    scheduler = TickScheduler(with_redis.config["TICKS"], connection)
    scheduler.heartbeat()
    return scheduler


def test_workers_are_counted_by_their_own_signs(both: Stage):
    with both.app.app_context():
        lives = [Life(both.app, WORKER), Life(both.app, WORKER), Life(both.app, WEB)]
        assert [life.beat() for life in lives] == [True, True, True]
        assert [life.beat() for life in lives] == [False, False, False]  # not yet again
        assert (seen(both.app).alive, seen(both.app, WEB).alive) == (2, 1)
        assert 0 <= seen(both.app).age_s < 10
        pass_by(GONE_AFTER)
        assert seen(both.app).alive == 0
        Life(both.app, WORKER).beat()
        assert seen(both.app).alive == 1


def test_who_was_told_to_stop_is_not_counted_and_no_alarm(both: Stage):
    """A restart takes a few seconds."""
    with both.app.app_context():
        life = Life(both.app, WORKER)
        life.beat()
        life.end()
        assert seen(both.app).alive == 0
        assert heartbeat.somebody_works(seen(both.app))
        pass_by(NOBODY_FOR)
        assert not heartbeat.somebody_works(seen(both.app))


def test_rows_of_those_who_are_gone_do_not_pile_up(both: Stage):
    """A worker that its supervisor starts anew every two seconds, for days."""
    with both.app.app_context():
        for _ in range(5):
            Life(both.app, WORKER).beat()
        Life(both.app, WEB).beat()
        pass_by(REMEMBERED)
        Life(both.app, WORKER).beat()
        kinds = db.session.scalars(sa.select(Process.kind).order_by(Process.kind)).all()
        assert kinds == [WEB, WORKER]


def test_a_sign_that_cannot_be_written_stops_nobody(without_database):
    life = Life(without_database, WORKER)
    assert life.beat()
    assert not life.beat()  # nor does it ask again at once
    life.end()


def test_ready_tells_dead_workers_from_a_dead_scheduler(with_redis, turning, connection):
    Life(with_redis, WORKER).beat()
    assert checks(with_redis) == EVERYBODY | {"scheduler": False}  # no tick has arrived
    with with_redis.app_context():
        heartbeat.beat(heartbeat.SCHEDULER)
        assert checks(with_redis) == EVERYBODY
        pass_by(NOBODY_FOR)
        arrived = db.session.get(heartbeat.Heartbeat, heartbeat.SCHEDULER)
        transactional(
            lambda: setattr(
                db.session.merge(arrived), "beat_at", clock.now() - heartbeat.LATE_AFTER
            )
        )()
    assert checks(with_redis) == EVERYBODY | {"workers": False}
    connection.delete("scheduler:turning")
    assert checks(with_redis) == EVERYBODY | {"workers": False, "scheduler": False}


def test_figures_are_right_after_redis_lost_everything(with_redis, turning, connection):
    for _ in range(2):
        Life(with_redis, WORKER).beat()
    connection.flushall()
    found = figures(with_redis)
    assert (found["queue_workers"], found["web_workers"]) == (2, 0)
    assert found["worker_heartbeat_age_seconds"] < 10
    assert "scheduler_turn_age_seconds" not in found
    turning.heartbeat()  # five seconds later at most
    assert figures(with_redis)["scheduler_turn_age_seconds"] < 10


def test_a_web_alone_is_ready_unless_workers_elsewhere_were_seen(with_redis):
    settings = with_redis.config["SETTINGS"]
    with_redis.config["SETTINGS"] = settings.model_copy(update={"enable_background_workers": False})
    assert checks(with_redis) == {"database": True, "redis": True}
    Life(with_redis, WORKER).beat()
    with with_redis.app_context():
        pass_by(NOBODY_FOR)
    assert checks(with_redis) == EVERYBODY | {"workers": False, "scheduler": False}
