"""Every route of the API, asked by everybody with their token: nobody gets what is not theirs."""

import importlib
import re
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from clinic.appointments.models import Appointment
from tests.access.table import ACTORS, Scene
from tests.access.theatre import Theatre, leaks, words_in
from tests.api.access.rows import Row
from tests.api.conftest import Caller
from tests.stages import SqliteStage

HERE = Path(__file__).parent
FILES = sorted(path.stem for path in HERE.glob("*.py"))
ROWS: list[Row] = [
    row
    for name in FILES
    if name not in ("rows", "conftest") and not name.startswith("test_")
    for row in importlib.import_module(f"tests.api.access.{name}").ROWS
]


class Switchboard(Theatre):
    """The same scene, asked by programs."""

    def caller(self, scene: Scene, actor: str | None) -> Caller:
        caller = Caller(self.app, None)
        if actor:
            caller.headers["Authorization"] = f"Bearer {scene.passes[actor].token}"
        return caller

    def call(self, row: Row, scene: Scene, actor: str | None) -> TestResponse:
        caller = self.caller(scene, actor)
        with self.app.app_context():  # what a row names may have to be looked up
            body = row.json(scene) if row.json else None
            path, query = row.path.format(**row.ids(scene)), row.query(scene)
        return caller.ask(row.method, path, json=body, query_string=query)


@pytest.fixture
def switchboard(
    app: Flask, sqlite_stage: SqliteStage, monday_morning: time_machine.Traveller
) -> Switchboard:
    return Switchboard(sqlite_stage, monday_morning)


def test_every_route_has_its_row(app: Flask) -> None:
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1"))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api_")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(row.method, row.path) for row in ROWS} == routes
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert {len(row.expected.split()) for row in ROWS} == {len(ACTORS)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_everybody_gets_what_is_theirs(switchboard: Switchboard, row: Row) -> None:
    found = {}
    scene = switchboard.set_scene(row)
    for number, actor in enumerate(ACTORS):
        if row.method != "GET" and number:
            scene = switchboard.set_scene(row)
        answer = switchboard.call(row, scene, actor)
        found[actor] = (answer.status_code, leaks(actor, words_in(answer, scene)) - row.readable)
        _check_problem(answer)
    assert found == {actor: (row.status_for(actor), set()) for actor in ACTORS}


def _check_problem(answer: TestResponse) -> None:
    if answer.status_code < 400:
        return
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == answer.status_code
    assert problem["error_id"] == answer.headers["X-Request-ID"]
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.ids is not Row.ids], ids=lambda r: r.name
)
def test_what_does_not_exist_looks_like_what_is_anothers(
    switchboard: Switchboard, row: Row
) -> None:
    scene = switchboard.set_scene(row)
    with switchboard.app.app_context():
        ids = dict.fromkeys(row.ids(scene), uuid4())
        body = row.json(scene) if row.json else None
    for actor in ACTORS:
        caller = switchboard.caller(scene, actor)
        answer = caller.ask(row.method, row.path.format(**ids), json=body)
        assert answer.status_code in (400, 401, 403, 404), (actor, answer.status_code)
        if row.status_for(actor) == 404:
            assert answer.status_code == 404


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "401" in row.expected], ids=lambda r: r.name
)
def test_a_cookie_opens_no_api(switchboard: Switchboard, row: Row) -> None:
    """Or a page elsewhere could make a browser act for whoever is signed in."""
    scene = switchboard.set_scene(row)
    browser = switchboard.client(scene, "esha")
    with switchboard.app.app_context():
        path = f"/api/v1{row.path.format(**row.ids(scene))}"
    answer = browser.open(path, method=row.method, json={} if row.json else None)
    assert answer.status_code == 401


def test_the_scene_is_set(switchboard: Switchboard) -> None:
    scene = switchboard.set_scene(ROWS[0])
    assert isinstance(scene.visit, Appointment)
