"""The scene that every route is asked in, by everybody."""

from collections.abc import Iterator

import time_machine
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.appointments.booking import book as booking
from clinic.appointments.booking.book import BookingRequest
from clinic.appointments.models import Appointment
from clinic.appointments.steps import take as steps
from clinic.core.data.db import db
from clinic.events import jobs as events
from clinic.reminders import jobs as reminders
from tests.access.table import ACTORS, Row, Scene
from tests.cast import Cast, at
from tests.conftest import Stage, client_of

REASON = "Canary in the waiting room"
EMAIL = "asha@cast.example"
PHONE = "+447700900000"

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


def leaks(actor: str | None, found: set[str]) -> set[str]:
    return found - MAY_READ.get(actor or "", set())
