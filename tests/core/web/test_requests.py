"""What every answer carries, and the ids that go in and out."""

import re

import pytest
from flask import session

from clinic.factory import create_app
from tests.conftest import settings_for

PAGES = ["/", "/login", "/signup", "/health", "/metrics", "/nowhere"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_safety_headers(client, path):
    headers = client.get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == ("private, no-cache" if path == "/" else "no-store")
    assert "Strict-Transport-Security" not in headers


def test_over_https_browsers_are_told_to_stay_there(client):
    headers = client.get("/login", base_url="https://localhost").headers
    assert int(re.search(r"max-age=(\d+)", headers["Strict-Transport-Security"])[1]) >= 15_552_000


@pytest.mark.parametrize("given", ["abcdefgh", "A" * 64, "0f-" * 20])
def test_a_sane_request_id_is_kept(client, given):
    assert client.get("/health", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "A" * 65, "with space", "sn<i>pp", "a.b.c.d.e.f"])
def test_any_other_request_id_is_replaced(client, given):
    answer = client.get("/health", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_each_request_has_an_id_of_its_own(client):
    assert len({client.get("/health").headers["X-Request-ID"] for _ in range(5)}) == 5


def clinic_behind(tmp_path, **changes):
    return create_app(settings_for(tmp_path).model_copy(update=changes)).test_client()


@pytest.mark.parametrize("path", ["/health", "/login", "/nowhere"])
def test_a_forged_host_is_refused(tmp_path, path):
    client = clinic_behind(tmp_path, trusted_hosts="clinic.example, .harbour.example")
    for host, trusted in (
        ("clinic.example", True),
        ("clinic.example:8000", True),
        ("desk.harbour.example", True),
        ("evil.example", False),
        ("clinic.example.evil.example", False),
    ):
        for headers in ({}, {"Accept": "application/json"}, {"HX-Request": "true"}):
            answer = client.get(path, headers={"Host": host, **headers})
            assert (host, answer.status_code == 400) == (host, not trusted)
            assert answer.status_code < 500


def test_plain_http_is_sent_to_https_where_the_clinic_has_it(tmp_path):
    client = clinic_behind(tmp_path, ssl_enabled=True)
    answer = client.get("/login?next=/board/", base_url="http://clinic.example")
    assert (answer.status_code, answer.location) == (
        308,
        "https://clinic.example/login?next=/board/",
    )
    assert client.get("/health").status_code == 200
    assert client.get("/login", base_url="https://clinic.example").status_code == 200


def test_static_files_are_kept_for_ever_under_an_address_of_their_content(app, client):
    with app.app_context():
        address = app.jinja_env.globals["static_url"]("css/app.css")
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
    assert client.get(address.replace("css/app.css", "../wsgi.py")).status_code == 404


def test_a_call_of_the_api_opens_no_cookie(tmp_path):
    app = create_app(settings_for(tmp_path))
    seen = []
    app.before_request(lambda: seen.append(dict(session)))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["half"] = "a password"
    assert client.get("/health").headers.getlist("Set-Cookie") == []
    answer = client.get("/api/v1/time/now")
    assert seen == [{"half": "a password"}, {}]
    assert (answer.headers["Vary"], answer.headers.getlist("Set-Cookie")) == ("Cookie", [])
    with app.test_request_context("/api/v1/time/now"), pytest.raises(RuntimeError):
        session["half"] = "a password"
