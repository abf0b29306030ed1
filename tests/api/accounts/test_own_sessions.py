"""Where an account is signed in, by program: seen and ended as on the account's page."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from clinic.accounts.models import TokenFamily, UserSession
from clinic.accounts.sessions import programs
from clinic.core.data.db import db
from clinic.events.models import EventRow
from tests.cast import NOW, Cast
from tests.conftest import client_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def listed(caller):
    return caller.get("/auth/sessions").get_json()["items"]


def ids(app: Flask, table) -> list[str]:
    with app.app_context():
        return [str(one) for one in db.session.scalars(sa.select(table.id))]


def named(app: Flask, agent: str) -> None:
    """The browser that signed in says this of itself."""
    with app.app_context():
        db.session.execute(sa.update(UserSession).values(browser=agent))
        db.session.commit()


def is_in(browser) -> bool:
    return browser.get("/account/").status_code == 200


def test_browsers_and_programs_are_listed_who_came_last_first(app: Flask, api, cast: Cast):
    client_of(app, cast.asha)
    named(app, FIREFOX)
    asha = api(cast.asha)
    client_of(app, cast.bela)  # of somebody else
    found = listed(asha)
    assert [(one["kind"], one["name"], one["system"], one["is_current"]) for one in found] == [
        ("program", "tests", None, True), ("browser", "Firefox", "Windows", False),
    ]  # fmt: skip
    assert found[0]["created_at"].startswith("2026-11-16T06:30")
    assert found[1]["id"] in ids(app, UserSession)


def test_a_long_list_comes_in_pages(app: Flask, api, cast: Cast, monday_morning):
    for _ in range(3):
        client_of(app, cast.asha)
    asha = api(cast.asha)
    seen, cursor = [], ""
    for _ in range(2):
        page = asha.get(f"/auth/sessions?limit=2{cursor}").get_json()
        seen += [one["id"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert sorted(seen) == sorted(ids(app, UserSession) + ids(app, TokenFamily))


def test_what_has_ended_or_expired_is_gone(
    app: Flask, api, cast: Cast, monday_morning: time_machine.Traveller
):
    client_of(app, cast.asha)
    api(cast.asha).post("/auth/logout")
    assert [one["kind"] for one in listed(api(cast.asha))] == ["program", "browser"]
    monday_morning.move_to(NOW + timedelta(hours=13))
    assert [one["is_current"] for one in listed(api(cast.asha))] == [True, False]


@pytest.mark.parametrize("kind", ["browser", "program"])
def test_one_is_ended_and_all_else_stays(app: Flask, api, cast: Cast, kind):
    browser, other, here = client_of(app, cast.asha), api(cast.asha), api(cast.asha)
    (one,) = [each for each in listed(here) if each["kind"] == kind and not _is(each, here, app)]
    assert here.delete(f"/auth/sessions/{one['id']}").status_code == 204
    assert here.delete(f"/auth/sessions/{one['id']}").status_code == 404  # it has ended
    assert is_in(browser) is (kind == "program")
    assert other.get("/auth/me").status_code == (200 if kind == "browser" else 401)
    assert here.get("/auth/me").status_code == 200
    refreshed = api(None).post("/auth/refresh", {"refresh_token": other.pair.refresh_token})
    assert refreshed.status_code == (200 if kind == "browser" else 401)
    with app.app_context():
        told = sa.select(sa.func.count()).where(EventRow.name == "user.session_ended")
        assert db.session.scalar(told) == 1


def _is(one, caller, app: Flask) -> bool:
    with app.app_context():
        found = programs.load(caller.pair.access_token)
        return found is not None and one["id"] == str(found.session_id)


def test_ones_own_is_ended_like_any_other(app: Flask, api, cast: Cast):
    here = api(cast.asha)
    (one,) = listed(here)
    assert here.delete(f"/auth/sessions/{one['id']}").status_code == 204
    assert here.get("/auth/me").status_code == 401


def test_all_others_are_ended(app: Flask, api, cast: Cast):
    browser, other, here, bela = (
        client_of(app, cast.asha), api(cast.asha), api(cast.asha), api(cast.bela),
    )  # fmt: skip
    assert here.post("/auth/sessions/end-others").status_code == 204
    assert not is_in(browser)
    assert other.get("/auth/me").status_code == 401
    assert [one["is_current"] for one in listed(here)] == [True]
    assert bela.get("/auth/me").status_code == 200


@pytest.mark.parametrize("table", [UserSession, TokenFamily])
def test_a_bearer_ends_nobody_elses(app: Flask, api, cast: Cast, table):
    browser, theirs = client_of(app, cast.bela), api(cast.bela)
    (key,) = ids(app, table)
    asha = api(cast.asha)
    assert asha.delete(f"/auth/sessions/{key}").status_code == 404
    assert api(cast.gita).delete(f"/auth/sessions/{key}").status_code == 404
    asha.post("/auth/sessions/end-others")
    assert is_in(browser)
    assert theirs.get("/auth/me").status_code == 200


def test_an_administrator_signs_a_colleague_out(app: Flask, api, cast: Cast):
    browser, program = client_of(app, cast.esha), api(cast.esha)
    answer = api(cast.amir).post(f"/users/{cast.esha.user_id}/end-sessions")
    assert answer.status_code == 204
    assert not is_in(browser)
    assert program.get("/auth/me").status_code == 401
    assert api(cast.esha).get("/auth/me").status_code == 200  # who logs in again is in
