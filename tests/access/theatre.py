"""The scene that every route is asked in, by everybody."""

from collections.abc import Iterator

import time_machine
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.accounts.sessions import programs
from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.models import Appointment
from clinic.appointments.steps import take as steps
from clinic.core.clock import now
from clinic.core.data.db import db
from clinic.core.phones import as_dialled
from clinic.events import jobs as events
from clinic.reminders import jobs as reminders
from tests.access.table import ACTORS, Pass, Row, Scene
from tests.cast import Cast, Person, at
from tests.conftest import client_of
from tests.stages import SqliteStage

REASON = "Canary in the waiting room"
EMAIL = "asha@cast.example"
PHONE = "+447700900000"
COOKIE = "session"

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
    """Puts the scene of a row on the stage, and asks.

    What has happened before is played once, and everybody signed in; each time that it is wanted
    again, database and clock are put back to then.
    """

    def __init__(self, stage: SqliteStage, clock: time_machine.Traveller) -> None:
        self.stage = stage
        self.app: Flask = stage.app
        self.cast: Cast = stage.cast
        self.clock = clock

    def set_scene(self, row: Row) -> Scene:
        name = "-".join(("scene", *row.steps, row.at))
        if name not in self.stage.kept:
            scene = self._play(row.steps, row.at)
            self.stage.keep(name, scene)
        self.stage.put_back(name)
        scene = self.stage.kept[name]
        self.clock.move_to(scene.moment)
        return scene

    def _play(self, taken: tuple[str, ...], asked_at: str) -> Scene:
        self.stage.put_back()
        self.clock.move_to(at("08:00"))
        with self.app.app_context():
            visit_id = self._visit().id
            events.deliver_due()
            reminders.send_due()  # a confirmation waits to be sent
            visit = db.session.get_one(Appointment, visit_id)
            self.clock.move_to(at(asked_at))
            for step in taken:
                visit = steps.take(visit.id, step, self.cast.dr_chandra.actor)
            db.session.remove()
        passes = {actor: self._sign_in(actor) for actor in ACTORS if actor}
        return Scene(self.cast, visit, passes, now())

    def _visit(self) -> Appointment:
        asha, doctor = self.cast.asha, self.cast.dr_chandra
        wanted = BookingRequest(doctor.doctor_id, asha.patient_id, at("11:30"), REASON)
        return booking.book(wanted, asha.actor)

    def _sign_in(self, actor: str) -> Pass:
        person: Person = getattr(self.cast, actor)
        cookie = client_of(self.app, person).get_cookie(COOKIE)
        assert cookie
        with self.app.app_context():
            pair = programs.open_family(person.user_id, "tests")
            db.session.remove()
        return Pass(cookie.value, pair.access_token)

    def client(self, scene: Scene, actor: str | None) -> FlaskClient:
        client = self.app.test_client()
        if actor:
            client.set_cookie(COOKIE, scene.passes[actor].cookie)
        return client

    def ask(self, row: Row, scene: Scene, actor: str | None, **headers: str) -> TestResponse:
        with self.app.test_request_context():
            address = url_for(row.endpoint, **row.url(scene))
        return self.client(scene, actor).open(
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
    for home in ("GB", None):  # a number is shown as its reader writes it
        written = as_dialled(PHONE, home)
        for form in (
            written,
            written.replace(" ", "\N{NO-BREAK SPACE}"),
            written.replace(" ", "&nbsp;"),
        ):
            text = text.replace(form, PHONE)
    return {kind for kind, word in canaries(scene).items() if word in text}


def leaks(actor: str | None, found: set[str]) -> set[str]:
    return found - MAY_READ.get(actor or "", set())
