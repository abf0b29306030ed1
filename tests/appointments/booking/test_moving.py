"""The pages that move a visit: for the patient, the desk, the doctor and the holder of a link."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from clinic.appointments.outside import links
from clinic.appointments.reading import visit as visits
from clinic.core import clock
from tests.cast import TODAY, at
from tests.factories import book, fresh, scheduled, set_rules, take
from tests.pages import HTMX, fields, is_whole_page, soup, text_of

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        return scheduled(cast.asha, cast.dr_chandra, "11:00")


@pytest.fixture
def page(visit):
    return f"/appointments/{visit.id}/reschedule"


@pytest.fixture
def link(app, visit):
    with app.app_context():
        return f"/visit/{links.token_of(visit.id)}"


def times(answer):
    """What can be chosen."""
    slots = soup(answer).select("#reschedule a.slot")
    return [parse_qs(urlsplit(slot["href"]).query)["start"][0] for slot in slots]


def standing(app, cast):
    """The times of Asha's visits that are still to come."""
    with app.app_context():
        return [one.starts_at for one in visits.upcoming(cast.asha.actor)]


def test_the_page_shows_the_old_time_and_the_free_ones(app, signed_in, cast, visit, page):
    with app.app_context():
        book(cast.bela, cast.dr_chandra, "11:30")
    answer = signed_in(cast.asha).get(page)
    assert "11:00 to 11:30" in text_of(answer)
    offered = times(answer)
    assert "2026-11-17T10:00Z" in offered
    assert not {"2026-11-16T11:00Z", "2026-11-16T11:30Z"} & set(offered)


def test_without_a_script_a_patient_moves_it_and_reads_so(app, signed_in, cast, page):
    client = signed_in(cast.asha)
    asked = client.get(f"{page}?start=2026-11-17T10:00Z")
    assert "Move from Mon 16 Nov, 11:00 to Tue 17 Nov, 10:00?" in text_of(asked)
    assert standing(app, cast) == [at("11:00")]
    assert soup(asked).find("a", string="Keep Mon 16 Nov, 11:00")["href"] == "/appointments/"
    answer = client.post(page, data=fields(asked, page))
    assert (answer.status_code, answer.location) == (303, "/appointments/")
    assert standing(app, cast) == [at("10:00", TOMORROW)]
    shown = text_of(client.get("/appointments/"))
    with app.app_context():
        (moved,) = visits.upcoming(cast.asha.actor)
    assert f"Moved to Tue 17 Nov, 10:00. The reference is {moved.code} now." in shown
    assert (moved.status, moved.can_confirm) == ("confirmed", False)
    assert "Cancelled" not in shown


def test_htmx_is_sent_to_the_list(app, signed_in, cast, page):
    form = {"start": "2026-11-17T10:00Z"}
    answer = signed_in(cast.asha).post(page, data=form, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/appointments/")


@pytest.mark.parametrize("who", ["esha", "dr_chandra"])
def test_the_desk_and_the_doctor_come_back_to_the_new_day(app, signed_in, cast, page, who):
    client = signed_in(cast.people[who])
    board = soup(client.get("/board/"))
    assert board.find("a", href=page).get_text().startswith("Move")
    answer = client.post(page, data={"start": "2026-11-17T10:00Z"})
    assert (answer.status_code, answer.location) == (303, "/board/?day=2026-11-17")
    assert "Moved to Tue 17 Nov, 10:00." in text_of(client.get(answer.location))


def test_the_days_before_and_after(signed_in, cast, page):
    client = signed_in(cast.asha)
    assert soup(client.get(page)).find("a", attrs={"aria-label": "Earlier days"}) is None
    later = soup(client.get(page)).find("a", attrs={"aria-label": "Later days"})["href"]
    assert later == f"{page}?day=2026-11-23"
    following = client.get(later)
    assert times(following)[0] == "2026-11-23T09:00Z"
    assert soup(following).find("a", href=f"{page}?day=2026-11-16")
    part = client.get(later, headers=HTMX)
    assert not is_whole_page(part)
    assert times(part) == times(following)


@pytest.mark.parametrize("day", ["", "soon", "0001-01-01", "9999-12-31", "2026-11-01"])
def test_a_day_that_is_none_shows_the_first_free_ones(signed_in, cast, page, day):
    offered = times(signed_in(cast.asha).get(f"{page}?day={day}"))
    assert offered[0].startswith("2026-11-16")


@pytest.mark.parametrize(
    ("start", "status", "words"),
    [
        ("2026-11-16T11:30Z", 409, "just taken"),
        ("2026-11-16T11:10Z", 400, "not one of the doctor's times"),
        ("2026-11-17T11:30Z", 409, "already a visit at that time"),
        ("", 400, "not a time that can be booked"),
        ("now", 400, "not a time that can be booked"),
    ],
)
def test_a_time_that_cannot_be_is_answered_with_the_others(
    app, signed_in, cast, visit, page, link, start, status, words
):
    with app.app_context():
        book(cast.bela, cast.dr_chandra, "11:30")
        book(cast.asha, cast.dr_dev, at("11:30", TOMORROW))
    for client, path in ((signed_in(cast.asha), page), (app.test_client(), f"{link}/reschedule")):
        answer = client.post(path, data={"start": start})
        assert answer.status_code == status
        assert words in text_of(answer)
        assert "2026-11-17T10:00Z" in times(answer)
    with app.app_context():
        assert fresh(visit).status == "scheduled"


def test_too_late_says_whom_to_call_and_the_desk_still_can(app, signed_in, cast, page, link):
    with app.app_context():
        set_rules(cast.harbour, cancel_notice_minutes=6 * 60)
    client = signed_in(cast.asha)
    for answer in (client.get(page), app.test_client().get(f"{link}/reschedule")):
        assert "please call 020 7946 0142" in text_of(answer)
        assert times(answer) == []
    assert soup(client.get("/appointments/")).find("a", href=page) is None
    assert client.post(page, data={"start": "2026-11-17T10:00Z"}).status_code == 409
    assert times(signed_in(cast.esha).get(page))


def test_what_has_begun_is_not_moved(app, signed_in, cast, visit, page):
    with app.app_context():
        take(visit, "check_in", by=cast.esha)
    client = signed_in(cast.esha)
    assert times(client.get(page)) == []
    assert soup(client.get("/board/")).find("a", href=page) is None
    assert client.post(page, data={"start": "2026-11-17T10:00Z"}).status_code == 409


def test_the_desk_is_offered_what_patients_are_not(app, signed_in, cast, page):
    with app.app_context():
        set_rules(cast.harbour, minimum_notice_minutes=24 * 60, booking_horizon_days=3)
    assert "2026-11-16T09:00Z" in times(signed_in(cast.esha).get(page))
    assert times(signed_in(cast.asha).get(page))[0].startswith("2026-11-17")
    assert times(signed_in(cast.esha).get(f"{page}?day=2027-01-04"))


def test_the_link_moves_and_goes_along(app, client, cast, visit, link):
    path = f"{link}/reschedule"
    assert soup(client.get(link)).find("a", href=path)
    asked = client.get(path)
    assert soup(asked).find("meta", {"name": "robots"})["content"] == "noindex"
    question = client.get(f"{path}?start=2026-11-17T10:00Z")
    assert "Move from Mon 16 Nov, 11:00 to Tue 17 Nov, 10:00?" in text_of(question)
    answer = client.post(path, data=fields(question, path))
    assert (answer.status_code, answer.location) == (303, link)
    shown = text_of(client.get(link))
    assert "10:00 to 10:30" in shown
    assert "Moved to Tue 17 Nov, 10:00. The reference is" in shown
    assert "You are confirmed" in shown
    assert visit.code not in shown
    with clock.travelled(at("10:15", TOMORROW)):
        assert client.get(link).status_code == 200


def test_the_link_pressed_twice_says_how_the_visit_stands(app, client, cast, visit, link):
    with app.app_context():
        take(visit, "cancel", by=cast.esha)
    answer = client.post(f"{link}/reschedule", data={"start": "2026-11-17T10:00Z"})
    assert (answer.status_code, answer.location) == (303, link)
    assert standing(app, cast) == []


def test_a_form_without_its_token_moves_nothing(app, signed_in, cast, page):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = signed_in(cast.asha).post(page, data={"start": "2026-11-17T10:00Z"})
    assert answer.status_code == 400
    assert "You are signed in as" in text_of(answer)
    assert standing(app, cast) == [at("11:00")]


def test_two_taps_on_move_are_one_move(app, signed_in, cast, page):
    client, form = signed_in(cast.asha), {"start": "2026-11-17T10:00Z"}
    answers = [client.post(page, data=form) for _ in range(2)]
    assert [one.location for one in answers] == ["/appointments/"] * 2
    assert standing(app, cast) == [at("10:00", TOMORROW)]


def test_a_chosen_time_that_went_to_others_shows_what_is_left(app, signed_in, cast, page):
    with app.app_context():
        book(cast.bela, cast.dr_chandra, "11:30")
    answer = signed_in(cast.asha).get(f"{page}?start=2026-11-16T11:30Z")
    assert answer.status_code == 409
    assert "no longer free" in text_of(answer)
    assert "2026-11-17T10:00Z" in times(answer)


def test_the_week_has_a_name(signed_in, cast, page):
    assert "Mon 16 Nov to Sun 22 Nov" in text_of(signed_in(cast.asha).get(page))
