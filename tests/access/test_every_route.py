"""Every route, asked by everybody: nobody gets what is not theirs, in status or in words."""

import pytest
import time_machine
from flask import Flask, url_for

from tests.access.every import TABLE
from tests.access.table import ACTORS, Row
from tests.access.theatre import Theatre, leaks
from tests.stages import SqliteStage

LOGIN_PAGE = 303
BY_THEMSELVES = ("twilio.", "visit.", "unsubscribe.")  # a signature or a link is the authority
DENIED = (401, 403, 404)
PERSONAL = ("GET board.index", "GET appointments.index", "GET appointments.new for Asha")


@pytest.fixture
def theatre(
    app: Flask, sqlite_stage: SqliteStage, monday_morning: time_machine.Traveller
) -> Theatre:
    return Theatre(sqlite_stage, monday_morning)


def test_every_route_has_its_row(app: Flask) -> None:
    routes = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not rule.endpoint.startswith("api_")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(row.method, row.endpoint) for row in TABLE} == routes
    assert len({row.name for row in TABLE}) == len(TABLE)
    assert {len(row.expected.split()) for row in TABLE} == {len(ACTORS)}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_everybody_gets_what_is_theirs(theatre: Theatre, row: Row) -> None:
    found = {actor: (answer.status_code, leaks(actor, words) - row.readable)
             for actor, answer, words in theatre.answers(row)}  # fmt: skip
    assert found == {actor: (row.status_for(actor), set()) for actor in ACTORS}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_htmx_opens_no_other_door(theatre: Theatre, row: Row) -> None:
    for actor, answer, words in theatre.answers(row, **{"HX-Request": "true"}):
        status, plain = answer.status_code, row.status_for(actor)
        assert leaks(actor, words) <= row.readable, actor
        if plain in DENIED:
            assert status == plain, actor
        elif actor is None and plain == LOGIN_PAGE and not row.is_open:
            assert status == 401
        else:
            assert status == plain or status in (200, 204, 303), (actor, status)


def test_those_who_may_read_it_do(theatre: Theatre) -> None:
    """The canaries sing: a search that finds nothing anywhere proves nothing."""
    read: dict[str | None, set[str]] = {actor: set() for actor in ACTORS}
    for row in TABLE:
        if row.name in PERSONAL:
            for actor, _, words in theatre.answers(row):
                read[actor] |= words
    assert read["asha"] >= {"name", "code"}
    assert read["dr_chandra"] == {"name", "reason", "code"}
    assert read["esha"] == read["amir"] == {"name", "code", "phone"}


@pytest.mark.parametrize(
    "row",
    [
        row
        for row in TABLE
        if row.method != "GET"
        and not row.endpoint.startswith(("twilio.", "visit.", "unsubscribe."))
    ],
    ids=lambda row: row.name,
)
def test_nothing_changes_without_a_csrf_token(theatre: Theatre, row: Row) -> None:
    theatre.app.config["WTF_CSRF_ENABLED"] = True
    scene = theatre.set_scene(row)
    for actor in ("asha", "dr_chandra", "esha"):
        assert theatre.ask(row, scene, actor).status_code == 400, actor
    answer = theatre.ask(row, scene, None)
    assert answer.status_code == 400 or answer.location.startswith("/login?next="), row.name


def test_addresses_that_change_something_refuse_get(theatre: Theatre) -> None:
    rules = {row.endpoint: {one.rule for one in theatre.app.url_map.iter_rules(row.endpoint)}
             for row in TABLE}  # fmt: skip
    reads = set().union(*(rules[row.endpoint] for row in TABLE if row.method == "GET"))
    refused = 0
    for row in TABLE:
        if row.method == "GET" or rules[row.endpoint] & reads:
            continue
        scene = theatre.set_scene(row)
        with theatre.app.test_request_context():
            address = url_for(row.endpoint, **row.url(scene))
        assert theatre.client(scene, "dr_chandra").get(address).status_code == 405, row.name
        refused += 1
    assert refused
