"""Readiness by program."""

from clinic.messaging import jobs

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
