"""Many messages by program: sent again, stopped, found by a name."""

from datetime import timedelta
from uuid import uuid4

import pytest

from clinic.core.data.db import db
from tests.cast import NOW
from tests.factories import known_to, scheduled
from tests.messaging.ledger_helpers import message, queued

RESEND = "/messages/resend"


@pytest.fixture
def texts(app, cast):
    def write(count=1, **values):
        with app.app_context():
            return queued(count, **{"organisation_id": cast.harbour, "status": "failed",
                                    "template": "code", **values})  # fmt: skip

    return write


@pytest.fixture
def desk(api, cast):
    return api(cast.esha)


def test_named_ones_are_sent_again_and_others_refused_by_their_reason(desk, texts):
    (good,) = texts(address="+447700900321")
    (late,) = texts(expires_at=NOW - timedelta(minutes=1))
    absent = uuid4()
    told = desk.post(RESEND, {"ids": [str(good), str(late), str(absent)]})
    assert told.status_code == 200
    ((sent),) = told.json["sent"]
    assert sent["id"] == str(good)
    assert {one["id"]: one["code"] for one in told.json["refused"]} == {
        str(late): "expired", str(absent): "not_found",
    }  # fmt: skip
    assert all(one["reason"].endswith(".") for one in told.json["refused"])
    new = desk.get(f"/messages/{sent['message_id']}").json
    assert (new["status"], new["again_of"]) == ("queued", str(good))
    assert desk.get(f"/messages/{good}").json["sent_again"] == [sent["message_id"]]


def test_a_retry_with_the_same_key_sends_nothing_twice(desk, texts):
    ids = [str(texts(address=f"+44770090040{number}")[0]) for number in range(3)]
    key = {"Idempotency-Key": uuid4().hex}
    first, second = (desk.post(RESEND, {"ids": ids}, headers=key).json for _ in range(2))
    assert first == second
    assert len(first["sent"]) == 3


def test_what_a_filter_finds(desk, texts):
    (letter,) = texts(channel="email", address="bela@cast.example", status="skipped")
    texts(address="+447700900401")
    texts(channel="email", address="bela@cast.example", status="delivered")
    told = desk.post(RESEND, {"found": {"channel": ["email"]}}).json
    assert [one["id"] for one in told["sent"]] == [str(letter)]
    assert told["is_all"] is True


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"ids": ["x"]}, {"ids": [str(uuid4())], "found": {}}, {"found": {"x": 1}},
     {"ids": [str(uuid4())] * 501}],
)  # fmt: skip
def test_a_bad_body_is_refused(desk, body):
    assert desk.post(RESEND, body).status_code == 400


def test_what_waits_is_stopped(app, desk, api, cast, texts):
    (key,) = texts(status="queued")
    assert desk.get(f"/messages/{key}").json["can_cancel"] is True
    for _ in range(2):
        told = desk.post(f"/messages/{key}/cancel")
        assert (told.status_code, told.json["status"]) == (200, "cancelled")
    assert (told.json["error_code"], told.json["can_cancel"]) == ("by_desk", False)
    (gone,) = texts(status="sent")
    refused = desk.post(f"/messages/{gone}/cancel")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (409, "settled")
    assert api(cast.farid).post(f"/messages/{gone}/cancel").status_code == 404
    with app.app_context():
        assert message(gone).status == "sent"


def test_found_by_a_name(app, desk, cast, texts):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        visit = scheduled(cast.asha, cast.dr_chandra)
        db.session.remove()
    (hers,) = texts(about_id=visit.id, template="visit_booked", address="+447700900888")
    texts()
    told = desk.get("/messages?q=asha&kind=visit_booked&status=failed").json
    assert [one["id"] for one in told["items"]] == [str(hers)]


def test_how_far_they_came(desk, texts):
    texts(2)
    texts(status="delivered", sent_at=NOW)
    told = desk.get("/messages/stats").json
    assert told["funnel"] == {
        "queued": 3, "waiting": 0, "sent": 1, "delivered": 1, "failed": 2, "skipped": 0,
    }  # fmt: skip
    assert told["funnel_by_channel"]["email"]["queued"] == 0
    assert told["by_day"][-1]["funnel"] == told["funnel"]
