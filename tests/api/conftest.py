from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from clinic.access.actor import THE_SYSTEM
from clinic.access.roles import Role
from clinic.accounts.people import create
from clinic.accounts.sessions import programs
from clinic.core.data.db import db
from tests.cast import Cast, Person


class Caller:
    """A program with somebody's access token; `api(None)` has none."""

    def __init__(self, app: Flask, person: Person | None) -> None:
        self.client = app.test_client()
        self.headers: dict[str, str] = {}
        if person:
            with app.app_context():
                self.pair = programs.open_family(person.user_id, "tests")
                db.session.remove()
            self.headers["Authorization"] = f"Bearer {self.pair.access_token}"

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.ask("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask("POST", path, json=json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask("PUT", path, json=json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask("PATCH", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self.ask("DELETE", path, **more)


@pytest.fixture
def api(app: Flask) -> Callable[[Person | None], Caller]:
    def call_as(person: Person | None) -> Caller:
        return Caller(app, person)

    return call_as


@pytest.fixture
def newcomer(app: Flask, cast: Cast) -> Person:
    """A doctor of Harbour Clinic who has no profile yet."""
    with app.app_context():
        user = create.create_user(
            Role.DOCTOR, "Ida Lund", "ida@cast.example", THE_SYSTEM,
            password_hash="none", organisation_id=cast.harbour,
        )  # fmt: skip
        db.session.remove()
    return Person(user.full_name, "doctor", user.id, user.email, cast.harbour)
