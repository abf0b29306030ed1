"""The page of readiness, and the same by program and by command."""

import json

import pytest

from clinic.messaging import jobs
from clinic.messaging.readiness import words
from clinic.messaging.readiness.queries import Way
from tests.pages import HTMX, is_whole_page, root_id, soup, text_of

PAGE = "/admin/messaging/"


@pytest.mark.parametrize("who", ["amir", "gita"])
def test_it_is_asked_for_and_shown(app, signed_in, cast, who):
    client = signed_in(cast.people[who])
    page, part = client.get(PAGE), client.get(PAGE, headers=HTMX)
    assert (page.status_code, is_whole_page(page), root_id(part)) == (200, True, "proof")
    assert "Not checked yet" in text_of(page)
    assert not soup(part).find(id="proof").get("hx-get")
    asked = client.post(PAGE + "check", follow_redirects=True)
    assert "The check has begun" in text_of(asked)
    assert soup(asked).find(id="proof")["hx-trigger"] == "every 2s"
    with app.app_context():
        jobs.prove()
    done = client.get(PAGE)
    assert "messages stay in the development inbox" in text_of(done)
    assert "Set TWILIO_ACCOUNT_SID and what belongs to it" in text_of(done)
    assert "2 to look at" in text_of(done)
    assert not soup(done).find(id="proof").get("hx-get")


def test_the_settings_and_the_system_lead_there(signed_in, cast):
    client = signed_in(cast.amir)
    for page in ("/admin/settings", "/admin/health"):
        assert soup(client.get(page)).find("a", href=PAGE)


def doctor(app, *options):
    return app.test_cli_runner().invoke(args=["doctor", *options])


def test_the_doctor_of_a_machine(app, cast):
    ran = doctor(app)
    assert (ran.exit_code, ran.exception) == (0, None)
    assert "The database answers, at revision" in ran.output
    assert "sms" not in ran.output
    more = doctor(app, "--messaging")
    assert "WARNING  sms" in more.output
    assert "-> Set TWILIO_ACCOUNT_SID" in more.output


def test_the_doctor_speaks_to_programs_and_ends_badly_where_it_is_bad(app, cast, monkeypatch):
    bad = app.config["SETTINGS"].model_copy(update={"twilio_account_sid": "AC1"})
    monkeypatch.setitem(app.config, "SETTINGS", bad)
    ran = doctor(app, "--messaging", "--json")
    assert ran.exit_code == 1
    found = {(one["channel"], one["name"]): one for one in json.loads(ran.output)}
    assert found["sms", "provider"]["state"] == "danger"
    assert found["sms", "provider"]["remedy"].startswith("Set TWILIO_AUTH_TOKEN")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (59, "less than a minute"), (60, "1 minute"), (3599, "59 minutes"), (3600, "1 hour"),
        (9000, "2 hours"), (86_400, "1 day"), (1_231_800, "14 days"),
    ],
)  # fmt: skip
def test_how_long_the_oldest_waits(app, seconds, said):
    with app.test_request_context():
        assert words.age(Way("sms", True, True, [], [], 1, seconds)) == said
