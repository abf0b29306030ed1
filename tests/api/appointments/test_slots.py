"""Slots are read by one statement, which says who asks as well; nothing else is different by it."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.accounts.models import TokenFamily, User
from clinic.accounts.people import users
from clinic.accounts.recovery import service as recovery
from clinic.accounts.sessions import browsers
from clinic.accounts.signin import service
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.factory import create_app
from tests.api.conftest import Caller
from tests.cast import NOW, PASSWORD, TODAY, Cast
from tests.conftest import settings_for
from tests.factories import set_rules
from tests.questions import asked
from tests.stages import PostgresStage, Stage

DAY = f"?date={TODAY}"


def path(cast: Cast, query: str = DAY) -> str:
    return f"/doctors/{cast.dr_chandra.doctor_id}/slots{query}"


def first_slot(caller: Caller, cast: Cast) -> int:
    """What the nine o'clock slot has for the caller: with long notice, only the desk's is free."""
    answer = caller.get(path(cast))
    assert answer.status_code == 200
    return answer.json["slots"][0]["available"]


def reads(heard: list[str]) -> list[str]:
    return [one for one in heard if "SELECT" in one and "UPDATE" not in one]


@pytest.mark.parametrize("name", [None, "asha", "dr_dev", "esha", "farid", "gita"])
@pytest.mark.parametrize("query", ["", DAY, "?from=2026-11-16&to=2026-11-30"])
def test_it_is_one_statement_whoever_asks(both: Stage, name, query):
    cast = both.cast
    caller = Caller(both.app, cast.people[name] if name else None)
    with both.app.app_context(), asked() as heard:
        assert caller.get(path(cast, query)).status_code == 200
    assert len(reads(heard)) == len(heard) - heard.count("BEGIN") == 1


def test_the_server_counts_one_trip(postgres_stage: PostgresStage, tmp_path):
    """As the driver's own record of what it sends has it: all between two syncs is one trip."""
    postgres_stage.put_back()
    asha, nobody = (Caller(postgres_stage.app, who) for who in (postgres_stage.cast.asha, None))
    for caller in (asha, nobody):
        for _ in range(3):
            assert caller.get(path(postgres_stage.cast)).status_code == 200
        assert trips(postgres_stage, tmp_path, caller) == 1


def trips(stage: PostgresStage, folder: Any, caller: Caller) -> int:
    record = folder / "trace"
    traced: list[psycopg.Connection[Any]] = []

    def trace(connection: psycopg.Connection[Any], *_: Any) -> None:
        if connection not in traced:
            traced.append(connection)
            connection.pgconn.trace(file.fileno())

    with record.open("wb") as file, stage.app.app_context():
        sa.event.listen(db.engine, "checkout", trace)
        try:
            assert caller.get(path(stage.cast)).status_code == 200
        finally:
            sa.event.remove(db.engine, "checkout", trace)
            for connection in traced:
                connection.pgconn.untrace()
    lines = record.read_text().splitlines()
    return sum("\tF\t" in line and ("\tSync" in line or "\tQuery" in line) for line in lines)


ENDINGS: dict[str, Callable[[Cast, Any], object]] = {
    "logout": lambda cast, family: service.end_program(family, cast.esha.actor),
    "password": lambda cast, _: recovery.change_password(
        cast.esha.user_id,
        browsers.load(browsers.open_session(cast.esha.user_id, None)).session_id,
        PASSWORD,
        "four quiet harbours",
        "",
        cast.esha.actor,
    ),
    "deactivation": lambda cast, _: users.deactivate(cast.esha.user_id, cast.amir.actor),
    "role": lambda cast, _: users.update(cast.esha.user_id, {"role": "admin"}, cast.amir.actor),
    "everything": lambda cast, _: browsers.end_all(cast.esha.user_id),
    "one door": lambda cast, family: transactional(browsers.end_one)(cast.esha.user_id, family),
    "over": lambda cast, family: change(TokenFamily, family, expires_at=NOW),
}


@transactional
def change(table: Any, key: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(db.session.get(table, key), name, value)


@pytest.mark.parametrize("ending", ENDINGS)
def test_whose_token_was_ended_is_nobody_at_once(both: Stage, ending):
    """On this process and on another one, which have both found the signature right before."""
    cast = both.cast
    other = create_app(both.app.config["SETTINGS"])
    here = Caller(both.app, cast.esha)
    there = Caller(other, None)
    there.headers = here.headers
    with both.app.app_context():
        set_rules(cast.harbour, minimum_notice_minutes=240)
        family = db.session.scalars(sa.select(TokenFamily.id)).one()
        db.session.remove()
    assert [first_slot(one, cast) for one in (here, there)] == [1, 1]
    with both.app.app_context():
        ENDINGS[ending](cast, family)
        db.session.remove()
    assert [first_slot(one, cast) for one in (there, here)] == [0, 0]
    assert [one.get("/auth/me").status_code for one in (here, there)] == [401, 401]
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


def test_another_organisation_counts_at_once(both: Stage):
    cast = both.cast
    esha = Caller(both.app, cast.esha)
    with both.app.app_context():
        set_rules(cast.harbour, minimum_notice_minutes=240)
        assert first_slot(esha, cast) == 1
        change(User, cast.esha.user_id, organisation_id=cast.elsewhere)
        db.session.remove()
    assert first_slot(esha, cast) == 0


def test_who_must_set_up_two_factor_is_told_first(app: Flask, api, cast: Cast):
    esha = api(cast.esha)
    with app.app_context():
        set_rules(cast.harbour, two_factor_required=True)
        db.session.remove()
    for query in (DAY, "?date=never", f"{DAY}&from=2026-11-16"):
        answer = esha.get(path(cast, query))
        assert (answer.status_code, answer.json["title"]) == (
            403,
            esha.get("/auth/me").json["title"],
        )
    assert api(None).get(path(cast, "?date=never")).status_code == 400


@pytest.mark.parametrize("query", ["?date=never", "?from=2026-11-16", f"{DAY}&to=2026-11-16"])
def test_a_wrong_question_gets_the_same_answer_from_all(api, cast: Cast, query):
    answers = [api(who).get(path(cast, query)) for who in (None, cast.asha, cast.esha)]
    assert {answer.status_code for answer in answers} == {400}
    bodies = [{**answer.json, "error_id": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


def test_that_somebody_was_here_is_noted(app: Flask, api, cast: Cast):
    asha = api(cast.asha)
    with clock.travelled(NOW.replace(minute=40)):
        assert asha.get(path(cast)).status_code == 200
    with app.app_context():
        assert db.session.scalars(sa.select(TokenFamily.seen_at)).one() == NOW.replace(minute=40)


def test_limits_count_the_same_caller(app: Flask, cast: Cast):
    """The account while its token counts; from then on the address, and the account no more."""
    settings = settings_for(app.config["SETTINGS"].clinic_data_dir)
    limited = create_app(settings.model_copy(update={"rate_limits": True}))
    asha, again, nobody = (Caller(limited, who) for who in (cast.asha, cast.asha, None))

    def statuses(caller: Caller, times: int) -> list[int]:
        return [caller.get(path(cast)).status_code for _ in range(times)]

    assert statuses(asha, 30) == [200] * 30
    assert statuses(nobody, 20) == [200] * 20
    assert asha.post("/auth/logout").status_code == 204
    assert statuses(asha, 41) == [200] * 40 + [429]  # 60 of the address, with the 20 before
    assert statuses(nobody, 1) == [429]
    assert statuses(again, 31) == [200] * 30 + [429]  # 60 of the account, with the 30 before
    with limited.app_context():
        db.session.remove()
        db.engine.dispose()
