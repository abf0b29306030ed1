"""Webhooks by the API."""

import pytest

from clinic.hooks import jobs
from tests.factories import book
from tests.fakes.receiver import Receiver

ALL = "/webhooks/subscriptions"
WANTED = {"url": "https://hooks.example/x", "types": ["appointment.*"], "description": "Billing"}


@pytest.fixture
def amir(api, cast):
    return api(cast.amir)


def test_every_event_is_named(api, cast):
    items = api(cast.amir).get("/events/types").json["items"]
    by_name = {one["name"]: one for one in items}
    assert list(by_name) == sorted(by_name)
    moved = by_name["appointment.rescheduled"]
    assert (moved["can_subscribe"], "previous_id" in moved["fields"]) == (True, True)
    assert by_name["user.password_changed"]["can_subscribe"] is False


def test_opened_listed_changed_deleted(amir, cast):
    made = amir.post(ALL, WANTED)
    assert made.status_code == 201
    told = made.json
    secret = told.pop("secret")
    assert secret.startswith("whsec_")
    one = f"{ALL}/{told['id']}"
    assert told == {
        **WANTED,
        "id": told["id"],
        "organisation_id": str(cast.harbour),
        "is_active": True,
        "pause_reason": None,
        "created_at": told["created_at"],
        "failing_since": None,
        "last_delivered_at": None,
    }
    assert amir.get(ALL).json == {"items": [told], "next_cursor": None}
    assert amir.get(one).json == told
    changed = amir.patch(one, {"types": ["*"], "is_active": False}).json
    assert changed == {
        **told, "types": ["*"], "is_active": False, "pause_reason": "by_hand",
    }  # fmt: skip
    assert amir.post(f"{one}/test").status_code == 409
    assert amir.patch(one, {"is_active": True}).json["is_active"]
    new = amir.post(f"{one}/rotate-secret").json["secret"]
    assert new not in ("", secret)
    assert amir.delete(one).status_code == 204
    assert amir.get(one).status_code == amir.delete(one).status_code == 404
    assert amir.get(ALL).json["items"] == []


def test_a_repeated_call_opens_one_and_shows_its_secret_again(amir):
    key = {"Idempotency-Key": "a retried call"}
    first, second = (amir.post(ALL, WANTED, headers=key) for _ in range(2))
    assert second.json == first.json
    assert len(amir.get(ALL).json["items"]) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://hooks.example/"), ("url", "https://user:pass@hooks.example/"),
        ("url", "https://10.0.0.1/"), ("url", "https://[fd00::1]/"), ("url", "https://1.1.1.1:22/"),
        ("url", "https://169.254.169.254/latest"), ("url", "x"), ("url", ""), ("url", None),
        ("url", "https://hooks.example/" + "x" * 500), ("types", []), ("types", ["appointment"]),
        ("types", ["user.login_refused"]), ("types", None), ("types", "*"),
        ("description", "x" * 121), ("is_active", None),
    ],
)  # fmt: skip
def test_refused(amir, field, value):
    if field != "is_active":
        refused = amir.post(ALL, {**WANTED, field: value})
        assert refused.status_code == 400
        assert refused.json["errors"][0]["field"].partition(".")[0] == field
    one = f"{ALL}/{amir.post(ALL, WANTED).json['id']}"
    assert amir.patch(one, {field: value}).status_code == 400


def test_twenty_are_the_most(amir):
    for _ in range(20):
        assert amir.post(ALL, WANTED).status_code == 201
    refused = amir.post(ALL, WANTED)
    assert (refused.status_code, refused.json["type"]) == (
        409,
        "urn:clinic:problem:too_many_webhooks",
    )


def test_tested_told_and_told_again(app, amir, cast):
    with Receiver() as there:
        one = f"{ALL}/{amir.post(ALL, {**WANTED, 'url': there.url}).json['id']}"
        tested = amir.post(f"{one}/test")
        assert (tested.status_code, tested.json["status"]) == (202, "waiting")
        assert tested.json["next_attempt_at"]
        again = f"{one}/deliveries/{tested.json['id']}/redeliver"
        assert amir.post(again).status_code == 409  # about to go
        with app.app_context():
            book(cast.asha, cast.dr_chandra)
            jobs.deliver_due()
        page = amir.get(f"{one}/deliveries?limit=1").json
        (last,) = page["items"]
        assert (last["type"], last["status"]) == ("appointment.created", "delivered")
        (attempt,) = last["attempts"]
        assert (attempt["status_code"], attempt["answer"]) == (200, "thank you")
        (first,) = amir.get(f"{one}/deliveries?cursor={page['next_cursor']}").json["items"]
        assert (first["type"], first["next_attempt_at"]) == ("webhook.test", None)
        assert amir.post(again).status_code == 202
        with app.app_context():
            jobs.deliver_due()
    assert [one.headers["webhook-id"] for one in there.taken].count(first["event_id"]) == 2


def test_in_production_nothing_leads_to_this_machine(app, amir, monkeypatch):
    settings = app.config["SETTINGS"].model_copy(update={"environment": "production"})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    for url in ("http://localhost:8000/", "https://127.0.0.1/", "https://[::1]/"):
        assert amir.post(ALL, {**WANTED, "url": url}).status_code == 400
