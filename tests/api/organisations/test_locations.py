"""Places by the API."""

import pytest

from tests.factories import book


@pytest.fixture
def amir(api, cast):
    return api(cast.amir)


@pytest.fixture
def places(cast):
    return f"/organisations/{cast.harbour}/locations"


def test_opened_listed_renamed(amir, places):
    key = {"Idempotency-Key": "a retried call"}
    pier = {"name": "Pier", "address": "2 Pier"}
    first, second = (amir.post(places, pier, headers=key) for _ in range(2))
    assert (first.status_code, second.json) == (201, first.json)
    page = amir.get(f"{places}?limit=1").json
    assert page["items"] == [first.json]
    rest = amir.get(f"{places}?limit=1&cursor={page['next_cursor']}").json
    assert [one["name"] for one in rest["items"]] == ["Quay Street"]
    one = f"{places}/{first.json['id']}"
    assert amir.patch(one, {"address": "3 Pier"}).json == {**first.json, "address": "3 Pier"}
    taken = amir.patch(one, {"name": "Quay Street"})
    assert (taken.status_code, taken.json["type"]) == (409, "urn:clinic:problem:name_taken")
    assert amir.post(places, {"name": "Quay Street"}).status_code == 409
    for wrong in ({"name": ""}, {"name": None}, {"closed_at": None}, {"address": "x" * 201}):
        assert amir.patch(one, wrong).status_code == 400
    assert amir.delete(one).status_code == 204
    assert amir.patch(one, {"name": "x"}).status_code == 404
    assert amir.delete(one).status_code == 404


def test_hours_alone_end_with_the_place(amir, places, cast):
    week = f"/doctors/{cast.dr_chandra.doctor_id}/schedules"
    assert amir.get(week).json["items"]
    assert amir.delete(f"{places}/{cast.quay_street}").status_code == 204
    assert amir.get(week).json["items"] == []


def test_closing_counts_what_depends_on_it(app, amir, places, cast):
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra)
        key = str(visit.id)
    one = f"{places}/{cast.quay_street}"
    refused = amir.delete(one)
    assert refused.status_code == 409
    assert refused.json["type"] == "urn:clinic:problem:visits_to_come"
    assert (refused.json["count"], refused.json["first"]["id"]) == (1, key)
    assert refused.json["windows"] > 0
    assert amir.delete(f"{one}?visits=sell").status_code == 400
    assert amir.delete(f"{one}?visits=cancel").status_code == 204
    assert amir.get(places).json["items"] == []
    assert amir.get(f"/appointments/{key}").json["cancel_reason"] == "place_closed"
