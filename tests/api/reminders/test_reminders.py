"""The reminders of visits, by program."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.messaging.channels.call import Outcome
from clinic.messaging.delivery import callbacks
from clinic.messaging.delivery.callbacks import Report
from clinic.reminders import jobs as reminders
from clinic.reminders.models import Reminder
from tests.cast import TODAY, at
from tests.factories import scheduled, take
from tests.messaging.ledger_helpers import ASHA, begin, claimed, settle


@pytest.fixture
def visit(app, cast):
    """Asha's at eleven, told of; Bela's far away."""
    with app.app_context():
        scheduled(cast.bela, cast.dr_hana, at("05:30", TODAY + timedelta(days=1)))
        key = scheduled(cast.asha, cast.dr_chandra, "11:00").id
        _work()
        return db.session.get_one(Appointment, key)


def _work():
    events.deliver_due()
    reminders.send_due()


def rules(answer):
    return [(one["rule"], one["status"]) for one in answer.get_json()["items"]]


MINE = [("booked", "queued"), ("before_3h", "planned")]


def test_the_first_due_stands_first(api, cast, visit):
    answer = api(cast.asha).get("/reminders")
    assert rules(answer) == MINE
    later = answer.get_json()["items"][1]
    assert later["delivery_time"] == "2026-11-16T08:00:00Z"
    assert (later["type"], later["title"], later["method"]) == ("appointment", "Reminder", "sms")
    assert (later["timezone"], later["appointment_id"]) == ("Europe/London", str(visit.id))
    assert api(cast.asha).get(f"/reminders/{later['id']}").get_json() == later


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=planned", MINE[1:]),
        ("status=planned,queued", MINE),
        ("status=cancelled", []),
        ("appointment_id=5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa", []),
    ],
)
def test_filters(api, cast, visit, query, found):
    assert rules(api(cast.asha).get(f"/reminders?{query}")) == found
    own = f"/users/{cast.asha.user_id}/reminders?{query}"
    assert rules(api(cast.esha).get(own)) == found


@pytest.mark.parametrize("query", ["status=lost", "appointment_id=1", "limit=1000", "cursor=x"])
def test_a_bad_filter_is_refused(api, cast, query):
    assert api(cast.asha).get(f"/reminders?{query}").status_code == 400


def test_pages(api, cast, visit):
    first = api(cast.asha).get("/reminders?limit=1").get_json()
    rest = api(cast.asha).get(f"/reminders?limit=1&cursor={first['next_cursor']}").get_json()
    assert [one["rule"] for one in (*first["items"], *rest["items"])] == ["booked", "before_3h"]
    assert rest["next_cursor"] is None


def test_what_a_doctor_is_told_is_none_of_the_patients(app, api, cast, visit):
    with app.app_context():
        take(visit, "cancel", by=cast.asha)
        _work()
    assert "doctor_cancelled" not in dict(rules(api(cast.asha).get("/reminders")))
    assert "doctor_cancelled" in dict(rules(api(cast.esha).get("/reminders")))


def test_a_planned_one_is_cancelled_once_and_for_all(app, api, cast, visit, monday_morning):
    planned = api(cast.asha).get("/reminders?status=planned").get_json()["items"][0]
    for _ in range(2):
        answer = api(cast.asha).post(f"/reminders/{planned['id']}/cancel")
        assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    monday_morning.move_to(at("08:30"))
    with app.app_context():
        _work()
    assert rules(api(cast.asha).get("/reminders"))[1] == ("before_3h", "cancelled")


REPORTED = [(("sent",), "sent"), (("sent", "delivered"), "delivered"),
            (("sent", "undelivered"), "failed")]  # fmt: skip


@pytest.mark.parametrize(("reports", "stands"), REPORTED)
def test_it_tells_what_became_of_its_message(app, api, cast, visit, reports, stands):
    with app.app_context():
        (claim,) = [one for one in claimed() if one.address == ASHA]
        assert begin(claim)
        settle(claim, Outcome("sent", provider_id="SM1", sender="+447700900999"))
        for one in reports:
            callbacks.record_callback(Report(claim.id, "SM1", one, None))
    program = api(cast.asha)
    assert rules(program.get("/reminders")) == [("booked", stands), ("before_3h", "planned")]
    assert rules(program.get(f"/reminders?status={stands}")) == [("booked", stands)]
    assert rules(program.get("/reminders?status=queued")) == []
    told = program.get("/reminders?limit=1").json["items"][0]
    assert told["message_id"] == str(claim.id)
    assert program.get(f"/reminders/{told['id']}").json == told
    late = program.post(f"/reminders/{told['id']}/cancel")
    assert (late.status_code, late.json["errors"][0]["code"]) == (409, stands)


def test_what_was_taken_back_before_it_left_is_cancelled(app, api, cast, visit):
    with app.app_context():
        take(visit, "cancel", by=cast.asha)
    assert ("booked", "cancelled") in rules(api(cast.asha).get("/reminders"))
    assert api(cast.esha).get("/reminders?status=queued").json["items"] == []


def test_what_became_a_message_cannot_be_cancelled(api, cast, visit):
    queued = api(cast.asha).get("/reminders?status=queued").get_json()["items"][0]
    answer = api(cast.asha).post(f"/reminders/{queued['id']}/cancel")
    assert answer.status_code == 409
    assert answer.get_json()["errors"][0]["code"] == "queued"


def test_a_patient_of_elsewhere_is_unknown_here(api, cast, visit):
    path = f"/users/{cast.bela.user_id}/reminders"
    assert api(cast.esha).get(path).status_code == 404
    assert api(cast.asha).get(path).status_code == 404
    assert len(rules(api(cast.farid).get(path))) > 0
    assert len(rules(api(cast.gita).get(path))) > 0


_RENAMED = sa.update(Reminder).where(Reminder.rule == "before_3h").values(rule="gone")


def test_a_rule_of_another_version_is_listed_too(app, api, cast, visit):
    with app.app_context():
        transactional(db.session.execute)(_RENAMED)
    titles = [(one["rule"], one["title"]) for one in api(cast.esha).get("/reminders").json["items"]]
    assert ("gone", "Reminder") in titles
