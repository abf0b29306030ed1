"""Readiness by program."""

import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.messaging import jobs
from clinic.messaging.models import Message

URL = "/messaging/readiness"


def test_a_program_sees_what_the_page_shows(app, api, cast):
    amir = api(cast.amir)
    first = amir.get(URL).json
    assert (first["state"], first["checks"], first["is_running"]) == (None, [], False)
    assert [one["channel"] for one in first["channels"]] == ["sms", "whatsapp", "email"]
    asked = amir.post(URL)
    assert (asked.status_code, asked.json["is_running"]) == (202, True)
    with app.app_context():
        jobs.prove()
    found = amir.get(URL).json
    assert (found["state"], found["is_running"]) == ("warning", False)
    sentences = [one["sentence"] for one in found["checks"]]
    assert "WhatsApp is not used: no number is named for it." in sentences


def test_a_retry_with_the_same_key_sends_one_test(app, api, cast):
    amir, key = api(cast.amir), {"Idempotency-Key": "the-same-test"}
    wanted = {"channel": "sms", "address": "+447700900555"}
    for _ in range(2):
        assert amir.post(f"{URL}/test", wanted, headers=key).status_code == 202
        with app.app_context():
            jobs.deliver_due()
    with app.app_context():
        query = sa.select(sa.func.count()).where(Message.address == "+447700900555")
        assert db.session.scalar(query) == 1
