"""The live day of a doctor and of the front desk."""

from datetime import timedelta

import pytest

from clinic.appointments.board import words
from clinic.appointments.board.day import day_of
from clinic.appointments.steps import accept
from clinic.core import clock
from tests.cast import TODAY, at
from tests.factories import book, fresh, scheduled, set_rules, take
from tests.pages import HTMX, happened, is_whole_page, root_id, soup, text_of


def board_of(person, day=None):
    return words.board(day_of(person.actor, day))


def row_of(answer, visit):
    return soup(answer).find(id=f"appt-{visit.id}")


def buttons(row):
    """By the last word of where they lead: check-in, start, cancel."""
    found = row.select("button[formaction], a[href]")
    return {(one.get("formaction") or one["href"]).rpartition("/")[2]: one for one in found}


def test_the_board_is_a_page_and_a_part_of_it(signed_in, cast):
    client = signed_in(cast.dr_chandra)
    page, part = client.get("/board/"), client.get("/board/", headers=HTMX)
    assert is_whole_page(page)
    assert root_id(part) == "board"
    for answer in (page, part):
        assert "HX-Request" in answer.vary
        assert answer.headers["Cache-Control"] == "no-store"
    boosted = client.get("/board/", headers={**HTMX, "HX-Boosted": "true"})
    restored = client.get("/board/", headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert is_whole_page(boosted)
    assert is_whole_page(restored)


def test_a_row_shows_the_time_the_person_and_the_next_step(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    answer = signed_in(cast.dr_chandra).get("/board/")
    row = row_of(answer, visit)
    assert row.find("time").get_text() == "09:00"
    assert row["data-status"] == "scheduled"
    assert {"Asha Rao", visit.code} <= {*row.find("b"), *row.get_text(" ").split()}
    found = buttons(row)
    assert found["check-in"]["formaction"] == f"/appointments/{visit.id}/check-in"
    assert found["check-in"]["hx-post"] == found["check-in"]["formaction"]
    assert found["cancel"]["href"] == f"/appointments/{visit.id}/cancel"


def test_every_button_of_a_board_works(app, signed_in, cast):
    """What a row offers is what the command allows: pressed one after another."""
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    client = signed_in(cast.dr_chandra)
    pressed = []
    for _ in range(3):
        row = row_of(client.get("/board/"), visit)
        button = row.select_one("button.btn-primary")
        pressed.append(button.contents[0].strip())
        assert client.post(button["formaction"], headers=HTMX).status_code == 204
    assert pressed == ["Check in", "Start", "Complete"]
    row = row_of(client.get("/board/"), visit)
    assert "finished" in row["class"]
    assert buttons(row).keys() == {"undo"}
    with clock.travelled(clock.now() + timedelta(minutes=11)):
        assert buttons(row_of(client.get("/board/"), visit)) == {}


def test_a_no_show_folds_after_an_hour(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
        with clock.travelled(at("09:15")):
            take(visit, "no_show", by=cast.esha)
    for wall, folded in (("09:20", []), ("10:14", []), ("10:15", ["finished"])):
        with clock.travelled(at(wall)):
            row = row_of(signed_in(cast.esha).get("/board/"), visit)
        assert row.get("class", []) == folded
        assert buttons(row).keys() == {"undo"}


def test_an_administrator_does_at_the_board_what_the_front_desk_does(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    client = signed_in(cast.amir)
    found = buttons(row_of(client.get("/board/"), visit))
    assert found.keys() == {"check-in", "confirm", "reschedule", "cancel"}
    assert client.post(found["check-in"]["formaction"], headers=HTMX).status_code == 204


def test_a_step_tells_the_board_to_fetch_itself(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    answer = signed_in(cast.esha).post(f"/appointments/{visit.id}/check-in", headers=HTMX)
    assert (answer.status_code, answer.data) == (204, b"")
    assert happened(answer) == {
        "appointment-changed": True,
        "dialog-close": True,
        "toast": {
            "text": "Asha Rao is checked in.",
            "undo": f"/appointments/{visit.id}/undo?of=check_in",
        },
    }


def test_without_javascript_a_step_leads_back_to_its_day(app, signed_in, cast):
    tomorrow = TODAY + timedelta(days=1)
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra, at("09:00", tomorrow))
    answer = signed_in(cast.esha).post(f"/appointments/{visit.id}/confirm")
    assert (answer.status_code, answer.location) == (303, "/board/?day=2026-11-17")


def test_an_impossible_step_says_where_the_visit_stands(app, signed_in, cast):
    with app.app_context():
        visit = take(scheduled(cast.asha, cast.dr_chandra), "cancel", by=cast.asha)
    client = signed_in(cast.esha)
    answer = client.post(f"/appointments/{visit.id}/check-in", headers=HTMX)
    assert answer.status_code == 409
    assert "cancelled" in happened(answer)["toast"]["text"]
    assert "cancelled" in text_of(client.post(f"/appointments/{visit.id}/check-in"))


@pytest.mark.parametrize(
    ("status", "wall", "offered"),
    [
        ("pending", "08:00", {"reschedule", "cancel"}),
        ("scheduled", "08:00", {"check-in", "confirm", "reschedule", "cancel"}),
        ("scheduled", "09:05", {"check-in", "confirm", "no-show", "reschedule", "cancel"}),
        ("checked_in", "09:05", {"start", "undo"}),
        ("no_show", "09:30", {"undo"}),
        ("cancelled", "09:05", set()),
    ],
)
def test_a_row_offers_what_can_be_done_now(app, signed_in, cast, status, wall, offered):
    way = {"checked_in": ["check_in"], "no_show": ["no_show"], "cancelled": ["cancel"]}
    with app.app_context(), clock.travelled(at("09:05")):
        with clock.travelled(at("07:00")):
            visit = book(cast.asha, cast.dr_chandra)
        if status != "pending":
            accept.accept_booking(visit.id)
        take(visit, *way.get(status, []), by=cast.esha)
    with clock.travelled(at(wall)):
        row = row_of(signed_in(cast.esha).get("/board/"), visit)
    assert buttons(row).keys() == offered


def test_yesterdays_no_show_has_no_undo(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
        with clock.travelled(at("09:05")):
            take(visit, "no_show", by=cast.esha)
    with clock.travelled(at("09:00", TODAY + timedelta(days=1))):
        row = row_of(signed_in(cast.esha).get("/board/?day=2026-11-16"), visit)
    assert buttons(row) == {}


def test_requests_are_accepted_from_the_board_where_people_approve(app, signed_in, cast):
    with app.app_context():
        set_rules(cast.harbour, approval_required=True)
        visit = book(cast.asha, cast.dr_chandra)
    client = signed_in(cast.esha)
    row = row_of(client.get("/board/"), visit)
    assert "Requested" in row.get_text()
    assert client.post(buttons(row)["accept"]["formaction"]).status_code == 303
    with app.app_context():
        assert fresh(visit).status == "scheduled"


def test_the_desk_sees_all_doctors_or_one(app, signed_in, cast):
    with app.app_context():
        mine = scheduled(cast.asha, cast.dr_chandra)
        theirs = scheduled(cast.bela, cast.dr_dev)
    client = signed_in(cast.esha)
    everybody = client.get("/board/")
    assert row_of(everybody, mine)
    assert row_of(everybody, theirs)
    one = client.get(f"/board/?doctor={cast.dr_dev.doctor_id}")
    assert row_of(one, mine) is None
    assert row_of(one, theirs)
    assert row_of(signed_in(cast.dr_chandra).get("/board/"), theirs) is None


@pytest.mark.parametrize(
    ("name", "doctor", "topic"),
    [
        ("esha", None, "organisation"),
        ("esha", "dr_dev", "dr_dev"),
        ("dr_chandra", None, "dr_chandra"),
        ("dr_chandra", "dr_dev", "dr_chandra"),
    ],
)
def test_a_board_listens_to_its_own_topic(signed_in, cast, name, doctor, topic):
    query = {"doctor": str(cast.people[doctor].doctor_id)} if doctor else {}
    page = soup(signed_in(cast.people[name]).get("/board/", query_string=query))
    expected = (
        f"/live/organisation/{cast.harbour}"
        if topic == "organisation"
        else f"/live/doctor/{cast.people[topic].doctor_id}"
    )
    assert [one["sse-connect"] for one in page.select("[sse-connect]")] == [expected]
    region = page.select_one("[hx-headers][hx-get^='/board/']")
    assert "X-Live" in region["hx-headers"]


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2026-11-17", 200),
        ("1899-12-31", 400),
        ("2101-01-01", 400),
        ("9999-12-31", 400),
        ("yesterday", 400),
        ("2026-02-30", 400),
        ("", 200),
    ],
)
def test_a_board_opens_on_a_real_day(signed_in, cast, day, status):
    assert signed_in(cast.esha).get(f"/board/?day={day}").status_code == status


def test_another_day_is_the_clinics_day(app, signed_in, cast):
    """In Kolkata the day is five and a half hours ahead of UTC."""
    early = at("03:30", TODAY + timedelta(days=1))  # nine o'clock there
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_hana, early)
    client = signed_in(cast.farid)
    answer = client.get("/board/?day=2026-11-17")
    assert row_of(answer, visit).find("time").get_text() == "09:00"
    assert "Kolkata time (IST)" in text_of(answer)
    assert row_of(client.get("/board/?day=2026-11-16"), visit) is None


def test_the_figures_count_each_visit_once(app, cast):
    walls = ("09:00", "09:30", "10:00", "10:30", "11:00")
    with app.app_context():
        visits = [
            scheduled(cast.people[who], cast.dr_chandra, wall)
            for who, wall in zip(("asha", "bela") * 3, walls, strict=False)
        ]
        take(visits[0], "cancel", by=cast.esha)
        take(visits[1], "check_in", by=cast.esha)
        take(visits[2], "check_in", "start", by=cast.esha)
        take(visits[3], "confirm", by=cast.esha)
        with clock.travelled(at("11:01")):
            take(visits[4], "no_show", by=cast.esha)
            found = {one.label: (one.value, one.note) for one in board_of(cast.esha).stats}
    assert found["All visits"] == ("4", "1 cancelled")
    assert found["Waiting"][0] == "1"
    assert found["Done"] == ("0", "1 in progress")
    assert found["Not confirmed"] == ("0", "of 1 to come")
    assert found["No-shows"] == ("1", "of 4")


def test_the_now_line_stands_between_what_began_and_what_is_to_come(app, cast):
    with app.app_context():
        for who, wall in (("asha", "09:00"), ("bela", "09:30"), ("asha", "10:00")):
            scheduled(cast.people[who], cast.dr_chandra, wall)
        for wall, index in (("08:59", 0), ("09:00", 1), ("09:45", 2), ("23:00", 3)):
            with clock.travelled(at(wall)):
                assert board_of(cast.dr_chandra).now_index == index
        tomorrow = board_of(cast.dr_chandra, TODAY + timedelta(days=1))
    assert tomorrow.now_index is None


def test_names_are_not_in_the_title_of_the_window(app, signed_in, cast):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra)
    title = soup(signed_in(cast.dr_chandra).get("/board/")).title.get_text()
    assert "Asha" not in title


def test_a_refresh_that_found_no_change_is_empty(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    client, live = signed_in(cast.dr_chandra), {**HTMX, "X-Live": "1"}
    first = client.get("/board/", headers=live)
    tag = first.headers["ETag"]
    again = client.get("/board/", headers={**live, "If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    with app.app_context():
        take(visit, "check_in", by=cast.esha)
    changed = client.get("/board/", headers={**live, "If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    whole = client.get("/board/", headers={"If-None-Match": tag})
    assert whole.status_code == 200 and "ETag" not in whole.headers
