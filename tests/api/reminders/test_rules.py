"""An organisation's own reminders, by program."""

import pytest

from tests.reminders.plan_helpers import work

DAY_BEFORE = {"minutes_before": 1440, "channel": "email"}


@pytest.fixture
def amir(api, cast):
    return api(cast.amir)


@pytest.fixture
def rules(cast):
    return f"/organisations/{cast.harbour}/reminder-rules"


def test_added_listed_changed_deleted(app, amir, rules):
    assert amir.get(rules).json == {"items": [], "next_cursor": None, "planning": None}
    key = {"Idempotency-Key": "once"}
    first, second = (amir.post(rules, DAY_BEFORE, headers=key) for _ in range(2))
    assert (first.status_code, second.json) == (201, first.json)
    assert first.json == {
        **DAY_BEFORE,
        "id": first.json["id"],
        "audience": "patient",
        "label": "",
        "is_active": True,
    }
    assert amir.get(rules).json["planning"]["is_done"] is False
    with app.app_context():
        work()
    done = {"is_done": True, "planned": 0, "moved": 0, "withdrawn": 0}
    assert amir.get(rules).json == {"items": [first.json], "next_cursor": None, "planning": done}
    taken = amir.post(rules, DAY_BEFORE)
    assert (taken.status_code, taken.json["type"]) == (409, "urn:clinic:problem:rule_taken")
    one = f"{rules}/{first.json['id']}"
    changed = amir.patch(one, {"channel": "own", "is_active": False})
    assert changed.json == {**first.json, "channel": "own", "is_active": False}
    assert amir.get(one).json == changed.json
    for wrong in ({"minutes_before": 29}, {"channel": "fax"}, {"audience": None}, {"rule": 1}):
        assert amir.patch(one, wrong).status_code == 400
    assert amir.delete(one).status_code == 204
    assert amir.get(one).status_code == 404


def test_page_by_page(amir, rules):
    for minutes in (60, 1440, 600):
        amir.post(rules, {"minutes_before": minutes})
    first = amir.get(f"{rules}?limit=2").json
    rest = amir.get(f"{rules}?limit=2&cursor={first['next_cursor']}").json
    found = [one["minutes_before"] for one in first["items"] + rest["items"]]
    assert found == [1440, 600, 60]


def test_quiet_hours(amir, cast):
    hours = f"/organisations/{cast.harbour}/quiet-hours"
    assert amir.get(hours).json == {"quiet_from": "21:00", "quiet_to": "08:00"}
    changed = amir.patch(hours, {"quiet_from": "22:15"})
    assert changed.json == {"quiet_from": "22:15", "quiet_to": "08:00"}
    for wrong in ("24:00", "8:00", "08:60", 480, None):
        assert amir.patch(hours, {"quiet_to": wrong}).status_code == 400
