"""A visit whose doctor left, for programs."""

from datetime import timedelta

import pytest

from clinic.accounts.people import users
from clinic.appointments.errors import NobodyFree
from clinic.appointments.leaving.handover import hand_over_one
from tests.cast import TODAY, at
from tests.factories import book, many_patients, scheduled

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def visit(app, cast):
    """Tomorrow at nine with Dr Chandra, who left meanwhile."""
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra, at("09:00", TOMORROW))
        users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "keep")
        return visit


def test_programs_list_them_and_hand_them_over(app, api, cast, visit):
    desk = api(cast.esha)
    with app.app_context():
        book(cast.bela, cast.dr_dev, at("11:00", TOMORROW))
    (left,) = desk.get("/appointments?left=true").json["items"]
    assert left["id"] == str(visit.id)
    for _ in range(2):  # the same answer again
        done = desk.post(f"/appointments/{visit.id}/hand-over")
        assert (done.status_code, done.json["status"]) == (200, "scheduled")
        assert done.json["doctor_id"] == str(cast.dr_dev.doctor_id)
        assert done.json["rescheduled_from_id"] == str(visit.id)
    assert desk.get("/appointments?left=true").json["items"] == []
    assert api(cast.farid).post(f"/appointments/{visit.id}/hand-over").status_code == 404


def test_programs_hear_that_nobody_is_free_and_choose_a_time(app, api, cast, visit):
    with app.app_context():
        for one in many_patients(3):
            book(one, cast.dr_dev, at("09:00", TOMORROW))
        with pytest.raises(NobodyFree):
            hand_over_one(visit.id, cast.esha.actor)
    desk, url = api(cast.esha), f"/appointments/{visit.id}"
    refused = desk.post(f"{url}/hand-over")
    assert (refused.status_code, refused.json["type"]) == (409, "urn:clinic:problem:nobody_free")
    choice = {"start": "2026-11-17T09:30:00Z", "doctor_id": str(cast.dr_dev.doctor_id)}
    assert desk.post(f"{url}/reschedule", choice).json["status"] == "scheduled"
