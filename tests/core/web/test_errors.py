"""What people and programs read when something does not work."""

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from clinic.core.data.db import db
from clinic.core.errors import Conflict
from clinic.core.web.problems import short_id
from tests.conftest import client_of
from tests.pages import HTMX, happened, is_whole_page, text_of

JSON = {"Accept": "application/json"}
SECRET = "the reason is private"
KEYS = {"type", "title", "status", "detail", "instance", "error_id", "errors"}


@pytest.fixture
def broken(app, monkeypatch):
    """A page that fails as told: set `broken.error`."""

    class Broken:
        error: Exception = RuntimeError(SECRET)

        def __call__(self, **_):
            raise self.error

    page = Broken()
    monkeypatch.setitem(app.view_functions, "core.health", page)
    return page


def ask(client, path="/health", **headers):
    return client.get(path, headers=headers)


FAULTS = {
    "fault": (RuntimeError(SECRET), 500),
    "conflict": (Conflict("The bed is taken."), 409),
    "database": (OperationalError("SELECT 1", {}, Exception(SECRET)), 503),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_programs_get_a_problem(client, broken, kind):
    broken.error, status = FAULTS[kind]
    answer = ask(client, **JSON)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json.keys() == KEYS
    assert answer.json["error_id"] == answer.headers["X-Request-ID"]
    assert (answer.json["status"], answer.json["instance"]) == (status, "/health")


@pytest.mark.parametrize("kind", FAULTS)
def test_people_get_a_page_with_an_id_to_read_out(client, broken, kind):
    broken.error, status = FAULTS[kind]
    answer = ask(client)
    assert (answer.status_code, is_whole_page(answer)) == (status, True)
    assert short_id(answer.headers["X-Request-ID"]) in text_of(answer)


@pytest.mark.parametrize("kind", FAULTS)
def test_htmx_gets_a_toast_and_no_content(client, broken, kind):
    broken.error, status = FAULTS[kind]
    answer = ask(client, **HTMX)
    assert (answer.status_code, answer.data) == (status, b"")
    assert happened(answer)["toast"]["kind"] == "error"


@pytest.mark.parametrize("headers", [{}, JSON, HTMX])
def test_a_fault_tells_nothing_of_its_inside(client, broken, headers):
    answer = ask(client, **headers)
    everything = answer.text + str(answer.headers)
    for word in (SECRET, "Traceback", "RuntimeError", "clinic/", ".py"):
        assert word not in everything


def test_the_short_id_is_eight_characters_of_the_long_one():
    assert short_id("0123456789abcdef0123456789ab-cd-ef") == "89AB-CDEF"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/nowhere", 404),
        ("get", "/doctors/00000000-0000-0000-0000-000000000000", 404),
        ("delete", "/health", 405),
        ("get", "/logout", 405),
        ("post", "/appointments/", 401),
    ],
)
def test_each_refusal_comes_in_each_form(client, method, path, status):
    asked = getattr(client, method)
    page, problem, part = asked(path), asked(path, headers=JSON), asked(path, headers=HTMX)
    assert {page.status_code, problem.status_code, part.status_code} == {status}
    assert is_whole_page(page)
    assert problem.mimetype == "application/problem+json"
    assert problem.json["detail"]
    assert happened(part)["toast"]["text"] == problem.json["detail"]
    if status == 405:
        assert problem.headers["Allow"]


def test_the_api_speaks_json_to_everybody(client):
    answer = client.get("/api/v1/nowhere", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_busy_database_says_when_to_come_back(client, broken):
    broken.error = FAULTS["database"][0]
    assert ask(client).headers["Retry-After"] == "5"


def test_without_its_database_every_page_asks_for_patience(without_database):
    """Signed in or not, the answer is 503 with a page: not a crash while making the page."""
    for token in (None, "a token"):
        for headers in ({}, JSON, HTMX):
            client = without_database.test_client()
            if token:
                with client.session_transaction() as cookie:
                    cookie["_user_id"] = token
            answer = client.get("/", headers=headers)
            if token is None and headers == JSON:
                assert answer.status_code == 200  # the welcome needs no database
                continue
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert is_whole_page(answer) == (not headers)


def test_a_statement_that_fails_still_ends_in_a_page(open_door, monkeypatch):
    """PostgreSQL refuses everything after it in the transaction, also what the page asks for."""

    def divide():
        db.session.execute(sa.text("SELECT CAST(1 / 0 AS INTEGER) FROM nowhere"))

    monkeypatch.setitem(open_door.app.view_functions, "core.health", divide)
    for name in ("esha", "asha"):
        answer = client_of(open_door.app, open_door.cast.people[name]).get("/health")
        assert answer.status_code in (500, 503)
        assert is_whole_page(answer)
        assert "nowhere" not in answer.text


def test_without_its_database_health_is_up_and_ready_is_not(without_database):
    client = without_database.test_client()
    assert client.get("/health").status_code == 200
    answer = client.get("/ready")
    assert (answer.status_code, answer.json["checks"]["database"]) == (503, False)


def test_a_form_that_is_too_large_is_refused(client):
    for body in ({"email": "x" * 70_000}, {"email": "x" * 1_100_000}):
        for headers in ({}, JSON, HTMX):
            answer = client.post("/login", data=body, headers=headers)
            assert answer.status_code == 413
            assert "x" * 100 not in answer.text


def test_an_error_id_is_given_even_to_an_unreadable_address(client):
    answer = client.get("/doctors/%00")
    assert answer.status_code in (400, 404)
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])
