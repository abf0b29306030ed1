"""A board as a list of something: past days, filters, what waits; and what turns at midnight."""

from datetime import timedelta

import pytest

from clinic.core import clock
from tests.cast import TODAY, at
from tests.factories import book, scheduled, set_rules, take
from tests.pages import HTMX, root_id, soup, text_of

TOMORROW = TODAY + timedelta(days=1)


def names(answer):
    return [one.get_text() for one in soup(answer).select("#board .timeline li b")]


def test_a_past_day_shows_its_visits(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
        with clock.travelled(at("09:05")):
            take(visit, "check_in", "start", "complete", by=cast.dr_chandra)
    with clock.travelled(at("10:00")):
        today = soup(signed_in(cast.dr_chandra).get("/board/"))
    assert "folds" in today.find(id="board")["class"]
    assert "1 finished visit. Show" in today.find(id="board").get_text(" ").replace("  ", " ")
    with clock.travelled(at("08:00", TOMORROW)):
        past = signed_in(cast.dr_chandra).get("/board/?day=2026-11-16")
    assert names(past) == ["Asha Rao"]
    assert "folds" not in soup(past).find(id="board")["class"]


def test_finished_visits_stay_in_sight_once_they_were_asked_for(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
        take(visit, "cancel", by=cast.esha)
    client = signed_in(cast.esha)
    link = soup(client.get("/board/")).find(id="finished")
    assert client.get(link["href"]).status_code == 200
    again = soup(client.get("/board/"))
    assert "folds" not in again.find(id="board")["class"]
    client.get(again.find(id="finished")["href"])
    assert "folds" in soup(client.get("/board/")).find(id="board")["class"]


def test_the_figures_are_links_to_what_they_count(app, signed_in, cast):
    with app.app_context():
        first = scheduled(cast.asha, cast.dr_chandra)
        scheduled(cast.bela, cast.dr_chandra, "09:30")
        take(first, "confirm", "check_in", by=cast.esha)
    client = signed_in(cast.esha)
    found = {}
    for stat in soup(client.get("/board/")).select(".stats a"):
        label = stat.select_one(".stat-label").get_text()
        page = client.get(stat["href"])
        found[label] = names(page)
        chosen = soup(page).select_one(".stats [aria-current] .stat-label").get_text()
        assert chosen == label
    assert found == {
        "All visits": ["Asha Rao", "Bela Novak"],
        "Waiting": ["Asha Rao"],
        "Not confirmed": ["Bela Novak"],
        "Done": [],
        "No-shows": [],
    }
    assert "Nothing matches" in text_of(client.get("/board/?show=done"))
    assert names(client.get("/board/?show=whatever")) == ["Asha Rao", "Bela Novak"]


def test_who_has_not_confirmed_for_tomorrow_can_be_called(app, signed_in, cast):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra, at("09:00", TOMORROW))
    for who in (cast.esha, cast.dr_chandra):
        client = signed_in(who)
        (task,) = soup(client.get("/board/")).select("#waiting a")
        assert task.get_text() == "1 not confirmed for tomorrow"
        page = client.get(task["href"])
        assert names(page) == ["Asha Rao"]
        assert soup(page).select_one("a[href^='tel:+']")


def test_requests_are_one_list_over_all_days_the_oldest_first(app, signed_in, cast):
    with app.app_context():
        set_rules(cast.harbour, approval_required=True)
        with clock.travelled(at("06:00")):
            older = book(cast.bela, cast.dr_dev, at("10:00", TODAY + timedelta(days=7)))
        with clock.travelled(at("06:10")):
            book(cast.asha, cast.dr_chandra, at("09:00", TOMORROW))
    client = signed_in(cast.esha)
    task = soup(client.get("/board/")).select_one("#waiting a")
    assert task.get_text() == "2 requests wait"
    page = client.get(task["href"])
    assert names(page) == ["Bela Novak", "Asha Rao"]
    row = soup(page).find(id=f"appt-{older.id}")
    assert "Mon 23 Nov" in row.get_text()
    assert [one.contents[0].strip() for one in row.select(".row .btn")] == ["Accept", "Decline"]
    assert client.post(row.select_one("button")["formaction"], headers=HTMX).status_code == 204
    assert names(client.get("/board/?show=requests")) == ["Asha Rao"]
    # A doctor is asked for their own.
    assert names(signed_in(cast.dr_dev).get("/board/?show=requests")) == []


def test_nothing_waits_where_the_worker_accepts(app, signed_in, cast):
    with app.app_context():
        book(cast.asha, cast.dr_chandra)
    assert names(signed_in(cast.esha).get("/board/?show=requests")) == []


@pytest.mark.parametrize("opened", ["/board/", "/board/?day=2026-11-16"])
def test_a_board_left_open_turns_at_midnight(app, signed_in, cast, opened):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra, at("09:00", TOMORROW))
    with clock.travelled(at("23:57")):
        page = soup(signed_in(cast.esha).get(opened))
    assert page.h1.get_text() == "Monday 16 November"
    again = page.select_one("[sse-connect]")["hx-get"]
    with clock.travelled(at("00:02", TOMORROW)):
        part = signed_in(cast.esha).get(again, headers=HTMX)
    assert root_id(part) == "board"
    board = soup(part)
    assert board.h1.get_text() == "Tuesday 17 November"
    assert board.find(id="day-before")["href"] == "/board/?day=2026-11-16"
    assert board.find(id="day-after")["href"] == "/board/?day=2026-11-18"
    assert board.find(id="day")["value"] == "2026-11-17"
    assert names(part) == ["Asha Rao"]


def test_paper_says_whose_day_it_is(signed_in, cast):
    client = signed_in(cast.esha)
    said = soup(client.get("/board/")).select_one(".print-only").get_text()
    assert said == "Harbour Clinic. All doctors."
    one = soup(client.get(f"/board/?doctor={cast.dr_dev.doctor_id}")).select_one(".print-only")
    assert cast.dr_dev.name in one.get_text()
