"""How often a program may ask, with Redis and without it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from clinic.core.work.redis_client import connect
from clinic.factory import create_app
from tests.api.conftest import Caller
from tests.cast import PASSWORD, Cast
from tests.conftest import settings_for
from tests.servers import Redis


@pytest.fixture
def limited(
    app: Flask, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Flask]]:
    """The product with its limits on, over the database of `app`."""
    made: list[Flask] = []

    def make(redis_url: str = "") -> Flask:
        settings = settings_for(
            app.config["SETTINGS"].clinic_data_dir, redis_url=redis_url
        ).model_copy(update={"rate_limits": True})
        made.append(create_app(settings))
        return made[-1]

    yield make
    from clinic.core.data.db import db

    for one in made:
        with one.app_context():
            db.session.remove()
            db.engine.dispose()


def statuses(caller: Caller, method: str, path: str, times: int) -> list[int]:
    return [caller.ask(method, path).status_code for _ in range(times)]


def test_reads_are_limited_for_each_account(limited, cast: Cast):
    app = limited("")
    asha, bela = Caller(app, cast.asha), Caller(app, cast.bela)
    assert statuses(asha, "GET", "/auth/me", 120) == [200] * 120
    late = asha.get("/auth/me")
    assert late.status_code == 429
    assert late.mimetype == "application/problem+json"
    assert 0 < int(late.headers["Retry-After"]) <= 61
    assert bela.get("/auth/me").status_code == 200
    # Another token of the same account has no quota of its own.
    assert Caller(app, cast.asha).get("/auth/me").status_code == 429


def test_writes_are_limited_for_each_account(limited, cast: Cast):
    asha = Caller(limited(""), cast.asha)
    assert statuses(asha, "POST", "/auth/login", 31) == [400] * 30 + [429]
    assert asha.get("/auth/me").status_code == 200  # reading goes on


def test_only_failures_count_for_an_address(limited, cast: Cast):
    """A hospital is one address: what succeeds there must not stop the next."""
    nobody = Caller(limited(""), None)
    known = {"email": cast.asha.email, "password": PASSWORD}
    for number in range(20):
        assert nobody.post("/auth/login", known).status_code == 200
        new = {
            "full_name": "Nia Okoro",
            "email": f"nia{number}@example.org",
            "phone": f"+4474005550{number:02}",
            "password": "three quiet harbours",
        }
        assert nobody.post("/auth/patient/signup", new).status_code == 201
    assert statuses(nobody, "POST", "/auth/login", 31) == [400] * 30 + [429]


def test_it_still_limits_when_redis_is_away(limited, cast: Cast, redis_server: Redis):
    with Redis() as redis:
        app = limited(redis.url)
        asha = Caller(app, cast.asha)
        assert statuses(asha, "GET", "/auth/me", 5) == [200] * 5
    # Redis is gone now. A busy machine may have counted the first five in memory as well.
    answers = statuses(asha, "GET", "/auth/me", 121)
    assert 115 <= answers.index(429) <= 120
    assert set(answers) == {200, 429}


def test_two_processes_count_together_in_redis(limited, cast: Cast, redis_server: Redis):
    first, second = (Caller(limited(redis_server.url), cast.dr_dev) for _ in range(2))
    assert statuses(first, "GET", "/auth/me", 60) == [200] * 60
    assert statuses(second, "GET", "/auth/me", 61) == [200] * 60 + [429]


def evaluations(redis: Redis) -> int:
    """How many scripts Redis has run."""
    stats = connect(redis.url, 1).info("commandstats")
    return stats.get("cmdstat_evalsha", {}).get("calls", 0)


def test_all_limits_of_a_request_are_one_trip_to_redis(limited, cast: Cast, redis_server: Redis):
    app = limited(redis_server.url)
    bela, nobody = Caller(app, cast.bela), Caller(app, None)
    slots = f"/doctors/{cast.dr_chandra.doctor_id}/slots"
    bela.get("/auth/me")  # the first use brings the script to Redis
    for caller, method, path, trips in (
        (bela, "GET", "/auth/me", 1),
        (bela, "GET", slots, 1),
        (bela, "POST", "/auth/login", 1),
        (nobody, "GET", "/time/now", 1),
        (nobody, "POST", "/auth/login", 2),  # it failed, which counts
        (nobody, "OPTIONS", slots, 0),
        (nobody, "GET", "/nowhere", 0),
    ):
        before = evaluations(redis_server)
        caller.ask(method, path)
        assert evaluations(redis_server) - before == trips, (method, path)
    before = evaluations(redis_server)
    assert app.test_client().get("/").status_code == 200
    assert evaluations(redis_server) == before


def test_slots_are_counted_by_themselves(limited, cast: Cast):
    asha = Caller(limited(""), cast.asha)
    path = f"/doctors/{cast.dr_chandra.doctor_id}/slots"
    assert statuses(asha, "GET", path, 61) == [200] * 60 + [429]
    assert statuses(asha, "GET", "/auth/me", 121) == [200] * 120 + [429]


def test_two_apps_in_one_process_limit_each_for_itself(limited, app: Flask, cast: Cast):
    strict = Caller(limited(""), cast.asha)
    assert statuses(strict, "GET", "/time/now", 121) == [200] * 120 + [429]
    assert statuses(Caller(limited(""), cast.asha), "GET", "/time/now", 5) == [200] * 5
    assert statuses(Caller(app, cast.asha), "GET", "/time/now", 125) == [200] * 125
