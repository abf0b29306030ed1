"""Lines for operators: JSON, tied to a request, about nobody."""

import contextlib
import json
import logging as library
import os
import shutil
import sys

import pytest
import sqlalchemy as sa
from structlog.contextvars import clear_contextvars

from clinic.core.data.db import db
from clinic.core.watch import logging
from clinic.core.watch.lines import configure
from tests.conftest import client_of
from tests.factories import book, known_to


@pytest.fixture
def lines(app, tmp_path):
    """Reads what the product wrote to its file since the test began."""
    configure("INFO", tmp_path)

    def read():
        text = (tmp_path / "app.log").read_text()
        return [json.loads(line) for line in text.splitlines()]

    yield read
    configure("ERROR", None)


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


def test_a_line_is_the_same_on_stdout_and_in_the_file(capsys, tmp_path):
    configure("INFO", tmp_path)
    clear_contextvars()  # of a request that another test made
    logging.log.info("ours", answer=42)
    library.getLogger("a.library").warning("theirs %s", "too")
    library.getLogger("a.library").debug("not at this level")
    logging.log.debug("nor ours")
    configure("ERROR", None)
    shown = capsys.readouterr().out
    assert shown == (tmp_path / "app.log").read_text()
    ours, theirs = (json.loads(line) for line in shown.splitlines())
    assert list(ours) == ["answer", "event", "level", "logger", "timestamp"]
    assert (ours["answer"], ours["logger"]) == (42, "clinic.core.watch.logging")
    assert list(theirs) == ["event", "level", "logger", "timestamp"]
    assert (theirs["event"], theirs["level"]) == ("theirs too", "warning")


def test_what_a_library_says_of_a_value_is_left_out_as_well(lines):
    try:
        raise ValueError("duplicate key\nDETAIL: Key (email)=(asha@cast.example) already exists.")
    except ValueError:
        library.getLogger("a.library").exception("it failed")
    (line,) = lines()
    assert "duplicate key" in line["exception"]
    assert "asha@" not in line["exception"]


def test_a_file_that_was_moved_away_is_begun_anew(lines, tmp_path):
    logging.log.info("before")
    (tmp_path / "app.log").rename(tmp_path / "app.log.1")
    logging.log.info("after")
    assert [line["event"] for line in lines()] == ["after"]
    assert json.loads((tmp_path / "app.log.1").read_text())["event"] == "before"


def test_a_line_that_cannot_be_written_fails_nobody(client, capsys, tmp_path):
    configure("INFO", tmp_path / "logs")
    shutil.rmtree(tmp_path / "logs")
    (tmp_path / "logs").write_text("no folder any more")
    answer = client.get("/login")
    library.getLogger("a.library").warning("theirs")
    configure("ERROR", None)
    assert answer.status_code == 200
    told = capsys.readouterr()
    events = [json.loads(line)["event"] for line in told.out.splitlines()]
    assert events == ["request", "log_file_lost", "theirs"]
    assert told.err == ""


def test_a_terminal_that_is_gone_fails_nobody_and_the_file_goes_on(client, tmp_path, monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", buffering=1) as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        monkeypatch.setattr(sys, "stderr", gone)
        configure("INFO", tmp_path)
        try:
            statuses = [client.get("/login").status_code for _ in range(3)]
        finally:
            monkeypatch.undo()
            configure("ERROR", None)
            with contextlib.suppress(OSError):
                gone.close()
    assert statuses == [200, 200, 200]
    written = [json.loads(line) for line in (tmp_path / "app.log").read_text().splitlines()]
    assert [line["event"] for line in written].count("request") == 3
    assert [line["error"] for line in written if line["event"] == "stdout_lost"] == ["Broken pipe"]


def test_a_folder_that_cannot_be_made_leaves_stdout(capsys, tmp_path):
    (tmp_path / "taken").write_text("")
    configure("INFO", tmp_path / "taken")
    logging.log.info("ours")
    configure("ERROR", None)
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["event"], first["error"]) == ("log_file_lost", "Not a directory")
    assert second["event"] == "ours"
