"""Which other sites' pages may call the API."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.factory import create_app
from tests.conftest import settings_for

OURS = "https://app.harbour.example"


@pytest.fixture
def open_client(app: Flask) -> FlaskClient:
    settings = settings_for(app.config["SETTINGS"].clinic_data_dir)
    return create_app(settings.model_copy(update={"cors_origins": OURS})).test_client()


def preflight(client: FlaskClient, origin: str, path: str = "/api/v1/auth/login"):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
    }
    return client.options(path, headers=headers)


def test_a_listed_site_may_call(open_client):
    answer = preflight(open_client, OURS)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert "idempotency-key" in answer.headers["Access-Control-Allow-Headers"].lower()
    # No cookies: tokens alone open the API.
    assert "Access-Control-Allow-Credentials" not in answer.headers
    answer = open_client.get("/api/v1/time/now", headers={"Origin": OURS})
    assert answer.headers["Access-Control-Allow-Origin"] == OURS


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{OURS}.evil.example"])
def test_others_may_not(open_client, origin):
    assert "Access-Control-Allow-Origin" not in preflight(open_client, origin).headers


def test_pages_are_nobody_elses(open_client):
    answer = open_client.get("/login", headers={"Origin": OURS})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_the_setting_nobody_may(app: Flask):
    answer = preflight(app.test_client(), OURS)
    assert "Access-Control-Allow-Origin" not in answer.headers
