"""Many at once: sent again, each by itself and once, and taken along as a table."""

import csv
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging.desk.many import service
from clinic.messaging.models import Message
from tests.cast import NOW
from tests.factories import known_to, scheduled, take
from tests.messaging.ledger_helpers import ASHA, message, queued
from tests.pages import soup, text_of

pytestmark = pytest.mark.usefixtures("in_app")
CAME = {"direction": "in", "template": "inbound", "status": "received"}


@pytest.fixture
def texts(cast):
    def write(count=1, **values):
        return queued(count, **{"organisation_id": cast.harbour, "status": "failed",
                                "template": "code", "needs_attention": True, **values})  # fmt: skip

    return write


def numbered(count):
    return [f"+4477009{number:05}" for number in range(count)]


@pytest.fixture
def crowd(texts):
    return [texts(address=there)[0] for there in numbered(30)]


def new_ones():
    db.session.rollback()
    which = Message.dedupe_key.startswith("resend:")
    return db.session.scalars(sa.select(Message).where(which)).all()


def chosen_on(page):
    return [one["value"] for one in soup(page).select("input[name=message]") if "checked" in
            one.attrs]  # fmt: skip


def turn_on(page):
    return soup(page).select_one("input[name=turn]")["value"]


# --- the command


def test_each_goes_once_however_often_the_turn_comes(cast, crowd):
    first = service.resend(crowd, cast.esha.actor, "turn")
    assert (len(first.sent), first.refused) == (30, [])
    again = service.resend([*crowd, *crowd], cast.esha.actor, "turn")
    assert again.sent == first.sent
    assert len(new_ones()) == 30
    assert {one.address for one in new_ones()} == set(numbered(30))
    assert not any(message(one).needs_attention for one in crowd)
    service.resend(crowd[:1], cast.esha.actor, "another turn")
    assert len(new_ones()) == 31


def test_what_is_not_true_any_more_keeps_no_other_from_going(cast, texts):
    known_to(cast.harbour, cast.asha)
    visit = scheduled(cast.asha, cast.dr_chandra)
    take(visit, "cancel", by=cast.asha)
    (gone,) = texts(about_id=visit.id, template="visit_booked")
    (late,) = texts(expires_at=NOW - timedelta(minutes=1))
    (waits,) = texts(status="queued")
    (theirs,) = texts(organisation_id=cast.elsewhere)
    (came,) = texts(**CAME)
    (good,) = texts(address="+447700900321")
    absent = uuid4()
    done = service.resend([gone, late, waits, theirs, came, good, absent], cast.esha.actor, "turn")
    assert set(done.sent) == {good}
    assert {one.message_id: one.why for one in done.refused} == {
        gone: "cancelled", late: "expired", waits: "on_its_way", theirs: "not_found",
        came: "not_found", absent: "not_found",
    }  # fmt: skip
    assert message(gone).needs_attention
    assert message(theirs).needs_attention


def test_no_more_than_five_hundred(cast, monkeypatch, crowd):
    monkeypatch.setattr(service, "MOST", 7)
    monkeypatch.setattr(service, "AT_ONCE", 3)
    assert len(service.resend(crowd, cast.esha.actor, "turn").sent) == 7


def test_a_number_has_its_day_all_the_same(cast, texts):
    ids = texts(45, address=ASHA)
    done = service.resend(ids, cast.esha.actor, "turn")
    assert {one.why for one in done.refused} == {"too_many"}
    assert (len(done.sent), len(done.refused)) == (5, 40)


# --- the pages


def test_what_did_not_arrive_is_chosen_and_goes(signed_in, cast, crowd, texts):
    (maybe,) = texts(status="uncertain", address="+447700900777")
    texts(status="delivered", needs_attention=False)
    client = signed_in(cast.esha)
    link = soup(client.get("/messages/?channel=sms")).find("a", id="again")["href"]
    assert urlsplit(link).query == "channel=sms"
    page = client.get(link)
    assert set(chosen_on(page)) == {str(one) for one in crowd}
    assert page.text.count(str(maybe)) == 1
    assert "it could arrive twice" in text_of(page)
    form = {"turn": turn_on(page), "message": chosen_on(page)}
    for _ in range(2):  # two taps
        answer = client.post("/messages/resend", data=form)
        assert "30 messages go out again" in text_of(answer)
        assert len(new_ones()) == 30


def test_the_page_says_how_many_went_and_why_others_did_not(signed_in, cast, texts):
    late = texts(2, expires_at=NOW - timedelta(minutes=1))
    (good,) = texts(address="+447700900321")
    client = signed_in(cast.esha)
    answer = client.post("/messages/resend", data={"message": [*map(str, late), str(good), "x"]})
    words = text_of(answer)
    assert "1 message goes out again" in words
    assert "2 messages: It is too late for this: what it holds is no longer valid." in words
    none = text_of(client.post("/messages/resend", data={}))
    assert "None of them was sent again" in none


def test_a_filter_that_finds_nothing_offers_nothing(signed_in, cast, texts):
    texts(status="delivered", needs_attention=False)
    client = signed_in(cast.esha)
    assert soup(client.get("/messages/")).find("a", id="again") is None
    assert "Nothing is to be sent again" in text_of(client.get("/messages/resend"))
    assert "Nothing is to be sent again" in text_of(client.get("/messages/resend?status=queued"))
    assert chosen_on(client.get("/messages/resend?status=delivered")) == []


def test_one_that_was_sent_again_tells_of_both(signed_in, cast, texts):
    (old,) = texts()
    client = signed_in(cast.esha)
    new = client.post(f"/messages/{old}/resend").location.rpartition("/")[2]
    steps = soup(client.get(f"/messages/{old}")).select(".log a")
    assert [(one["href"], one.get_text()) for one in steps] == [
        (f"/messages/{new}", "Sent again by SMS")
    ]
    (step,) = soup(client.get(f"/messages/{new}")).select(".log a")
    assert (step["href"], step.get_text()) == (f"/messages/{old}", "Queued, to say it again")


# --- what waits is stopped


def test_what_waits_is_stopped_once(signed_in, cast, texts):
    (key,) = texts(status="queued", needs_attention=False)
    client = signed_in(cast.esha)
    assert soup(client.get(f"/messages/{key}")).find(id="cancel")
    for _ in range(2):
        assert client.post(f"/messages/{key}/cancel").status_code == 303
    row = message(key)
    assert (row.status, row.error_code) == ("cancelled", "by_desk")
    page = client.get(f"/messages/{key}")
    assert soup(page).find(id="cancel") is None
    assert "Somebody at the clinic stopped it" in text_of(page)


@pytest.mark.parametrize(
    ("status", "said"), [("sending", "It is being sent just now"), ("sent", "It does not wait")]
)
def test_what_does_not_wait_cannot_be_stopped(signed_in, cast, texts, status, said):
    (key,) = texts(status=status)
    answer = signed_in(cast.esha).post(f"/messages/{key}/cancel")
    assert (answer.status_code, said in text_of(answer)) == (409, True)
    assert message(key).status == status


def test_another_clinic_stops_nothing(signed_in, cast, texts):
    (key,) = texts(status="queued")
    assert signed_in(cast.farid).post(f"/messages/{key}/cancel").status_code == 404
    assert message(key).status == "queued"


# --- as a table


def table(answer):
    assert answer.mimetype == "text/csv"
    return [*csv.DictReader(answer.text.removeprefix("\ufeff").splitlines())]


def test_the_list_is_taken_along_as_it_is_narrowed(signed_in, cast, texts, monkeypatch):
    known_to(cast.harbour, cast.asha)
    visit = scheduled(cast.asha, cast.dr_chandra)
    texts(3, status="delivered", sent_at=clock.now())
    texts(about_id=visit.id, error_code="30003", template="visit_reminder")
    texts(organisation_id=cast.elsewhere)
    monkeypatch.setattr("clinic.messaging.desk.many.export.AT_ONCE", 2)
    client = signed_in(cast.esha)
    link = soup(client.get("/messages/")).find("a", id="file")["href"]
    answer = client.get(link)
    assert len(table(answer)) == 4
    assert 'filename="messages-2026-11-16.csv"' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    (row,) = table(client.get("/messages/export.csv?status=failed"))
    assert row["Who"] == "Asha Rao"
    assert (row["Message"], row["Status"]) == ("Reminder", "failed")
    assert row["Reason"] == "The telephone cannot be reached"
    assert row["Number or address"] == f"'{ASHA}"
    assert row["Written"] == "2026-11-16 06:30:00"
    assert table(client.get("/messages/export.csv?status=sent")) == []


# --- found by a name, a kind, a direction, until a day


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"address": "asha"}, "visit letter"),
        ({"address": "nobody at all"}, ""),
        ({"direction": "in"}, "came"),
        ({"kind": "code"}, "code"),
        ({"kind": "own_reminder"}, "letter"),
        ({"until": "2026-11-15"}, "old"),
        ({"since": "2026-11-13", "until": "2026-11-13"}, "old"),
        ({"until": "never"}, "visit letter came code old"),
    ],
    ids=str,
)
def test_more_filters(signed_in, cast, texts, query, found):
    known_to(cast.harbour, cast.asha)
    visit = scheduled(cast.asha, cast.dr_chandra)
    keys = {
        "visit": texts(about_id=visit.id, template="visit_booked", address="+447700900888"),
        "letter": texts(channel="email", address=cast.asha.email, template="own_reminder"),
        "came": texts(address="+447700900001", **CAME),
        "code": texts(address="+447700900002"),
        "old": texts(address="+447700900003", template="visit_missed",
                     created_at=NOW - timedelta(days=3)),
    }  # fmt: skip
    page = signed_in(cast.esha).get("/messages/", query_string=query)
    shown = {row["id"].removeprefix("message-") for row in soup(page).select("#rows tbody tr")}
    assert shown == {str(keys[name][0]) for name in found.split()}
