"""What a stranger reads: the time is held, enter the code; and how else to go on."""

from datetime import timedelta

import pytest

from clinic.accounts.proof.keys import Purpose
from clinic.appointments import jobs
from clinic.appointments.outside import links
from clinic.appointments.steps import accept
from clinic.core import clock
from clinic.schedules.queries import windows_of
from tests.accounts.account_words import code_sent
from tests.api.conftest import Caller
from tests.appointments.holding.holding_words import (
    HOLD,
    SECONDS,
    booking_form,
    nothing_left,
    stands,
    strangers,
)
from tests.cast import NOW, TODAY
from tests.conftest import client_of
from tests.factories import hold_for, unproven
from tests.pages import HTMX, fields, is_whole_page, soup, text_of

START, LATER = "2026-11-17T10:00Z", "2026-11-17T11:00Z"


@pytest.fixture
def asha(app, cast):
    with app.app_context():
        unproven(cast.asha)
    return cast.asha


@pytest.fixture
def browser(signed_in, asha):
    return signed_in(asha)


@pytest.fixture
def done(browser, cast):
    """Where a booking leads."""
    return browser.post("/appointments/", data=booking_form(cast, START)).location


def test_the_done_page_says_until_when_and_takes_the_code(app, browser, cast, done):
    shown = text_of(browser.get(done))
    assert "We hold this time until 06:45" in shown
    assert "We texted six digits to 07700 900000." in shown
    assert "or the time goes to somebody else" in shown
    assert "You are booked" not in shown
    form = fields(browser.get(done), "/appointments/code") | {"code": code_sent(app, Purpose.PHONE)}
    answer = browser.post("/appointments/code", data=form)
    assert (answer.status_code, answer.location) == (303, done)
    after = text_of(browser.get(done))
    assert "You are booked" in after
    assert "Now we know that messages reach you" in after
    assert "We hold" not in after


def test_htmx_is_led_on_as_well(app, browser, done):
    form = {"code": code_sent(app, Purpose.PHONE), "next": done}
    answer = browser.post("/appointments/code", data=form, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, done)


@pytest.mark.parametrize("code", ["", "000000", "x" * 21, "12 34"])
def test_a_wrong_code_is_said_and_the_visit_stays_held(browser, done, code):
    form = {"code": code, "next": done}
    answer = browser.post("/appointments/code", data=form)
    assert answer.status_code == 422
    assert "There is a problem" in text_of(answer)
    assert fields(answer, "/appointments/code")["next"] == done
    part = browser.post("/appointments/code", data=form, headers=HTMX)
    assert part.status_code == 422
    assert not is_whole_page(part)
    assert "We hold this time" in text_of(browser.get(done))


def test_after_five_wrong_ones_another_is_needed(browser, done):
    answers = [browser.post("/appointments/code", data={"code": "000000"}) for _ in range(7)]
    assert {one.status_code for one in answers[:5]} == {422}
    assert answers[6].status_code == 429
    assert "Ask for a new code" in text_of(answers[6])


def test_another_one_is_sent_and_only_that_one_works(app, browser, done):
    first = code_sent(app, Purpose.PHONE)
    sent = browser.post("/appointments/code/email", data={"next": done})
    assert (sent.status_code, sent.location) == (303, f"/appointments/code?next={done}")
    page = browser.get(sent.location)
    assert "A new code is on its way." in text_of(page)
    assert "We sent six digits to asha@cast.example." in text_of(page)
    assert browser.post("/appointments/code", data={"code": first}).status_code == 422
    form = fields(page, "/appointments/code") | {"code": code_sent(app, Purpose.EMAIL)}
    assert browser.post("/appointments/code", data=form).location == done


def test_another_code_waits_a_minute_and_says_so(browser, done, monday_morning):
    assert "You can ask for another in 60 s." in text_of(browser.get(done))
    monday_morning.shift(20)
    early = browser.post("/appointments/code/phone")
    assert early.status_code == 429
    assert "You can ask for another code in 40 s." in text_of(early)
    assert browser.post("/appointments/code/email").status_code == 303  # the other way is open
    monday_morning.shift(61)
    assert "You can ask" not in text_of(browser.get("/appointments/code"))
    assert browser.post("/appointments/code/email").status_code == 303
    assert "Use another email address" in text_of(browser.get("/appointments/code"))


def test_codes_are_not_sent_for_ever(browser, done, monday_morning):
    answers = []
    for _ in range(7):
        monday_morning.shift(61)
        answers.append(browser.post("/appointments/code/phone"))
    assert answers[-1].status_code == 429
    assert "Wait a little" in text_of(answers[-1])


def test_another_address_is_one_click_away(browser, done):
    assert soup(browser.get(done)).find("a", href="/account/phone")


def test_a_second_booking_leads_to_the_code_and_back_with_the_time_in_hand(
    app, browser, cast, done
):
    answer = browser.post("/appointments/", data=booking_form(cast, LATER))
    assert answer.status_code == 409
    assert "you can hold one appointment" in text_of(answer)
    way = soup(answer).find("a", string="Enter the code")["href"]
    form = fields(browser.get(way), "/appointments/code") | {"code": code_sent(app, Purpose.PHONE)}
    back = browser.post("/appointments/code", data=form).location
    again = fields(browser.get(back), "/appointments/")
    assert again["start"].startswith("2026-11-17T11:00")
    assert browser.post("/appointments/", data=again | {"reason": "Cough"}).status_code == 303


def test_beyond_a_bound_one_proves_first_and_books_then(app, browser, cast):
    with app.app_context():
        others = strangers(5)
    for number, one in enumerate(others):
        start = f"2026-11-{18 + number // 2}T{9 + number % 2:02}:00Z"
        assert (
            client_of(app, one).post("/appointments/", data=booking_form(cast, start)).status_code
            == 303
        )
    answer = browser.post("/appointments/", data=booking_form(cast, LATER))
    assert answer.status_code == 429
    assert "Confirm yours with a code" in text_of(answer)
    way = soup(answer).find("a", string="Enter the code")["href"]
    page = browser.get(way)
    assert "Have six digits sent to you" in text_of(page)
    following = browser.post(
        "/appointments/code/phone", data=fields(page, "/appointments/code/phone")
    ).location
    form = fields(browser.get(following), "/appointments/code")
    back = browser.post("/appointments/code", data=form | {"code": code_sent(app, Purpose.PHONE)})
    again = fields(browser.get(back.location), "/appointments/")
    assert browser.post("/appointments/", data=again | {"reason": "Cough"}).status_code == 303


def test_who_is_proven_has_no_code_to_enter(signed_in, cast):
    assert (
        signed_in(cast.bela).get("/appointments/code?next=/appointments/").location
        == "/appointments/"
    )


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example", "/\\evil"])
def test_a_code_leads_nowhere_else(app, browser, done, following):
    form = {"code": code_sent(app, Purpose.PHONE), "next": following}
    assert browser.post("/appointments/code", data=form).location == "/appointments/"


def test_the_list_says_it_too(app, browser, done):
    shown = browser.get("/appointments/")
    assert "Enter the code we sent you by 06:45" in text_of(shown)
    assert soup(shown).find("a", href="/appointments/code")


def test_one_that_was_given_away_says_why(app, signed_in, cast):
    with app.app_context():
        visit = hold_for(cast.asha, cast.dr_chandra)
        token = links.token_of(visit.id)
    browser, done = signed_in(cast.asha), f"/appointments/{visit.id}/done"
    with app.app_context(), clock.travelled(NOW + HOLD + SECONDS):
        jobs.sweep()
    words = "No code was entered in time, so the time is free for others again."
    assert words in text_of(browser.get("/appointments/"))
    assert words in text_of(browser.get(done))
    assert "booked" not in text_of(browser.get(done)).lower()
    late = {"code": code_sent(app, Purpose.PHONE), "next": done}
    assert words in text_of(browser.post("/appointments/code", data=late, follow_redirects=True))
    assert words in text_of(app.test_client().get(f"/visit/{token}"))


def test_the_desk_sees_whom_nobody_answers_for(app, signed_in, cast):
    with app.app_context():
        hold_for(cast.asha, cast.dr_chandra)
    desk = signed_in(cast.esha)
    assert "No code entered yet, held until 06:45" in text_of(desk.get("/board/"))
    with app.app_context():
        nothing_left()
    with clock.travelled(NOW + HOLD + SECONDS):
        assert "No code entered: call them, then confirm or cancel" in text_of(
            client_of(app, cast.esha).get("/board/")
        )
        own = text_of(client_of(app, cast.asha).get("/appointments/"))
        assert "Your code could not be sent in time." in own


def test_the_link_keeps_it_and_says_so(app, cast):
    with app.app_context():
        visit = hold_for(cast.asha, cast.dr_chandra)
        accept.accept_booking(visit.id)
        path = f"/visit/{links.token_of(visit.id)}"
    outside = app.test_client()
    assert "Confirm here that you are coming, and it stays yours." in text_of(outside.get(path))
    outside.post(f"{path}/confirm")
    assert "We hold" not in text_of(outside.get(path))
    with app.app_context():
        assert stands(visit) == ("confirmed", None, False)


# --- programs


def test_the_api_says_until_when_and_why_not(app, cast, asha):
    caller = Caller(app, asha)
    body = {"doctor_id": str(cast.dr_chandra.doctor_id), "start": START, "reason": "Cough"}
    booked = caller.post("/appointments", body)
    assert booked.status_code == 201
    assert booked.json["held_until"].startswith("2026-11-16T06:45")
    second = caller.post("/appointments", body | {"start": LATER})
    assert (second.status_code, second.json["type"]) == (409, "urn:clinic:problem:not_proven")
    code = {"kind": "phone", "code": code_sent(app, Purpose.PHONE)}
    assert caller.post("/users/me/verify", code).status_code == 200
    assert caller.get(f"/appointments/{booked.json['id']}").json["held_until"] is None
    assert caller.post("/appointments", body | {"start": LATER}).status_code == 201


@pytest.mark.parametrize("by_window", [False, True])
def test_twenty_five_programs_of_one_address_take_ten_seats_at_most(app, cast, by_window):
    """By the door that names a doctor's window, too."""
    with app.app_context():
        many = strangers(25)
        windows = {
            doctor.doctor_id: windows_of([doctor.doctor_id])[doctor.doctor_id]
            for doctor in (cast.dr_chandra, cast.dr_dev, cast.dr_hana)
        }
    statuses = []
    for number, one in enumerate(many):
        doctor = (cast.dr_chandra, cast.dr_dev, cast.dr_hana)[number % 3]
        day = TODAY + timedelta(days=1 + number % 3)
        start = f"{day}T{9 + number // 9:02}:00Z"
        body = {"reason": "Cough", "doctor_id": str(doctor.doctor_id), "start": start}
        if by_window:
            window = windows[doctor.doctor_id][day.weekday()]
            body = {"reason": "Cough", "schedule_id": str(window.id)}
        statuses.append(Caller(app, one).post("/appointments", body).status_code)
    assert 5 <= statuses.count(201) <= 10
    assert set(statuses) <= {201, 400, 409, 429}  # some of the times are taken, or are none
