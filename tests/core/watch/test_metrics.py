"""Figures for operators: of every process, by route, about nobody."""

import os
import re
import shutil
import subprocess
import sys

from clinic.config import ROOT
from clinic.core.work import heartbeat
from clinic.events import jobs
from tests.factories import book


def figures(text):
    """`{'name{labels}': value}` out of the exposition format."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {key: float(value) for key, value in (line.rsplit(" ", 1) for line in lines)}


def test_requests_are_counted_by_route_not_by_path(client, cast):
    client.get(f"/doctors/{cast.dr_chandra.doctor_id}")
    client.get("/nowhere/asha@cast.example")
    text = client.get("/metrics").text
    assert 'path="/doctors/<uuid:doctor_id>",status="200"' in text
    assert 'path="unmatched",status="404"' in text
    assert str(cast.dr_chandra.doctor_id) not in text
    assert "asha" not in text


def test_words_that_are_no_methods_make_one_series(client):
    for number in range(20):
        client.open("/nowhere", method=f"WORD{number}")
    text = client.get("/metrics").text
    assert "WORD" not in text
    assert 'http_requests_total{method="other",path="unmatched",status="404"}' in text


def series(text, name):
    """The labels that figure has so far."""
    return {key for key in figures(text) if key.startswith(f"{name}{{")}


def test_a_hundred_invented_methods_are_one_more_series(client):
    client.get("/health")
    before = client.get("/metrics").text
    for number in range(100):
        client.open("/health", method="QZK" + "W" * number)
    after = client.get("/metrics").text
    for name in ("http_requests_total", "http_request_duration_seconds_count"):
        more = series(after, name) - series(before, name)
        mine = {key for key in more if "/metrics" not in key}
        assert len(mine) <= 1
        assert all('method="other"' in key for key in mine)


def test_what_waits_is_read_from_the_database(app, client, cast):
    def waiting():
        found = figures(client.get("/metrics").text)
        return [
            found[name]
            for name in ("event_deliveries_waiting", "background_tasks_waiting",
                         "event_deliveries_set_aside", "background_tasks_failed")
        ]  # fmt: skip

    assert waiting() == [0, 0, 0, 0]
    with app.app_context():
        book(cast.asha, cast.dr_chandra)
    assert waiting() == [2, 0, 0, 0]  # the acceptance, and the plan of its messages
    with app.app_context():
        jobs.deliver_due()
    assert waiting() == [0, 1, 0, 0]


def test_redis_and_the_scheduler_are_watched(with_redis, cast):
    with with_redis.app_context():
        heartbeat.beat("scheduler")
        book(cast.asha, cast.dr_chandra)
    found = figures(with_redis.test_client().get("/metrics").text)
    assert found["queue_jobs_waiting"] == 1
    assert found["queue_workers"] == 0
    assert 0 <= found["scheduler_heartbeat_age_seconds"] < 60


def test_the_answer_is_the_exposition_format(client):
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert re.search(r"# TYPE http_request_duration_seconds histogram", answer.text)


def test_sources_belong_to_the_app_however_many_there_are(app, client, monkeypatch):
    """Nothing is kept beside the app, so a second one in the process changes no figure."""
    monkeypatch.setitem(app.extensions, "gauges", (lambda: {"kettles_on": 3.0},))
    assert "kettles_on 3.0" in client.get("/metrics").text


PROCESS = """
import sys
from clinic.factory import create_app
client = create_app().test_client()
for _ in range(int(sys.argv[1])):
    client.get("/health")
print(client.get("/metrics").text)
"""


def test_all_processes_are_added_up(app, tmp_path):
    shutil.copy(app.config["SETTINGS"].clinic_data_dir / "template.db", tmp_path / "clinic.db")
    (tmp_path / "counts").mkdir()
    environment = {
        **os.environ,
        "ENVIRONMENT": "testing",
        "CLINIC_DATA_DIR": str(tmp_path),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "counts"),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
    }
    counted = []
    for requests in ("3", "4"):
        done = subprocess.run(
            [sys.executable, "-c", PROCESS, requests],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        found = figures(done.stdout)
        counted.append(found['http_requests_total{method="GET",path="/health",status="200"}'])
    assert counted == [3, 7]
