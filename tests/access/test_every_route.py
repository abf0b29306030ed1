"""Every route, asked by everybody: nobody gets what is not theirs, in status or in words."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.appointments import booking, steps
from clinic.appointments.booking import BookingRequest
from clinic.appointments.models import Appointment
from clinic.core.db import db
from clinic.events import jobs as events
from clinic.reminders import jobs as reminders
from tests.access.table import ACTORS, TABLE, Row, Scene
from tests.cast import Cast, at
from tests.conftest import Stage, client_of

REASON = "Canary in the waiting room"
EMAIL = "asha@cast.example"
PHONE = "+447700900000"
LOGIN_PAGE = 303
DENIED = (401, 403, 404)
PERSONAL = ("GET board.index", "GET appointments.index", "GET appointments.new for Asha")

# What of Asha may stand in an answer, by who asked; nothing for all others.
MAY_READ = {
    "asha": {"name", "reason", "code", "phone", "email"},
    "dr_chandra": {"name", "reason", "code"},
    "esha": {"name", "code", "phone"},  # the desk sees logistics, never the reason
    "amir": {"name", "code", "phone"},
}


def canaries(scene: Scene) -> dict[str, str]:
    return {
        "name": "Asha Rao",
        "reason": REASON,
        "code": scene.visit.code,
        "phone": PHONE,
        "email": EMAIL,
    }


class Theatre:
    """Puts the scene of a row on the stage, and asks."""

    def __init__(self, stage: Stage, clock: time_machine.Traveller) -> None:
        self.stage = stage
        self.app: Flask = stage.app
        self.cast: Cast = stage.cast
        self.clock = clock

    def set_scene(self, row: Row) -> Scene:
        self.stage.put_back()
        self.clock.move_to(at("08:00"))
        with self.app.app_context():
            visit_id = self._visit().id
            events.deliver_due()
            reminders.send_due()  # a confirmation waits to be sent
            visit = db.session.get_one(Appointment, visit_id)
            self.clock.move_to(at(row.at))
            for step in row.steps:
                visit = steps.take(visit.id, step, self.cast.dr_chandra.actor)
            db.session.remove()
        return Scene(self.cast, visit)

    def _visit(self) -> Appointment:
        asha, doctor = self.cast.asha, self.cast.dr_chandra
        wanted = BookingRequest(doctor.doctor_id, asha.patient_id, at("11:30"), REASON)
        return booking.book(wanted, asha.actor)

    def client(self, actor: str | None) -> FlaskClient:
        return client_of(self.app, getattr(self.cast, actor)) if actor else self.app.test_client()

    def ask(self, row: Row, scene: Scene, actor: str | None, **headers: str) -> TestResponse:
        with self.app.test_request_context():
            address = url_for(row.endpoint, **row.url(scene))
        return self.client(actor).open(
            address, method=row.method, data=row.form(scene) or None, headers=headers
        )

    def answers(
        self, row: Row, **headers: str
    ) -> Iterator[tuple[str | None, TestResponse, set[str]]]:
        """Who asked, the answer, and what of Asha stands in it. Each change starts afresh."""
        scene = self.set_scene(row)
        for number, actor in enumerate(ACTORS):
            if row.method != "GET" and number:
                scene = self.set_scene(row)
            answer = self.ask(row, scene, actor, **headers)
            yield actor, answer, words_in(answer, scene)
            answer.close()


def words_in(answer: TestResponse, scene: Scene) -> set[str]:
    endless = answer.mimetype == "text/event-stream"  # a doorbell: it carries no words at all
    text = str(answer.headers) + ("" if endless else answer.get_data(as_text=True))
    return {kind for kind, word in canaries(scene).items() if word in text}


@pytest.fixture
def theatre(app: Flask, sqlite_stage: Stage, monday_morning: time_machine.Traveller) -> Theatre:
    return Theatre(sqlite_stage, monday_morning)


def leaks(actor: str | None, found: set[str]) -> set[str]:
    return found - MAY_READ.get(actor or "", set())


def test_every_route_has_its_row(app: Flask) -> None:
    routes = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
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
    [row for row in TABLE if row.method != "GET" and not row.endpoint.startswith("twilio.")],
    ids=lambda row: row.name,
)
def test_nothing_changes_without_a_csrf_token(theatre: Theatre, row: Row) -> None:
    theatre.app.config["WTF_CSRF_ENABLED"] = True
    scene = theatre.set_scene(row)
    for actor in (None, "asha", "dr_chandra", "esha"):
        assert theatre.ask(row, scene, actor).status_code == 400, actor


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
        assert theatre.client("dr_chandra").get(address).status_code == 405, row.name
        refused += 1
    assert refused
