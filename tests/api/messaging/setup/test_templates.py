"""Words of an organisation's messages, by program."""

import pytest

from clinic.messaging.words.own.wordings import wordings

API = "/message-templates"
ONE = f"{API}/visit_reminder/sms/en"
BODY = "{organisation}: we look forward to you {day}, {time}. {reply} {link}"


@pytest.fixture(autouse=True)
def fresh(app):
    yield
    with app.app_context():
        wordings().forget()


def test_the_same_by_api(api, cast):
    api = api(cast.amir)
    before = api.get(ONE).json
    assert (before["is_own"], before["version"]) == (False, 0)
    assert before["body"].startswith("{organisation}: see you {day}")
    assert {"day", "link", "reply"} < set(before["variables"])
    said = api.put(ONE, json={"body": BODY, "version": 0}).json
    assert (said["is_own"], said["version"], said["body"]) == (True, 1, BODY)
    stale = api.put(ONE, json={"body": BODY, "version": 0})
    assert (stale.status_code, stale.json["errors"][0]["code"]) == (409, "wording_changed")
    seen = [one for one in api.get(API).json["items"] if one["is_own"]]
    assert [one["template"] for one in seen] == ["visit_reminder"]
    assert api.delete(ONE).status_code == 204
    assert api.get(ONE).json == before


def test_a_look_tells_length_and_parts(api, cast):
    both = api(cast.amir).post(f"{ONE}/preview", json={"body": BODY}).json
    assert (both["answered"]["encoding"], both["answered"]["parts"]) == ("GSM-7", 1)
    assert "Reply C" not in both["unanswered"]["text"]


def test_what_is_wrong_is_named(api, cast):
    api = api(cast.amir)
    refused = api.put(ONE, json={"body": "Hello {reason}"})
    assert refused.status_code == 400
    codes = {one["code"] for one in refused.json["errors"]}
    assert {"unknown", "first", "missing"} <= codes
    assert api.put(f"{API}/reset/sms/en", json={"body": BODY}).status_code == 404
