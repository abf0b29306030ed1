"""Reminders that people make, by program."""

from datetime import timedelta

import pytest

from clinic.core import clock
from clinic.messaging import jobs as messaging
from clinic.messaging.queueing.caps import STRANGERS
from tests.cast import TODAY, at
from tests.factories import known_to, unproven
from tests.reminders.own_helpers import sent, tick

NINE = "2026-11-16T09:00:00Z"
NOBODY = "5b1f0c52-8d2e-4f0c-9b57-6a1f64b5c7aa"
WORDS = {"title": "Tablets", "message": "Please take one.", "delivery_time": NINE}


@pytest.fixture
def asha(app, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
    return str(cast.asha.patient_id)


def make(caller, **more):
    answer = caller.post("/reminders", WORDS | more)
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def problem(answer):
    found = answer.get_json()
    return answer.status_code, [(one["field"], one["code"]) for one in found["errors"]]


def test_every_field_comes_back(api, cast, asha):
    given = WORDS | {
        "method": "whatsapp", "type": "medication", "timezone": "Asia/Kolkata",
        "recurrence": "FREQ=WEEKLY;BYDAY=MO,TH", "patient_id": asha,
        "reminder_metadata": {"to": "+447400123456", "x": [1]},
    }  # fmt: skip
    made = make(api(cast.esha), **given)
    assert {key: made[key] for key in given} == given
    assert (made["status"], made["created_by"]) == ("planned", str(cast.esha.user_id))
    assert (made["appointment_id"], made["rule"], made["recipients"]) == (None, None, None)
    assert api(cast.esha).get(f"/reminders/{made['id']}").get_json() == made
    assert api(cast.asha).get("/reminders").get_json()["items"] == [made]


def test_without_a_patient_it_is_for_oneself(app, api, cast):
    for person in (cast.asha, cast.bela, cast.dr_chandra, cast.esha, cast.gita):
        made = make(api(person), method="email")
        with app.app_context():
            tick(at("09:00"))
            assert [one.address for one in sent(made["id"])] == [person.email]
        assert api(person).get(f"/reminders/{made['id']}").get_json()["status"] == "queued"
        assert made["id"] in [one["id"] for one in listed(api(person), person)]


def listed(caller, person):
    return caller.get(f"/users/{person.user_id}/reminders").get_json()["items"]


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"delivery_time": "2026-11-16T06:00:00Z"}, "delivery_time", "in_the_past"),
        ({"delivery_time": "2026-11-16T09:00:00"}, "delivery_time", "timezone_aware"),
        ({"delivery_time": "tomorrow"}, "delivery_time", "value_error"),
        ({"recurrence": "DAILY"}, "recurrence", "bad_recurrence"),
        ({"recurrence": "FREQ=MINUTELY"}, "recurrence", "too_often"),
        ({"recurrence": "FREQ=DAILY;UNTIL=20200101"}, "recurrence", "never"),
        ({"timezone": "Mars/Base"}, "timezone", "not_a_zone"),
        ({"message": " "}, "message", "too_short"),
        ({"title": "T" * 121}, "title", "too_long"),
        ({"message": "m" * 1001}, "message", "too_long"),
        ({"method": "pigeon"}, "method", "literal_error"),
        ({"type": "gossip"}, "type", "literal_error"),
        ({"reminder_metadata": {"to": "nobody"}}, "reminder_metadata.to", "not_a_phone"),
        ({"reminder_metadata": {"to": "a@b.example"}, "method": "sms"},
         "reminder_metadata.to", "other_kind"),
        ({"reminder_metadata": {"x": "x" * 4100}}, "reminder_metadata", "value_error"),
        ({"recipients": {}}, "recipients", "invalid"),
        ({"recipients": {"visits_from": "2026-11-16"}}, "recipients.visits_from", "invalid"),
        ({"recipients": {"doctor_id": NOBODY}}, "recipients.doctor_id", "invalid"),
        ({"recipients": {"patient_ids": [NOBODY]}}, "recipients.patient_ids", "not_known"),
        ({"surprise": 1}, "surprise", "extra_forbidden"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(api, cast, asha, wrong, field, code):
    assert problem(api(cast.esha).post("/reminders", WORDS | wrong)) == (400, [(field, code)])


def test_patients_write_to_their_own_addresses_alone(api, cast):
    other = {"reminder_metadata": {"to": "+447400123456"}, "method": "sms"}
    expected = (400, [("reminder_metadata.to", "not_your_own")])
    for person in (cast.asha, cast.dr_chandra):
        assert problem(api(person).post("/reminders", WORDS | other)) == expected
    mine = {"reminder_metadata": {"to": cast.asha.email}}
    assert make(api(cast.asha), **mine)["reminder_metadata"] == {"to": cast.asha.email}


def test_another_time_moves_the_delivery(app, api, cast, asha):
    caller = api(cast.esha)
    made = make(caller, patient_id=asha)
    later = "2026-11-16T10:00:00Z"
    changed = caller.put(f"/reminders/{made['id']}", {"delivery_time": later, "title": "Other"})
    assert changed.get_json() == made | {"delivery_time": later, "title": "Other"}
    with app.app_context():
        assert tick(at("09:30")) == 0
        assert tick(at("10:00")) == 1
        assert [one.body for one in sent(made["id"])] == ["Harbour Clinic: Other. Please take one."]
    answer = caller.put(f"/reminders/{made['id']}", {"delivery_time": "2026-11-17T10:00:00Z"})
    assert (answer.status_code, answer.get_json()["type"]) == (
        409,
        "urn:clinic:problem:already_settled",
    )


def test_words_alone_leave_the_times_as_they_are(app, api, cast, asha):
    caller = api(cast.esha)
    made = make(caller, patient_id=asha, recurrence="FREQ=DAILY;COUNT=2")
    with app.app_context():
        tick(at("09:00"))
    caller.put(f"/reminders/{made['id']}", {"message": "Take two."})
    with app.app_context():
        tick(at("09:00", TODAY + timedelta(days=1)))
        assert [one.body[-9:] for one in sent(made["id"])] == ["take one.", "Take two."]
        assert tick(at("09:00", TODAY + timedelta(days=2))) == 0


def test_a_cancelled_one_is_never_sent(app, api, cast, asha):
    made = make(api(cast.esha), patient_id=asha, recurrence="FREQ=DAILY")
    for _ in range(2):
        answer = api(cast.asha).post(f"/reminders/{made['id']}/cancel")
        assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    with app.app_context():
        assert tick(at("09:00")) == 0
        assert sent(made["id"]) == []
    assert api(cast.esha).post(f"/reminders/{made['id']}/resume").status_code == 409


def test_what_is_on_its_way_can_still_be_cancelled_until_it_left(app, api, cast, asha):
    made = make(api(cast.esha), patient_id=asha)
    with app.app_context():
        tick(at("09:00"))
    answer = api(cast.esha).post(f"/reminders/{made['id']}/cancel")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    with app.app_context():
        assert [one.status for one in sent(made["id"])] == ["cancelled"]


def test_paused_it_waits_and_resumed_it_goes_on(app, api, cast, asha, monday_morning):
    caller = api(cast.esha)
    made = make(caller, patient_id=asha, recurrence="FREQ=DAILY")
    for _ in range(2):
        assert caller.post(f"/reminders/{made['id']}/pause").get_json()["status"] == "paused"
    with app.app_context():
        assert tick(at("09:00", TODAY + timedelta(days=1))) == 0
    monday_morning.move_to(at("12:00", TODAY + timedelta(days=2)))
    caller = api(cast.esha)
    resumed = caller.post(f"/reminders/{made['id']}/resume").get_json()
    assert (resumed["status"], resumed["delivery_time"]) == ("planned", "2026-11-19T09:00:00Z")


def test_one_whose_time_has_passed_asks_for_another(api, cast, asha, monday_morning):
    made = make(api(cast.esha), patient_id=asha)
    api(cast.esha).post(f"/reminders/{made['id']}/pause")
    monday_morning.move_to(at("10:00"))
    answer = api(cast.esha).post(f"/reminders/{made['id']}/resume")
    assert problem(answer) == (400, [("delivery_time", "in_the_past")])
    changed = api(cast.esha).put(
        f"/reminders/{made['id']}", {"delivery_time": "2026-11-16T11:00:00Z"}
    )
    assert changed.get_json()["status"] == "paused"
    assert api(cast.esha).post(f"/reminders/{made['id']}/resume").get_json()["status"] == "planned"


def test_now_is_once(app, api, cast, asha):
    caller = api(cast.esha)
    made = make(caller, patient_id=asha)
    first = caller.post(f"/reminders/{made['id']}/send-now")
    assert (first.status_code, first.get_json()["status"]) == (200, "queued")
    assert caller.post(f"/reminders/{made['id']}/send-now").status_code == 409
    with app.app_context():
        messaging.deliver_due()
        tick(at("09:00"))
        assert len(sent(made["id"])) == 1
    assert caller.get(f"/reminders/{made['id']}").get_json()["status"] == "sent"


def test_now_of_what_comes_again_leaves_its_times_as_they_are(app, api, cast, asha):
    caller = api(cast.esha)
    made = make(caller, patient_id=asha, recurrence="FREQ=DAILY")
    now = caller.post(f"/reminders/{made['id']}/send-now").get_json()
    assert (now["status"], now["delivery_time"]) == ("planned", NINE)
    again = caller.post(f"/reminders/{made['id']}/send-now")
    assert (again.status_code, again.get_json()["type"]) == (409, "urn:clinic:problem:already_sent")
    with app.app_context():
        tick(at("09:00"))
        assert len(sent(made["id"])) == 2
    assert caller.post(f"/reminders/{made['id']}/send-now").status_code == 200


def test_to_many_and_what_became_of_each(app, api, cast, asha):
    caller = api(cast.esha)
    made = make(caller, recipients={"everyone": True}, method="sms")
    assert made["recipients"] == {"everyone": True}
    with app.app_context(), clock.travelled(at("09:00")):
        tick(at("09:00"))
        messaging.deliver_due()
    (delivery,) = caller.get(f"/reminders/{made['id']}/deliveries").get_json()["items"]
    assert (delivery["patient_id"], delivery["status"]) == (asha, "delivered")
    assert (delivery["occurrence"], delivery["method"]) == (NINE, "sms")
    assert api(cast.asha).get(f"/reminders/{made['id']}").status_code == 404


def test_a_visits_reminder_is_planned_by_the_clinic(api, cast, asha):
    """But it can be sent now: tests/api/access/reminders.py."""
    assert api(cast.esha).get("/reminders?type=medication").get_json()["items"] == []


def test_who_died_is_not_reminded(app, api, cast, asha):
    api(cast.esha).patch(f"/patients/{asha}", {"died_on": "2026-11-15"})
    answer = api(cast.esha).post("/reminders", WORDS | {"patient_id": asha})
    assert (answer.status_code, answer.get_json()["type"]) == (
        409,
        "urn:clinic:problem:not_spoken_to",
    )


def test_who_dies_between_the_queue_and_the_call_reads_nothing(app, api, cast, asha):
    made = make(api(cast.esha), recipients={"everyone": True})
    with app.app_context():
        tick(at("09:00"))
    api(cast.esha).patch(f"/patients/{asha}", {"died_on": "2026-11-15"})
    with app.app_context():
        assert [one.status for one in sent(made["id"])] == ["cancelled"]


def test_whoever_has_proven_nothing_writes_little_to_anybody(app, api, cast):
    """An account with somebody else's number must not make their telephone ring all day."""
    with app.app_context():
        unproven(cast.bela)
    caller = api(cast.bela)
    keys = [make(caller, method="sms")["id"] for _ in range(10)]
    with app.app_context():
        tick(at("09:00"))
        queued = [one.status for key in keys for one in sent(key)].count("queued")
        assert queued == STRANGERS.an_hour - STRANGERS.kept_an_hour
    seen = [caller.get(f"/reminders/{key}").get_json()["status"] for key in keys]
    assert seen.count("skipped") == 10 - queued


def test_a_patients_preview_names_the_clinic_that_sends_it(api, cast, asha):
    found = api(cast.asha).post("/reminders/preview", {"title": "Tablets", "message": "Take one."})
    assert found.get_json()["text"] == "Harbour Clinic: Tablets. Take one."


def test_a_retry_makes_one(api, cast):
    caller = api(cast.asha)
    made = [
        caller.post("/reminders", WORDS, headers={"Idempotency-Key": "k1"}).get_json()["id"]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(caller.get("/reminders").get_json()["items"]) == 1


def test_nobody_keeps_reminders_without_end(api, cast):
    caller = api(cast.asha)
    for _ in range(50):
        make(caller)
    answer = caller.post("/reminders", WORDS)
    assert (answer.status_code, answer.get_json()["type"]) == (
        409,
        "urn:clinic:problem:too_many_reminders",
    )


@pytest.mark.parametrize(
    ("message", "method", "told"),
    [
        ("Please take one.", "sms", ("GSM-7", 41, 1)),
        ("Take one \u2013 with water.", "sms", ("UCS-2", 47, 1)),
        ("m" * 1000, "sms", ("GSM-7", 1025, 7)),
        ("Please take one.", "email", (None, None, None)),
    ],
)
def test_a_preview_says_how_many_texts_it_takes(api, cast, message, method, told):
    body = {"title": "Tablets", "message": message, "method": method}
    found = api(cast.esha).post("/reminders/preview", body).get_json()
    assert (found["encoding"], found["length"], found["parts"]) == told
    assert message in found["text"]
    assert found["subject"] == ("Harbour Clinic: Tablets" if method == "email" else None)
