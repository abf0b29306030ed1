"""P10: every route about a visit, with every person of the cast."""

import pytest

from clinic.appointments.life import lifecycle
from clinic.core import clock
from clinic.core.data.db import db, transactional
from tests.cast import at
from tests.conftest import client_of
from tests.factories import book, fresh
from tests.pages import HTMX, is_whole_page

PATIENTS, DOCTORS, DESKS = (
    ("asha", "bela"),
    ("dr_chandra", "dr_dev", "dr_hana"),
    ("esha", "farid", "amir"),
)
EVERYBODY = (*PATIENTS, *DOCTORS, *DESKS, "gita")
THEIRS = {"asha", "dr_chandra", "esha", "amir"}  # those whose visit it is; superadmins have no page

# path: the roles let in, and a status in which a step is possible
STEPS = {
    "confirm": (PATIENTS + DOCTORS + DESKS, "scheduled"),
    "cancel": (PATIENTS + DOCTORS + DESKS, "scheduled"),
    "accept": (DOCTORS + DESKS, "pending"),
    "check-in": (DOCTORS + DESKS, "scheduled"),
    "start": (DOCTORS + DESKS, "checked_in"),
    "complete": (DOCTORS, "in_progress"),
    "no-show": (DOCTORS + DESKS, "scheduled"),
    "undo": (DOCTORS + DESKS, "checked_in"),
}
READS = {
    "done": (*PATIENTS, *DESKS),
    "calendar.ics": (*PATIENTS, *DESKS, *DOCTORS),
    "cancel": (*PATIENTS, *DESKS, *DOCTORS),
}
LISTS = {
    "/appointments/": PATIENTS,
    "/board/": (*DESKS, *DOCTORS),
    "/schedules/": (*DESKS, *DOCTORS),
}


@transactional
def put_in(visit, status):
    visit = db.session.merge(visit)
    visit.status = status
    db.session.flush()


@pytest.fixture
def visit(app, cast):
    """Bookings of Asha's whose reason must reach nobody else."""
    with app.app_context():
        return book(cast.asha, cast.dr_chandra)


def in_visiting_hours():
    return clock.travelled(at("09:05"))  # the people's sessions begin then too


def expected(allowed, name, success):
    if name not in allowed:
        return 403
    return success if name in THEIRS else 404


def leaks(answer):
    return [word for word in ("Asha", "Blood pressure") if word in answer.text]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_taken_by_those_whose_visit_it_is(app, cast, visit, step):
    allowed, before = STEPS[step]
    with in_visiting_hours():
        for name in EVERYBODY:
            # A patient's own cancel comes too late by now; test_steps has the rule.
            success = 409 if (step, name) == ("cancel", "asha") else 303
            with app.app_context():
                put_in(visit, before)
            answer = client_of(app, cast.people[name]).post(f"/appointments/{visit.id}/{step}")
            assert (name, answer.status_code) == (name, expected(allowed, name, success))
            with app.app_context():
                moved = fresh(visit).status != before
            assert (name, moved) == (name, answer.status_code == 303)


@pytest.mark.parametrize("step", STEPS)
def test_htmx_gets_the_same_answers_without_a_page_around_them(app, cast, visit, step):
    allowed, before = STEPS[step]
    with in_visiting_hours():
        for name in EVERYBODY:
            if (step, name) == ("cancel", "asha"):
                continue
            with app.app_context():
                put_in(visit, before)
            client = client_of(app, cast.people[name])
            answer = client.post(f"/appointments/{visit.id}/{step}", headers=HTMX)
            success = 200 if name == "asha" else 204
            assert (name, answer.status_code) == (name, expected(allowed, name, success))
            assert not is_whole_page(answer)
            assert "toast" in answer.headers["HX-Trigger"]


@pytest.mark.parametrize("page", READS)
def test_a_visit_is_read_by_those_whose_visit_it_is(app, cast, visit, page):
    for name in EVERYBODY:
        answer = client_of(app, cast.people[name]).get(f"/appointments/{visit.id}/{page}")
        assert (name, answer.status_code) == (name, expected(READS[page], name, 200))
        if answer.status_code != 200:
            assert leaks(answer) == []


@pytest.mark.parametrize("page", LISTS)
def test_lists_are_for_their_roles_and_show_only_what_is_theirs(app, cast, visit, page):
    for name in EVERYBODY:
        answer = client_of(app, cast.people[name]).get(page)
        allowed = name in LISTS[page]
        assert (name, answer.status_code) == (name, 200 if allowed else 403)
        if name not in THEIRS:
            assert (name, leaks(answer)) == (name, [])


def test_the_desk_sees_no_reason(app, cast, visit):
    for name in ("esha", "amir"):
        answer = client_of(app, cast.people[name]).get("/board/")
        assert "Asha Rao" in answer.text
        assert "Blood pressure" not in answer.text
    assert "Blood pressure" in client_of(app, cast.dr_chandra).get("/board/").text


@pytest.mark.parametrize("page", [*LISTS, "/appointments/{id}/done", "/appointments/{id}/cancel"])
def test_a_visitor_is_led_to_the_login_and_back(client, visit, page):
    path = page.format(id=visit.id)
    answer = client.get(f"{path}?day=2026-11-16")
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
    assert path.replace("/", "%2F") in answer.location or path in answer.location
    assert client.get(path, headers=HTMX).status_code == 401
    assert client.get(path, headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("step", STEPS)
def test_a_visitor_takes_no_step(app, client, visit, step):
    answer = client.post(f"/appointments/{visit.id}/{step}")
    assert answer.status_code == 401
    assert leaks(answer) == []
    with app.app_context():
        assert fresh(visit).version == 1


def test_a_visitor_cannot_post_a_booking(client):
    assert client.post("/appointments/", data={"reason": "x"}).status_code == 401


@pytest.mark.parametrize("step", [step for step in STEPS if step != "cancel"])
def test_looking_never_changes_anything(app, signed_in, cast, visit, step):
    answer = signed_in(cast.dr_chandra).get(f"/appointments/{visit.id}/{step}")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    with app.app_context():
        assert fresh(visit).version == 1


def test_a_visit_that_never_was_is_not_found(signed_in, cast):
    client = signed_in(cast.dr_chandra)
    for key in ("00000000-0000-0000-0000-000000000000", "1", "x"):
        for step in STEPS:
            assert client.post(f"/appointments/{key}/{step}").status_code == 404


def test_every_step_of_the_life_cycle_has_its_row_here():
    pages = {step.replace("_", "-") for step in lifecycle.STEPS if not step.startswith("undo")}
    # A move is asked for with a time: test_moving, and the table of all routes.
    assert (pages | {"undo"}) - {"reschedule"} == STEPS.keys()


def test_the_desk_filters_its_own_doctors_only(signed_in, cast):
    client = signed_in(cast.esha)
    assert client.get(f"/board/?doctor={cast.dr_chandra.doctor_id}").status_code == 200
    assert client.get(f"/board/?doctor={cast.dr_hana.doctor_id}").status_code == 404
    assert client.get(f"/schedules/?doctor={cast.dr_hana.doctor_id}").status_code == 404


def test_a_doctor_reads_only_their_own_schedule(signed_in, cast):
    client = signed_in(cast.dr_chandra)
    assert client.get(f"/schedules/?doctor={cast.dr_chandra.doctor_id}").status_code == 200
    assert client.get(f"/schedules/?doctor={cast.dr_dev.doctor_id}").status_code == 404


def test_a_doctor_cannot_turn_the_board_to_a_colleague(app, cast, signed_in):
    with app.app_context():
        book(cast.asha, cast.dr_dev, "10:00")
    answer = signed_in(cast.dr_chandra).get(f"/board/?doctor={cast.dr_dev.doctor_id}")
    assert leaks(answer) == []
