"""The life of a visit, step by step, by program."""

from datetime import timedelta

import pytest

from clinic.core import clock
from clinic.events import jobs as events
from clinic.events import tasks
from tests.cast import TODAY, at
from tests.factories import book, fresh, scheduled, set_rules, take

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        return scheduled(cast.asha, cast.dr_chandra, "11:00")


def test_from_the_booking_to_the_end(app, api, cast):
    with app.app_context():
        key = book(cast.asha, cast.dr_chandra, "11:00").id
        events.deliver_due()
        events.run_tasks()
    doctor, desk = api(cast.dr_chandra), api(cast.esha)
    assert api(cast.asha).patch(f"/appointments/{key}/confirm").get_json()["status"] == "confirmed"
    with clock.travelled(at("10:55")):
        assert desk.post(f"/appointments/{key}/check-in").get_json()["status"] == "checked_in"
        assert desk.post(f"/appointments/{key}/undo").get_json()["status"] == "confirmed"
        assert desk.patch(f"/appointments/{key}/check-in/").get_json()["status"] == "checked_in"
        assert doctor.post(f"/appointments/{key}/start").get_json()["status"] == "in_progress"
        done = doctor.patch(f"/appointments/{key}/complete").get_json()
    assert (done["status"], done["version"]) == ("completed", 8)
    assert done["finished_at"].startswith("2026-11-16T10:55")


@pytest.mark.parametrize("step", ["confirm", "check-in", "start", "complete", "cancel", "undo"])
def test_an_impossible_step_says_how_the_visit_stands(app, api, cast, visit, step):
    with app.app_context():
        take(visit, "cancel", by=cast.esha)
    answer = api(cast.dr_chandra).post(f"/appointments/{visit.id}/{step}")
    assert answer.status_code == 409
    assert answer.get_json()["errors"] == [
        {"field": "status", "code": "cancelled", "message": "The visit is cancelled"}
    ]


@pytest.mark.parametrize(
    ("target", "who", "status"),
    [
        ("confirmed", "dr_chandra", 200),
        ("completed", "dr_chandra", 200),
        ("cancelled", "dr_chandra", 200),
        ("confirmed", "gita", 200),
        ("completed", "gita", 200),
        ("cancelled", "gita", 200),
        ("scheduled", "gita", 200),  # it is already
        ("pending", "gita", 409),
        ("no_show", "gita", 409),  # it has not begun
        ("completed", "esha", 403),
        ("confirmed", "asha", 403),
        ("confirmed", "dr_dev", 404),
        ("done", "dr_chandra", 400),
        (None, "dr_chandra", 400),
        (7, "dr_chandra", 400),
    ],
)
def test_a_status_is_set_by_the_doctor_or_a_superadmin(app, api, cast, visit, target, who, status):
    answer = api(cast.people[who]).patch(f"/appointments/{visit.id}", {"status": target})
    assert answer.status_code == status
    with app.app_context():
        assert fresh(visit).status == (target if status == 200 else "scheduled")


def test_a_change_of_anything_else_is_refused(api, cast, visit):
    for body in ({}, {"status": "confirmed", "code": "AAAAA"}):
        assert api(cast.dr_chandra).patch(f"/appointments/{visit.id}", body).status_code == 400


def test_a_visit_moves_and_the_old_one_says_where(api, cast, visit):
    start = at("10:00", TOMORROW).isoformat()
    caller = api(cast.asha)
    moved = caller.post(f"/appointments/{visit.id}/reschedule", {"start": start}).get_json()
    assert (moved["start"], moved["status"]) == ("2026-11-17T10:00:00Z", "confirmed")
    assert moved["rescheduled_from_id"] == str(visit.id)
    old = caller.get(f"/appointments/{visit.id}").get_json()
    assert (old["status"], old["cancel_reason"]) == ("cancelled", "rescheduled")
    assert old["rescheduled_to_id"] == moved["id"]
    listed = caller.get("/appointments").get_json()["items"]
    assert [one["id"] for one in listed] == [moved["id"]]
    again = caller.patch(f"/appointments/{moved['id']}/reschedule", {"start": start})
    assert (again.status_code, again.get_json()) == (200, moved)
    late = caller.post(f"/appointments/{visit.id}/reschedule", {"start": start})
    assert late.status_code == 409
    assert "moved to another time" in late.get_json()["detail"]


def test_a_doctor_hands_a_visit_to_a_colleague_and_reads_so(api, cast, visit):
    body = {"start": at("11:00").isoformat(), "doctor_id": str(cast.dr_dev.doctor_id)}
    moved = api(cast.dr_chandra).post(f"/appointments/{visit.id}/reschedule", body)
    assert moved.status_code == 200
    assert moved.get_json()["doctor_name"] == "Dr Dev Patel"
    path = f"/appointments/{moved.get_json()['id']}"
    assert api(cast.dr_chandra).get(path).status_code == 404
    assert api(cast.dr_dev).get(path).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"start": "2026-11-17T10:00:00"}, 400),
        ({"start": at("10:10", TOMORROW).isoformat()}, 400),
        ({"start": at("10:00", TOMORROW).isoformat(), "reason": "x"}, 400),
        ({"start": at("10:00", TOMORROW).isoformat(), "doctor_id": "me"}, 400),
        ({"start": at("11:30").isoformat()}, 409),
    ],
)
def test_a_move_that_cannot_be_leaves_the_visit(app, api, cast, visit, body, status):
    with app.app_context():
        book(cast.bela, cast.dr_chandra, "11:30")
    answer = api(cast.asha).post(f"/appointments/{visit.id}/reschedule", body)
    assert answer.status_code == status
    with app.app_context():
        assert fresh(visit).status == "scheduled"


def test_too_late_for_the_patient(app, api, cast, visit):
    with app.app_context():
        set_rules(cast.harbour, cancel_notice_minutes=6 * 60)
    body = {"start": at("10:00", TOMORROW).isoformat()}
    for step, sent in (("cancel", None), ("reschedule", body)):
        answer = api(cast.asha).post(f"/appointments/{visit.id}/{step}", sent)
        assert answer.get_json()["type"] == "urn:clinic:problem:notice_too_short"
    assert api(cast.esha).post(f"/appointments/{visit.id}/reschedule", body).status_code == 200


def test_the_background_task_of_a_booking_is_followed(app, api, cast):
    with app.app_context():
        key = book(cast.asha, cast.dr_chandra, "11:00").id
        events.deliver_due()
    caller = api(cast.asha)
    answer = caller.get(f"/appointments/{key}/tasks").get_json()
    (task,) = answer["items"]
    assert answer["next_cursor"] is None
    assert (task["kind"], task["status"], task["about_id"]) == (
        "accept_booking",
        "queued",
        str(key),
    )
    with app.app_context():
        tasks.run_due()
    seen = caller.get(f"/tasks/{task['id']}").get_json()
    assert (seen["status"], seen["error_message"]) == ("succeeded", None)
    assert caller.get(f"/appointments/{key}").get_json()["status"] == "scheduled"
