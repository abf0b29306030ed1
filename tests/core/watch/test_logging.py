"""Lines for operators: JSON, tied to a request, about nobody."""

import json

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.core.watch import logging
from tests.conftest import client_of
from tests.factories import book, known_to


@pytest.fixture
def lines(app, tmp_path):
    """Reads what the product wrote to its file since the test began."""
    logging.configure("INFO", tmp_path)

    def read():
        text = (tmp_path / "app.log").read_text()
        return [json.loads(line) for line in text.splitlines()]

    yield read
    logging.configure("ERROR", None)


def test_each_request_is_one_line_of_json_with_its_id(client, lines, cast):
    answer = client.get(f"/doctors/{cast.dr_chandra.doctor_id}?week=2026-W48")
    (line,) = lines()
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["event"], line["method"], line["status"]) == ("request", "GET", 200)
    assert line["route"] == "/doctors/<uuid:doctor_id>"
    assert line["ms"] > 0
    assert line["user_id"] is None
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_what_the_database_says_of_a_value_is_left_out(lines):
    try:
        raise ValueError("duplicate key\nDETAIL: Key (email)=(asha@cast.example) already exists.")
    except ValueError as error:
        logging.log.error("fault", exc_info=error)
    (line,) = lines()
    assert "duplicate key" in line["exception"]
    assert "asha@" not in line["exception"]


def test_a_line_names_the_account_and_nothing_about_the_person(app, lines, cast):
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra)
        known_to(cast.harbour, cast.asha)
    client_of(app, cast.asha).get(f"/appointments/{visit.id}/done")
    desk = client_of(app, cast.esha)
    desk.get("/appointments/new?find=Asha+Rao&reason=Cough")
    desk.post("/login", data={"email": "asha@cast.example", "password": "a wrong one"})
    desk.get("/nowhere/K7P4Q/asha@cast.example")
    client_of(app, cast.asha).post(
        "/appointments/", data={"reason": "Cough at night", "channel": "sms"}
    )
    written = lines()
    text = json.dumps(written)
    assert written[0]["user_id"] == str(cast.asha.user_id)
    assert {line["route"] for line in written} >= {"unmatched", "/appointments/"}
    for canary in (
        "Asha",
        "Rao",
        "asha@",
        "Cough",
        "wrong one",
        "K7P4Q",
        str(visit.id),
        visit.code,
    ):
        assert canary not in text


def test_a_fault_is_written_with_its_trace_and_the_id_the_person_reads(
    app, client, lines, monkeypatch
):
    def fail():
        raise LookupError("the shelf is empty")

    monkeypatch.setitem(app.view_functions, "core.health", fail)
    answer = client.get("/health")
    fault, request = lines()
    assert fault["event"] == "fault"
    assert "LookupError: the shelf is empty" in fault["exception"]
    assert fault["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]


def test_a_failed_statement_is_written_without_its_values(open_door, lines, monkeypatch):
    """P20: an error of the database would carry the values of the row it was about."""

    canary = "Canary Name"  # not in a line that a trace would quote

    def fail():
        wrong = sa.text("SELECT shoe_size FROM patients WHERE full_name = :name")
        try:
            db.session.execute(wrong, {"name": canary})
        except sa.exc.DBAPIError as error:
            raise RuntimeError("the shelf is empty") from error

    monkeypatch.setitem(open_door.app.view_functions, "core.health", fail)
    assert open_door.app.test_client().get("/health").status_code == 500
    text = json.dumps(lines())
    assert "shoe_size" in text
    assert "Canary" not in text


def test_probes_fill_no_logs_while_all_is_well(client, lines):
    for path in ("/health", "/metrics"):
        client.get(path)
    client.get("/")
    assert [line["route"] for line in lines()] == ["/"]


def test_two_requests_never_share_an_id(client, lines):
    client.get("/")
    client.get("/login")
    first, second = lines()
    assert first["request_id"] != second["request_id"]
