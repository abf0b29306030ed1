"""The ledger at the front desk: the list, its filters, one message's story, sending again."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.channels.call import Outcome
from clinic.messaging.delivery import callbacks
from clinic.messaging.delivery.callbacks import Report
from clinic.messaging.desk import queries
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.statuses import Status
from tests.cast import NOW, TODAY
from tests.factories import book, scheduled, set_rules
from tests.messaging.ledger_helpers import ASHA, begun, message, queued, settle
from tests.pages import HTMX, happened, is_whole_page, root_id, soup, text_of

LIST = "/messages/"


@pytest.fixture
def texts(app, cast):
    """Messages of Harbour Clinic, written while the app was at hand."""

    def write(count=1, **values):
        with app.app_context():
            return queued(count, **{"organisation_id": cast.harbour, **values})

    return write


def rows(answer):
    return soup(answer).select("#rows tbody tr")


def shown(answer):
    return {row["id"].removeprefix("message-") for row in rows(answer)}


def test_the_list_says_who_what_when_and_how_it_went(app, signed_in, cast, texts):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    texts(about_id=visit.id, status="failed", error_code="30003", attempts=2)
    (row,) = rows(signed_in(cast.esha).get(LIST))
    words = " ".join(row.get_text(" ").split())
    for said in ("Asha Rao", "Reminder", "SMS", "06:", "2", "Failed", "cannot be reached"):
        assert said in words
    assert ASHA not in words


def test_a_message_to_a_doctor_is_not_shown_as_the_patients(app, signed_in, cast, texts):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    texts(about_id=visit.id, audience="doctor", address="+447700900010")
    (row,) = rows(signed_in(cast.esha).get(LIST))
    assert "07700\N{NO-BREAK SPACE}900010" in row.get_text()
    assert "Asha" not in row.get_text()


def test_another_clinic_sees_nothing_of_it(signed_in, cast, texts):
    (key,) = texts(needs_attention=True)
    client = signed_in(cast.farid)
    assert shown(client.get(LIST)) == set()
    assert soup(client.get(LIST)).find(id="show-attention") is None
    for path in (f"/messages/{key}", f"/messages/{uuid4()}"):
        assert client.get(path).status_code == 404
        assert client.post(f"{path}/resend").status_code == 404
        assert client.post(f"{path}/seen").status_code == 404


@pytest.mark.parametrize("who", ["asha", "dr_chandra", "gita"])
def test_only_the_desk_may_look(signed_in, client, cast, texts, who):
    (key,) = texts()
    person = signed_in(cast.people[who])
    for path in (LIST, f"/messages/{key}"):
        assert person.get(path).status_code == 403
        assert client.get(path).location.startswith("/login?next=")
    assert person.post(f"/messages/{key}/resend").status_code == 403


@pytest.fixture
def mixed(texts):
    """One message of each kind that a filter can tell apart."""
    return {
        "text": texts()[0],
        "failed": texts(status="failed", needs_attention=True)[0],
        "letter": texts(channel="email", address="bela@cast.example")[0],
        "old": texts(created_at=NOW - timedelta(days=3))[0],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "text failed letter old"),
        ({"status": "failed"}, "failed"),
        ({"channel": "email"}, "letter"),
        ({"address": "07700 900000"}, "text failed old"),
        ({"address": "Bela@"}, "letter"),
        ({"since": TODAY.isoformat()}, "text failed letter"),
        ({"attention": "1"}, "failed"),
        ({"status": "queued", "channel": "sms", "since": TODAY.isoformat()}, "text"),
        ({"address": "%"}, ""),
        ({"status": "lost"}, ""),
    ],
    ids=str,
)
def test_filters(signed_in, cast, mixed, query, found):
    client = signed_in(cast.esha)
    page, part = client.get(LIST, query_string=query), client.get(LIST, query_string=query,
                                                                  headers=HTMX)  # fmt: skip
    assert shown(page) == shown(part) == {str(mixed[name]) for name in found.split()}
    assert (is_whole_page(page), root_id(part)) == (True, "rows")
    assert "HX-Request" in part.vary
    if not found:
        assert f"No messages: {query.get('address', 'lost')}" in text_of(page)


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"since": "0001-01-01"},
        {"since": "9999-12-31"},
        {"before": "x"},
        {"before": "310b5ea4-aedc-4bd5-85fb-4e29bf9abcab"},
        {"endpoint": "x", "_scheme": "https", "_external": "1"},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_left_out(signed_in, cast, texts, query):
    texts(26)
    answer = signed_in(cast.esha).get(LIST, query_string=query)
    assert (answer.status_code, len(rows(answer))) == (200, 25)


def test_older_messages_follow_page_by_page(signed_in, cast, texts):
    keys = {str(key) for key in texts(60)}  # written in one instant
    texts(channel="email")
    client, url, pages = signed_in(cast.esha), f"{LIST}?channel=sms", []
    while url:
        answer = client.get(url)
        pages.append(shown(answer))
        older = soup(answer).find("a", id="older")
        url = older["href"] if older else None
    assert [len(page) for page in pages] == [25, 25, 10]
    assert set().union(*pages) == keys


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "x" * 2000, "%00"])
def test_a_page_that_does_not_exist_is_a_wrong_request(signed_in, cast, texts, cursor):
    texts()
    assert signed_in(cast.esha).get(f"{LIST}?cursor={cursor}").status_code == 400


def test_the_list_refreshes_itself_as_it_is_filtered(signed_in, cast, texts):
    texts(26)
    page = soup(signed_in(cast.esha).get(LIST))
    bell = page.find(attrs={"sse-connect": f"/live/messages/{cast.harbour}"})
    assert bell.parent["hx-include"] == f"#{page.select_one('main form[role=search]')['id']}"
    region = page.select_one(bell["hx-target"])
    assert region.find(["input", "select", "textarea"]) is None
    older = soup(signed_in(cast.esha).get(page.find("a", id="older")["href"]))
    assert older.find(attrs={"sse-connect": True}) is None


def test_the_page_says_when_nothing_is_sent(app, signed_in, cast, monkeypatch):
    client = signed_in(cast.esha)
    assert "are skipped, not sent" in text_of(client.get(LIST))
    assert "/dev/inbox" not in client.get(LIST).text
    settings = app.config["SETTINGS"].model_copy(update={"environment": "development"})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    assert soup(client.get(LIST)).find("a", href="/dev/inbox")
    both = {"smtp_host": "mail.example", "twilio_account_sid": "AC1"}
    both |= {"twilio_auth_token": "secret", "twilio_from": "+447700900999"}
    monkeypatch.setitem(app.config, "SETTINGS", settings.model_copy(update=both))
    assert "set up" not in text_of(client.get(LIST))


def test_a_story_tells_each_step_and_no_secret(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
        claim = begun(organisation_id=cast.harbour, about_id=visit.id,
                      body=f"See you at 9. {{link:visit:{visit.id}}}")  # fmt: skip
        settle(claim, Outcome("sent", provider_id="SM7", sender="+447700900999"))
        callbacks.record_callback(Report(claim.id, "SM7", "undelivered", "30005"))
    answer = signed_in(cast.esha).get(f"/messages/{claim.id}")
    words = text_of(answer)
    for said in ("Asha Rao", "07700 900000", "07700 900999", "SM7", "See you at 9. •••", "Failed"):
        assert said in words
    steps = [step.get_text(" ", strip=True) for step in soup(answer).select(".log li .strong")]
    assert steps == ["Queued", "Attempt 1", "The provider took it", "Reported: undelivered"]
    assert "Nobody has this number" in words
    assert "/visit/" not in answer.text
    assert "Asha" not in soup(answer).title.get_text()
    assert root_id(signed_in(cast.esha).get(f"/messages/{claim.id}", headers=HTMX)) == "story"


def test_an_uncertain_one_warns_before_it_is_sent_again(app, signed_in, cast):
    with app.app_context():
        claim = begun(organisation_id=cast.harbour)
        settle(claim, Outcome("uncertain", error_code="reset"))
    words = text_of(signed_in(cast.esha).get(f"/messages/{claim.id}"))
    assert "could arrive twice" in words
    assert "may have been taken" in words


def test_an_answer_shows_what_was_answered(signed_in, cast, texts):
    (key,) = texts(direction="in", template="inbound", status="received", body="Can I come later?",
                   answer="Harbour: sorry. {link:visit:1}", sender="+447700900999")  # fmt: skip
    answer = signed_in(cast.esha).get(f"/messages/{key}")
    first, second = soup(answer).select(".msg")
    assert "Can I come later?" in first.get_text()
    assert "Harbour: sorry. •••" in second.get_text()
    assert soup(answer).find(id="resend") is None


def test_later_texts_of_the_number_are_read_with_the_one_that_stands_before_the_desk(
    signed_in, cast, texts
):
    came = {"direction": "in", "template": "inbound", "status": "received"}

    def at_minute(minute, body, **more):
        moment = NOW + timedelta(minutes=minute)
        return texts(body=body, created_at=moment, **came, **more)[0]

    key = at_minute(0, "Can I come at 10?", needs_attention=True)
    at_minute(5, "Or at 11?")
    at_minute(70, "Too late now")
    at_minute(6, "Of somebody else", address="+447700900001")
    at_minute(7, "Of another clinic", organisation_id=cast.elsewhere)
    thread = soup(signed_in(cast.esha).get(f"/messages/{key}")).select_one(".thread").get_text()
    assert "Can I come at 10?" in thread
    assert "Or at 11?" in thread
    assert not any(words in thread for words in ("Too late", "somebody else", "another clinic"))


def test_sending_again_is_held_back_when_the_number_had_its_day(app, signed_in, cast, texts):
    (key,) = texts(status="skipped", error_code="too_many", is_known=False)
    client = signed_in(cast.esha)
    assert client.post(f"/messages/{key}/resend").status_code == 303
    texts(49, status="sent")
    refused = client.post(f"/messages/{key}/resend")
    assert refused.status_code == 409
    assert "Too many messages went out in a short time" in text_of(refused)
    assert "Too many messages went out in a short time; call" in text_of(
        client.get(f"/messages/{key}")
    )


def test_sending_again_makes_a_message_of_its_own(app, signed_in, cast, texts):
    (key,) = texts(status="failed", error_code="30003", needs_attention=True, dedupe_key="once")
    client = signed_in(cast.esha)
    assert soup(client.get(f"/messages/{key}")).find(id="resend")
    answer = client.post(f"/messages/{key}/resend")
    new_id = answer.location.rpartition("/")[2]
    assert answer.status_code == 303
    assert "Queued" in text_of(client.get(answer.location))
    with app.app_context():
        old, new = message(key), message(UUID(new_id))
        assert (old.status, old.needs_attention) == ("failed", False)
        assert (new.body, new.address, new.status) == (old.body, old.address, "queued")
        assert new.dedupe_key != old.dedupe_key
    by_htmx = client.post(f"/messages/{key}/resend", headers=HTMX)
    assert (by_htmx.status_code, by_htmx.headers["HX-Redirect"][:10]) == (204, "/messages/")


def test_what_is_on_its_way_is_not_sent_again(app, signed_in, cast, texts):
    (key,) = texts()
    client = signed_in(cast.esha)
    assert soup(client.get(f"/messages/{key}")).find(id="resend") is None
    assert client.post(f"/messages/{key}/resend").status_code == 409
    assert client.get(f"/messages/{key}/resend").status_code == 405
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1


def test_what_was_seen_leaves_the_list_of_what_needs_a_look(signed_in, cast, texts):
    first, second = texts(2, status="failed", needs_attention=True)
    client = signed_in(cast.esha)
    assert "2 messages need a look" in text_of(client.get(LIST))
    answer = client.post(f"/messages/{first}/seen", headers=HTMX)
    assert (answer.status_code, root_id(answer)) == (200, "seen")
    assert happened(answer)["toast"]["text"] == "Marked as seen."
    assert "1 message needs a look" in text_of(client.get(LIST))
    plain = client.post(f"/messages/{second}/seen")
    assert (plain.status_code, urlsplit(plain.location).path) == (303, LIST)
    assert parse_qs(urlsplit(plain.location).query) == {"attention": ["1"]}
    assert soup(client.get(LIST)).find(id="show-attention") is None


def test_a_person_without_an_address_is_shown_too(app, signed_in, cast):
    with app.app_context():
        queue_one(NewMessage(cast.harbour, "sms", "", "visit_missed", {"organisation": "H"}))
    (row,) = rows(signed_in(cast.esha).get(LIST))
    assert "No address" in row.get_text()
    assert "there is no number or address" in row.get_text()


@transactional
def queue_one(new):
    messages.queue_messages([new])


def test_every_status_of_a_message_has_a_badge(app):
    with app.test_request_context():
        badge = app.jinja_env.get_template("components/badge.html").module
        for status in Status:
            assert status in badge.ICONS
            assert str(badge.words(status)).strip(), status


def test_times_are_the_clinics(signed_in, cast, texts):
    summer = clock.now() - timedelta(days=120)
    (key,) = texts(created_at=summer, due_at=summer)
    time = soup(signed_in(cast.esha).get(f"/messages/{key}")).select_one(".log time")
    assert ", 07:30:" in time.get_text()
    assert time["datetime"].startswith("2026-07-19T06:30:")


def test_what_needs_a_look_is_counted_for_whoever_may_look(app, cast, texts):
    texts(2, needs_attention=True)
    texts(needs_attention=True, organisation_id=cast.elsewhere)
    texts()
    with app.app_context():
        counted = [queries.needing_look(one.actor) for one in (cast.esha, cast.farid, cast.asha)]
    assert counted == [2, 1, 0]


def test_the_rail_says_what_waits(app, signed_in, cast):
    """On whole pages of the desk, and with a board that asks it anyhow: other parts ask nothing."""
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra)
        set_rules(cast.harbour, approval_required=True)
    client = signed_in(cast.esha)
    rail = soup(client.get("/board/")).select_one("nav[aria-label=Main]")
    board = rail.select_one("a[href='/board/']")
    assert visit.status == "pending"
    assert [one.get_text() for one in board.select("[id^=count]")] == ["1", ", 1 to decide"]
    assert rail.select_one("a[href='/messages/'] .count").get_text() == ""
    assert soup(client.get("/messages/", headers=HTMX)).select_one(".count") is None
    assert soup(signed_in(cast.asha).get("/appointments/")).select_one("nav .count") is None
