"""Senders of an organisation, by program."""

import pytest

from clinic.messaging.senders import chosen
from tests.messaging.identities.test_identities import NUMBER, code_sent

API = "/sender-identities"


@pytest.fixture(autouse=True)
def fresh(app):
    with app.app_context():
        chosen.senders().forget()
    yield
    with app.app_context():
        chosen.senders().forget()


def test_the_same_by_api(app, api, cast):
    api = api(cast.amir)
    made = api.post(API, json={"value": NUMBER, "display_name": "Front desk", "countries": ["GB"]})
    assert made.status_code == 201
    one = made.json
    assert (one["kind"], one["channel"], one["can_reply"]) == ("long_code", "sms", True)
    assert (one["rate"], one["verified"], one["is_default"]) == (1.0, False, False)
    assert api.post(API, json={"value": NUMBER}).status_code == 409
    path = f"{API}/{one['id']}"
    assert api.post(f"{path}/default").status_code == 409
    assert api.post(f"{path}/verify", json={}).json["verified"] is False
    wrong = api.post(f"{path}/verify", json={"code": "12"})
    assert (wrong.status_code, wrong.json["errors"][0]["code"]) == (400, "wrong_code")
    with app.app_context():
        code = code_sent()
    assert api.post(f"{path}/verify", json={"code": code}).json["verified"] is True
    assert api.post(f"{path}/default").json["is_default"] is True
    changed = api.patch(path, json={"rate": 10, "opt_outs_by": "provider"}).json
    assert (changed["rate"], changed["opt_outs_by"]) == (10.0, "provider")
    assert api.patch(path, json={"value": "+442079460143"}).status_code == 400
    assert [item["value"] for item in api.get(API).json["items"]] == [NUMBER]
    assert api.delete(path).status_code == 204
    assert api.get(API).json["items"] == []
    assert api.post(f"{path}/verify", json={}).status_code == 404
