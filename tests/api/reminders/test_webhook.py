"""A machine has a reminder sent: believed by its signature alone."""

import hashlib
import hmac
import json
from uuid import uuid4

import pytest

from tests.cast import at
from tests.reminders.own_helpers import made, sent, tick

SECRET = "what both sides know, and nobody else at all"
PATH = "/api/v1/webhooks/trigger_reminder"


@pytest.fixture
def key(app, cast):
    with app.app_context():
        yield made(cast.esha, at("12:00"), method="email")


@pytest.fixture(autouse=True)
def secret(app, monkeypatch):
    settings = app.config["SETTINGS"].model_copy(update={"webhook_secret": SECRET})
    monkeypatch.setitem(app.config, "SETTINGS", settings)


def signature(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(client, body, given=None, **headers):
    if given is not None:
        headers["X-Signature"] = given
    return client.post(PATH, data=body, content_type="application/json", headers=headers)


def test_it_is_sent_once_however_often_it_is_called(app, client, key):
    body = json.dumps({"reminder_id": str(key)}).encode()
    answers = [post(client, body, signature(body)).get_json() for _ in range(3)]
    assert [one["triggered"] for one in answers] == [True, False, False]
    assert {one["status"] for one in answers} == {"queued"}
    tick(at("12:00"))
    assert len(sent(key)) == 1


def test_the_body_is_signed_as_it_is_sent(client, key):
    body = b'{ "reminder_id" :\n "' + str(key).encode() + b'" }'
    assert post(client, body, signature(body).upper()).status_code == 200


@pytest.mark.parametrize(
    "forge",
    [
        lambda body: None,
        lambda body: "",
        lambda body: "0" * 64,
        lambda body: signature(body)[:-1],
        lambda body: signature(body, "another secret"),
        lambda body: signature(body, ""),
        lambda body: signature(body + b" "),
        lambda body: f"sha256={signature(body)}",
        lambda body: "\xe9" * 64,
    ],
)
def test_whoever_does_not_know_the_secret_is_refused(client, key, forge):
    body = json.dumps({"reminder_id": str(key)}).encode()
    assert post(client, body, forge(body)).status_code == 401
    assert sent(key) == []


def test_a_token_is_no_signature(api, cast, key):
    answer = api(cast.gita).post("/webhooks/trigger_reminder", {"reminder_id": str(key)})
    assert answer.status_code == 401


def test_without_a_secret_nobody_is_believed(app, client, key, monkeypatch):
    settings = app.config["SETTINGS"].model_copy(update={"webhook_secret": ""})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    body = json.dumps({"reminder_id": str(key)}).encode()
    assert post(client, body, signature(body, "")).status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"reminder_id": 1}', b'{"reminder_id": "x"}',
             b'{"reminder_id": "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa", "x": 1}'],
)  # fmt: skip
def test_what_is_no_reminder_is_malformed(client, body):
    assert post(client, body, signature(body)).status_code == 400


def test_an_unknown_one_is_not_found_and_a_cancelled_one_stays_so(api, cast, client, key):
    body = json.dumps({"reminder_id": str(uuid4())}).encode()
    assert post(client, body, signature(body)).status_code == 404
    api(cast.esha).post(f"/reminders/{key}/cancel")
    body = json.dumps({"reminder_id": str(key)}).encode()
    assert post(client, body, signature(body)).status_code == 409
    assert sent(key) == []
