"""The inbox by program."""

from uuid import uuid4

import pytest

from clinic.core.data.db import db
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.inbound.receive import receive
from tests.factories import scheduled
from tests.messaging.ledger_helpers import ASHA

LIST, SAVED = "/conversations", "/saved-replies"


@pytest.fixture
def desk(app, api, cast):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra)
        db.session.remove()
    write(app, "Can somebody call me?")
    return api(cast.esha)


def write(app, body):
    with app.app_context():
        receive(Inbound(uuid4().hex, ASHA, "+447700900999", body))


@pytest.fixture
def path(desk):
    (found,) = desk.get(LIST).json["items"]
    return f"{LIST}/{found['id']}"


def test_the_list_says_who_waits(desk, cast):
    (found,) = desk.get(LIST, query_string={"show": "needs_reply"}).json["items"]
    assert [one["name"] for one in found["patients"]] == ["Asha Rao"]
    assert (found["unread"], found["last_text"], found["is_attached"]) == (
        1, "Can somebody call me?", False,
    )  # fmt: skip
    assert found["waits_since"]
    assert desk.get(LIST, query_string={"q": "asha"}).json["items"]
    assert desk.get(LIST, query_string={"q": "bela"}).json["items"] == []
    assert desk.get(LIST, query_string={"show": "mine"}).json["items"] == []


def test_a_retry_with_the_same_key_sends_one_reply(desk, path):
    key = {"Idempotency-Key": uuid4().hex}
    first = desk.post(f"{path}/reply", json={"text": "Dear {name}, when?"}, headers=key)
    again = desk.post(f"{path}/reply", json={"text": "Dear {name}, when?"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    lines = [one for one in again.json["lines"] if one["kind"] == "desk_reply"]
    assert [one["body"] for one in lines] == ["Harbour Clinic: Dear Asha Rao, when?"]
    assert again.json["waits_since"] is None


def test_why_a_reply_cannot_go(app, desk, path):
    write(app, "STOP")
    refused = desk.post(f"{path}/reply", json={"text": "Of course"})
    assert (refused.status_code, refused.json["type"][19:]) == (409, "cannot_reply")
    assert refused.json["errors"][0]["code"] == "opted_out"


def test_one_claims_and_the_other_hears_it(api, cast, desk, path):
    assert desk.post(f"{path}/claim").json["claimed_name"] == cast.esha.name
    refused = api(cast.amir).post(f"{path}/claim")
    assert (refused.status_code, refused.json["type"][19:]) == (409, "already_claimed")
    assert desk.post(f"{path}/release").json["claimed_by"] is None


def test_read_closed_and_open_again(desk, path):
    assert desk.post(f"{path}/read").json["unread"] == 0
    assert desk.post(f"{path}/close").json["closed_at"]
    assert desk.post(f"{path}/reopen").json["closed_at"] is None


def test_it_is_attached_to_a_patient(desk, path, cast):
    body = {"patient_id": str(cast.asha.patient_id)}
    assert desk.post(f"{path}/attach", json=body).json["is_attached"] is True
    assert desk.post(f"{path}/attach", json={"patient_id": str(uuid4())}).status_code == 404
    assert desk.post(f"{path}/attach", json={"patient_id": None}).json["is_attached"] is False


def test_saved_replies(desk):
    new = desk.post(SAVED, json={"title": "Parking", "body": "Behind the house."})
    assert new.status_code == 201
    assert desk.post(SAVED, json={"title": "parking", "body": "x"}).status_code == 409
    changed = desk.put(f"{SAVED}/{new.json['id']}", json={"title": "Cars", "body": "Behind it."})
    assert changed.json["title"] == "Cars"
    assert [one["title"] for one in desk.get(SAVED).json["items"]] == ["Cars"]
    assert desk.delete(f"{SAVED}/{new.json['id']}").status_code == 204
    assert desk.get(f"{SAVED}/{new.json['id']}").status_code == 404


def test_who_replied_is_told(desk, path, cast):
    (line,) = [
        one
        for one in desk.post(f"{path}/reply", json={"text": "At nine."}).json["lines"]
        if one["kind"] == "desk_reply"
    ]
    assert line["written_name"] == cast.esha.name


HOURS = "/desk-hours"
MONDAY = {"weekday": 0, "opens": "09:00", "closes": "17:00"}


def test_hours_of_the_desk(api, cast):
    admin = api(cast.amir)
    usual = admin.get(HOURS).json
    assert (usual["is_on"], [one["weekday"] for one in usual["days"]]) == (False, [0, 1, 2, 3, 4])
    new = {"is_on": True, "words": "Later.", "days": [MONDAY, MONDAY | {"weekday": 6}]}
    assert admin.put(HOURS, json=new).json == new
    late = new | {"days": [MONDAY | {"closes": "00:00"}]}
    assert admin.put(HOURS, json=late).json["days"][0]["closes"] == "24:00"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"days": []}, "required"),
        ({"days": [MONDAY, MONDAY]}, "repeated"),
        ({"days": [MONDAY | {"opens": "18:00"}]}, "not_after"),
        ({"days": [MONDAY | {"weekday": 7}]}, None),
        ({"days": [MONDAY | {"opens": "9"}]}, None),
        ({"words": "a" * 101}, None),
    ],
)
def test_hours_that_are_none_are_refused(api, cast, changes, code):
    refused = api(cast.amir).put(HOURS, json={"is_on": True, "days": [MONDAY]} | changes)
    assert refused.status_code == 400
    assert code is None or refused.json["errors"][0]["code"] == code
