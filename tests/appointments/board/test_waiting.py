"""What waits for people, in the navigation of every page at work, and how it stays true."""

import pytest

from clinic.core.data.db import db, transactional
from clinic.core.web import live
from clinic.core.web.live.hub import NOTHING_ELSE
from clinic.messaging.desk import service
from clinic.messaging.models import Message
from tests.cast import NOW
from tests.factories import book, scheduled, set_rules
from tests.pages import HTMX, root_id, soup
from tests.questions import asked

LIVE = {**HTMX, "X-Live": "1"}


@transactional
def fail_a_text(place):
    message = Message(
        organisation_id=place, direction="out", channel="sms", audience="patient",
        address="+447700900123", template="visit_reminder", language="en", body="?",
        status="failed", due_at=NOW, created_at=NOW, needs_attention=True,
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    return message.id


def said(answer):
    return [one.get_text() for one in soup(answer).select("[id^=counted-]")]


def test_a_part_tells_the_counts_and_is_empty_while_they_stand(app, signed_in, cast):
    with app.app_context():
        set_rules(cast.harbour, approval_required=True)
        book(cast.asha, cast.dr_chandra)
    client = signed_in(cast.esha)
    first = client.get("/board/waiting", headers=LIVE)
    assert root_id(first) == "counts"
    assert said(first) == [", 1 to decide", "", ""]
    known = {**LIVE, "If-None-Match": first.headers["ETag"]}
    again = client.get("/board/waiting", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    with app.app_context():
        fail_a_text(cast.harbour)
    changed = client.get("/board/waiting", headers=known)
    assert said(changed) == [", 1 to decide", ", 1 needs a look", ""]
    parts = soup(changed).select("#counts > *")
    assert [one["hx-swap-oob"] for one in parts] == ["morph"] * 6


def test_boards_get_their_strip_along(app, signed_in, cast):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra)
        fail_a_text(cast.harbour)
    strip = soup(signed_in(cast.esha).get("/board/waiting?strip=1", headers=LIVE)).find(
        id="waiting"
    )
    assert [one.get_text() for one in strip.find_all("a")] == ["1 text needs a look"]
    bell = soup(signed_in(cast.esha).get("/board/")).find(id="bell")
    assert bell["hx-get"] == "/board/waiting?strip=1"


def test_a_doctor_counts_their_own_requests_and_no_messages(app, signed_in, cast):
    with app.app_context():
        set_rules(cast.harbour, approval_required=True)
        book(cast.asha, cast.dr_chandra)
        fail_a_text(cast.harbour)
    for who, words in ((cast.dr_chandra, ", 1 to decide"), (cast.dr_dev, "")):
        assert said(signed_in(who).get("/board/waiting", headers=LIVE)) == [words]


@pytest.mark.parametrize("path", ["/patients/", "/schedules/", "/messages/", "/account/"])
def test_every_page_at_work_hears(signed_in, cast, path):
    bell = soup(signed_in(cast.esha).get(path)).find(id="bell")
    assert bell["data-stream"] == f"/live/waiting/{cast.harbour}"
    assert "every" not in bell["hx-trigger"]


def test_patients_and_superadmins_have_no_bell(signed_in, cast):
    for person in (cast.asha, cast.gita):
        assert soup(signed_in(person).get("/account/")).find(id="bell") is None


def test_a_board_brings_the_counts_by_itself(app, signed_in, cast):
    """No question more than before: what its strip says is asked once."""
    with app.app_context():
        fail_a_text(cast.harbour)
    client = signed_in(cast.esha)
    refreshed = client.get("/board/", headers=LIVE)
    assert said(refreshed) == ["", ", 1 needs a look", ""]
    with app.app_context(), asked() as heard:
        client.get("/board/", headers=LIVE)
    assert sum("needs_attention" in one for one in heard) == 1
    with app.app_context(), asked() as heard:
        client.get("/board/")
    assert sum("needs_attention" in one for one in heard) == 1


def test_an_unchanged_part_asks_who_and_how_many(app, signed_in, cast):
    client = signed_in(cast.esha)
    tag = client.get("/board/waiting", headers=LIVE).headers["ETag"]
    with app.app_context(), asked() as heard:
        answer = client.get("/board/waiting", headers={**LIVE, "If-None-Match": tag})
    assert answer.status_code == 304
    assert len([one for one in heard if one.startswith("SELECT")]) == 2


def test_what_a_person_has_looked_at_rings_everywhere(app, cast, monkeypatch):
    rung = []
    monkeypatch.setattr(live, "ring", lambda topic, what: rung.append((topic, what)))
    with app.app_context():
        service.mark_seen(fail_a_text(cast.harbour), cast.esha.actor)
    assert (f"waiting:{cast.harbour}", "waiting") in rung


def test_who_looks_after_messages_hears_beside_their_own_stream(in_app, cast):
    for who, kind in ((cast.esha, "doctor"), (cast.amir, "messages")):
        beside = live.counts_beside(who.actor, kind)
        assert beside.topic == f"waiting:{cast.harbour}"
        assert beside.is_told_by_own is (kind == "doctor")
    assert live.counts_beside(cast.dr_dev.actor, "doctor") == NOTHING_ELSE
    assert live.counts_beside(cast.esha.actor, "waiting") == NOTHING_ELSE
