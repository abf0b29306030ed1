"""The ledger by program: filters, one message with its attempts, counts, and one more try."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db, transactional
from clinic.messaging.channels.call import Outcome
from clinic.messaging.delivery import callbacks
from clinic.messaging.delivery.callbacks import Report
from tests.cast import NOW, TODAY
from tests.factories import known_to, scheduled, take
from tests.messaging.ledger_helpers import ASHA, begun, message, queued, settle

LIST = "/messages"
CAME = {"direction": "in", "template": "inbound", "status": "received"}


@pytest.fixture
def texts(app, cast):
    def write(count=1, **values):
        with app.app_context():
            return queued(count, **{"organisation_id": cast.harbour, **values})

    return write


@pytest.fixture
def desk(api, cast):
    return api(cast.esha)


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        found = scheduled(cast.asha, cast.dr_chandra)
        db.session.remove()
    return found


@pytest.fixture
def mixed(texts, visit):
    """One of each kind that a filter can tell apart."""
    return {
        "text": texts(about_id=visit.id)[0],
        "failed": texts(status="failed", needs_attention=True, template="visit_booked")[0],
        "letter": texts(channel="email", address="bela@cast.example")[0],
        "answer": texts(**CAME, needs_attention=True, address="+447700900001")[0],
        "old": texts(created_at=NOW - timedelta(days=3))[0],
    }


YESTERDAY = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "text failed letter answer old"),
        ("status=failed", "failed"),
        ("status=failed,received", "failed answer"),
        ("status=failed&status=received", "failed answer"),
        ("channel=email", "letter"),
        ("direction=in", "answer"),
        ("direction=out&channel=sms", "text failed old"),
        ("kind=visit_booked", "failed"),
        ("kind=inbound,visit_booked", "failed answer"),
        ("kind=unheard_of", ""),
        ("needs_attention=true", "failed answer"),
        ("needs_attention=false", "text letter old"),
        ("q=07700%20900001", "answer"),
        ("q=Bela@", "letter"),
        ("q=%25", ""),
        ("q=r%C3%A3o%20asha", "text failed old"),  # of whom it is, in any order
        ("q=chandra", ""),
        (f"day={TODAY}", "text failed letter answer"),
        (f"day={TODAY - timedelta(days=3)}", "old"),
        (f"from={YESTERDAY}", "text failed letter answer"),
        (f"to={YESTERDAY}", "old"),
        (f"from={TODAY}&to={TODAY}", "text failed letter answer"),
        (f"day={TODAY}&to={YESTERDAY}", ""),
        ("from=2026-11-16T06:31:00Z", ""),
        ("to=2026-11-16T06:30:00Z", "old"),
    ],
)
def test_filters(desk, mixed, query, found):
    answer = desk.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    wanted = {str(mixed[name]) for name in found.split()}
    assert {one["id"] for one in answer.json["items"]} == wanted


def test_those_about_a_visit(desk, mixed, visit):
    (one,) = desk.get(f"{LIST}?appointment_id={visit.id}").json["items"]
    assert one["id"] == str(mixed["text"])
    assert (one["kind"], one["title"], one["appointment_id"]) == (
        "visit_reminder", "Reminder", str(visit.id),
    )  # fmt: skip


@pytest.mark.parametrize(
    "query",
    ["status=lost", "channel=fax", "direction=up", "needs_attention=perhaps", "day=today",
     "from=1", "limit=101", "cursor=x", "appointment_id=1", "address=1"],
)  # fmt: skip
def test_a_bad_filter_is_refused(desk, query):
    assert desk.get(f"{LIST}?{query}").status_code == 400


def test_pages_newest_first(desk, texts):
    keys = {str(key) for key in texts(30)}  # written in one instant
    (newest,) = texts(created_at=NOW + timedelta(seconds=1))
    first = desk.get(LIST).json
    rest = desk.get(f"{LIST}?cursor={first['next_cursor']}").json
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (25, 6, None)
    assert first["items"][0]["id"] == str(newest)
    assert {one["id"] for one in (*first["items"], *rest["items"])} == keys | {str(newest)}


def test_one_with_its_attempts_and_no_secret(app, desk, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
        claim = begun(organisation_id=cast.harbour, about_id=visit.id,
                      body=f"See you at 9. {{link:visit:{visit.id}}}")  # fmt: skip
        settle(claim, Outcome("sent", provider_id="SM7", sender="+447700900999"))
        callbacks.record_callback(Report(claim.id, "SM7", "undelivered", "30005"))
    told = desk.get(f"{LIST}/{claim.id}").json
    assert told["body"] == "See you at 9. \N{BULLET}\N{BULLET}\N{BULLET}"
    assert (told["status"], told["error_code"], told["reason"]) == (
        "failed", "30005", "Nobody has this number",
    )  # fmt: skip
    assert (told["sender"], told["provider_id"], told["tries"]) == ("+447700900999", "SM7", 1)
    (attempt,) = told["attempts"]
    assert (attempt["number"], attempt["outcome"]) == (1, "sent")
    assert attempt["started_at"] <= attempt["ended_at"]
    (report,) = told["reports"]
    assert (report["status"], report["error_code"]) == ("undelivered", "30005")
    assert told["needs_attention"] and told["can_resend"]


def test_one_that_came_in_says_what_was_answered(desk, texts):
    (key,) = texts(**CAME, body="Can I come later?", answer="Harbour: sorry. {link:visit:1}")
    told = desk.get(f"{LIST}/{key}").json
    assert (told["body"], told["can_resend"], told["attempts"]) == ("Can I come later?", False, [])
    assert told["answer"].startswith("Harbour: sorry. \N{BULLET}")


def test_another_clinics_is_absent(api, cast, texts):
    (key,) = texts(status="failed", needs_attention=True)
    farid = api(cast.farid)
    assert farid.get(LIST).json["items"] == []
    assert farid.get(f"{LIST}/stats").json["total"] == 0
    for answer in (farid.get(f"{LIST}/{key}"), farid.post(f"{LIST}/{key}/resend"),
                   farid.post(f"{LIST}/{key}/seen"), farid.get(f"{LIST}/{uuid4()}")):  # fmt: skip
        assert answer.status_code == 404


def test_what_somebody_looked_at_needs_it_no_more(desk, texts):
    (key,) = texts(status="failed", needs_attention=True)
    for _ in range(2):
        answer = desk.post(f"{LIST}/{key}/seen")
        assert (answer.status_code, answer.json["needs_attention"]) == (200, False)
    assert desk.get(f"{LIST}?needs_attention=true").json["items"] == []


# --- sending again


def failed(texts, visit, **values):
    return texts(about_id=visit.id, template="visit_booked", status="failed", body="old words",
                 needs_attention=True, **values)[0]  # fmt: skip


def test_it_goes_again_in_todays_words(app, desk, texts, visit):
    key = failed(texts, visit)
    answer = desk.post(f"{LIST}/{key}/resend", {})
    assert answer.status_code == 201
    assert answer.json["id"] != str(key)
    assert (answer.json["status"], answer.json["address"]) == ("queued", ASHA)
    assert answer.json["body"].startswith("Harbour Clinic: booked")
    assert desk.get(f"{LIST}/{key}").json["needs_attention"] is False


def test_by_email_instead(desk, cast, texts, visit):
    answer = desk.post(f"{LIST}/{failed(texts, visit)}/resend", {"channel": "email"})
    told = answer.json
    assert (answer.status_code, told["channel"], told["address"]) == (201, "email", cast.asha.email)
    assert told["subject"]


def test_a_retry_with_its_key_sends_once(desk, texts, visit):
    key, header = failed(texts, visit), {"Idempotency-Key": "again"}
    first, second = (desk.post(f"{LIST}/{key}/resend", {}, headers=header) for _ in range(2))
    assert first.json["id"] == second.json["id"]
    other = desk.post(f"{LIST}/{failed(texts, visit)}/resend", {}, headers=header)
    assert (other.status_code, other.json["type"]) == (409, "urn:clinic:problem:key_reused")
    assert len(desk.get(f"{LIST}?status=queued").json["items"]) == 1


def refused(answer):
    assert answer.status_code == 409
    assert answer.json["type"] == "urn:clinic:problem:cannot_resend"
    (why,) = answer.json["errors"]
    assert why["message"] == answer.json["detail"]
    return why["code"]


def test_why_it_is_not_sent_again(app, desk, cast, texts, visit):
    key = failed(texts, visit)
    (waits,), (code,) = texts(), texts(status="failed", template="code")
    (late,) = texts(status="failed", template="code", expires_at=NOW - timedelta(minutes=1))
    assert refused(desk.post(f"{LIST}/{waits}/resend")) == "on_its_way"
    assert refused(desk.post(f"{LIST}/{code}/resend", {"channel": "email"})) == "one_way"
    assert refused(desk.post(f"{LIST}/{late}/resend")) == "expired"
    with app.app_context():
        take(visit, "cancel", by=cast.asha)
    assert refused(desk.post(f"{LIST}/{key}/resend")) == "cancelled"
    with app.app_context():
        transactional(db.session.execute)(sa.update(Appointment).values(starts_at=NOW))
    assert refused(desk.post(f"{LIST}/{key}/resend")) == "begun"
    (came,) = texts(**CAME)
    assert desk.post(f"{LIST}/{came}/resend").status_code == 404
    with app.app_context():
        assert message(UUID(str(key))).needs_attention is True


def test_what_cannot_send_is_not_tried(app, desk, texts, visit, monkeypatch):
    settings = app.config["SETTINGS"].model_copy(update={"environment": "production"})
    key = failed(texts, visit)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    assert refused(desk.post(f"{LIST}/{key}/resend", {"channel": "email"})) == "cannot_send"


@pytest.mark.parametrize("body", [{"channel": "fax"}, {"to": "+447700900001"}, []])
def test_a_bad_body_is_refused(desk, texts, visit, body):
    assert desk.post(f"{LIST}/{failed(texts, visit)}/resend", body).status_code == 400


# --- counts


def test_counts_by_status_channel_and_day(desk, mixed):
    told = desk.get(f"{LIST}/stats?from={TODAY - timedelta(days=3)}&to={TODAY}").json
    assert told["total"] == 5
    assert {name: many for name, many in told["by_status"].items() if many} == {
        "queued": 3, "failed": 1, "received": 1,
    }  # fmt: skip
    assert told["by_channel"] == {"sms": 4, "whatsapp": 0, "email": 1}
    assert [(one["day"], one["total"]) for one in told["by_day"]] == [
        ("2026-11-13", 1), ("2026-11-14", 0), ("2026-11-15", 0), ("2026-11-16", 4),
    ]  # fmt: skip
    assert told["by_day"][3]["by_channel"]["email"] == 1
    assert (told["timezone"], told["first"], told["last"]) == (
        "Europe/London", "2026-11-13", "2026-11-16",
    )  # fmt: skip


def test_by_default_the_last_thirty_days(desk, mixed):
    told = desk.get(f"{LIST}/stats").json
    assert (told["total"], len(told["by_day"]), told["last"]) == (5, 30, "2026-11-16")


@pytest.mark.parametrize("query", ["from=2026-11-17&to=2026-11-16", "from=2026-01-01&to=2026-11-16",
                                   "from=yesterday", "group_by=day"])  # fmt: skip
def test_a_bad_range_is_refused(desk, query):
    assert desk.get(f"{LIST}/stats?{query}").status_code == 400
