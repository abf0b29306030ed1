"""A time that its patient holds is theirs, whichever way they come back to it."""

from datetime import timedelta

import pytest

from clinic.appointments.booking.move import reschedule
from clinic.appointments.errors import AlreadyBooked, PatientBusy, StepNotPossible
from clinic.core import clock
from tests.appointments.booking.test_pages import BOOK, confirm_step, open_form, visits
from tests.cast import TODAY, at
from tests.conftest import Stage
from tests.crowd import at_once
from tests.factories import book, fresh, next_week, scheduled, take
from tests.pages import HTMX, soup, text_of

TAKEN = ("no longer free", "just taken")


def follow(client, answer):
    """What a person reads when the browser has gone where it was led."""
    return text_of(client.get(answer.location))


def test_back_after_booking_leads_to_the_visit(app, signed_in, cast):
    client = signed_in(cast.asha)
    client.post(BOOK, data=open_form(client, cast.dr_chandra))
    (visit,) = visits(app)
    path, query = confirm_step(cast.dr_chandra)
    again = client.get(path, query_string=query)
    assert (again.status_code, again.location) == (303, f"/appointments/{visit.id}/done")
    words = follow(client, again)
    assert f"You booked this: {visit.code}" in words
    assert not any(one in words for one in TAKEN)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_second_tab_leads_to_the_visit(app, signed_in, cast, headers):
    client = signed_in(cast.asha)
    first, second = (open_form(client, cast.dr_chandra) for _ in range(2))
    client.post(BOOK, data=first)
    answer = client.post(BOOK, data=second, headers=headers)
    (visit,) = visits(app)
    assert (answer.location or answer.headers["HX-Redirect"]) == f"/appointments/{visit.id}/done"


def test_a_form_that_is_sent_again_with_another_reason_leads_to_the_visit(app, signed_in, cast):
    client = signed_in(cast.asha)
    form = open_form(client, cast.dr_chandra)
    client.post(BOOK, data=form)
    answer = client.post(BOOK, data={**form, "reason": "Blood pressure"})
    (visit,) = visits(app)
    assert (answer.status_code, answer.location) == (303, f"/appointments/{visit.id}/done")
    with app.app_context():
        assert fresh(visit).reason == "Chest feels tight"


def test_a_key_that_booked_another_time_is_no_dead_end(app, signed_in, cast):
    client = signed_in(cast.asha)
    form = open_form(client, cast.dr_chandra)
    client.post(BOOK, data=form)
    answer = client.post(BOOK, data={**form, "start": at("10:00").isoformat()})
    assert answer.status_code == 409
    assert "Check it, then send it again" in text_of(answer)
    key = soup(answer).find("input", {"name": "idempotency_key"})["value"]
    assert key != form["idempotency_key"]
    later = {**form, "start": at("10:00").isoformat(), "idempotency_key": key}
    assert client.post(BOOK, data=later).status_code == 303
    assert len(visits(app)) == 2


def test_the_desk_is_led_to_the_visit_of_the_person_it_chose(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    client = signed_in(cast.esha)
    path, query = confirm_step(cast.dr_chandra, patient=str(cast.asha.patient_id))
    answer = client.get(path, query_string=query)
    assert (answer.status_code, answer.location) == (303, f"/appointments/{visit.id}/done")
    words = follow(client, answer)
    assert f"This visit is booked: {visit.code}" in words
    assert cast.asha.name in words


def test_the_time_of_somebody_else_stays_taken(app, signed_in, cast):
    with app.app_context():
        scheduled(cast.bela, cast.dr_chandra)
    path, query = confirm_step(cast.dr_chandra)
    answer = signed_in(cast.asha).get(path, query_string=query)
    assert answer.status_code == 409
    assert "no longer free" in text_of(answer)


def test_a_visit_that_was_cancelled_gives_the_time_back(app, signed_in, cast):
    with app.app_context():
        take(scheduled(cast.asha, cast.dr_chandra), "cancel", by=cast.asha)
    path, query = confirm_step(cast.dr_chandra)
    assert signed_in(cast.asha).get(path, query_string=query).status_code == 200


@pytest.mark.usefixtures("in_app")
def test_the_command_says_which_visit_it_is(cast):
    visit = scheduled(cast.asha, cast.dr_chandra)
    with pytest.raises(AlreadyBooked) as refused:
        book(cast.asha, cast.dr_chandra)
    assert (refused.value.visit_id, refused.value.reference) == (visit.id, visit.code)


@pytest.mark.usefixtures("in_app")
def test_another_doctor_at_that_time_is_still_refused(cast):
    scheduled(cast.asha, cast.dr_chandra)
    with pytest.raises(PatientBusy) as refused:
        book(cast.asha, cast.dr_dev)
    assert not isinstance(refused.value, AlreadyBooked)


def test_a_visit_that_has_begun_is_still_theirs(app, signed_in, cast, monkeypatch):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    monkeypatch.setattr(clock, "now", lambda: at("09:05"))
    client = signed_in(cast.asha)
    path, query = confirm_step(cast.dr_chandra)
    assert client.get(path, query_string=query).location == f"/appointments/{visit.id}/done"


@pytest.mark.parametrize(("days", "warned"), [(0, True), (1, True), (7, True), (8, False)])
def test_a_second_visit_within_a_week_is_warned_of(app, signed_in, cast, days, warned):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra, "10:00")
    start = at("10:00" if days else "11:00", TODAY + timedelta(days=days))
    query = {"doctor": str(cast.dr_chandra.doctor_id), "start": start.isoformat()}
    client = signed_in(cast.asha)
    answer = client.get("/appointments/new", query_string=query)
    if answer.status_code != 200:  # no hours that day
        pytest.fail(text_of(answer))
    words = text_of(answer)
    assert (f"already ({visit.code})" in words) is warned
    link = soup(answer).find("a", href=f"/appointments/{visit.id}/reschedule")
    assert (link is not None) is warned


def test_a_doctor_of_another_clinic_is_refused_before_anything_is_typed(signed_in, cast):
    path, query = confirm_step(cast.dr_chandra)
    answer = signed_in(cast.farid).get(path, query_string=query)
    assert answer.status_code == 403
    assert "Dr Chandra Iyer works at another clinic" in text_of(answer)
    assert soup(answer).find("a", string="See the doctors")["href"] == "/"
    assert soup(answer).find("form", action=BOOK) is None


@pytest.mark.parametrize("who", ["dr_chandra", "gita"])
def test_accounts_that_book_nothing_are_told_so_in_their_own_shell(signed_in, cast, who):
    path, query = confirm_step(cast.dr_chandra)
    answer = signed_in(cast.people[who]).get(path, query_string=query)
    assert answer.status_code == 403
    assert "Your account does not book appointments" in text_of(answer)
    assert soup(answer).find("nav") is not None


@pytest.mark.trust
def test_many_taps_on_book_are_one_visit_and_the_others_know_it(both: Stage):
    start, (asha, chandra) = next_week("09:00"), (both.cast.asha, both.cast.dr_chandra)
    answers = at_once(both.app, [lambda: book(asha, chandra, start)] * 12)
    (visit,) = (one for one in answers if not isinstance(one, Exception))
    refused = [one for one in answers if isinstance(one, Exception)]
    assert {type(one) for one in refused} == {AlreadyBooked}
    assert {one.visit_id for one in refused} == {visit.id}


@pytest.mark.trust
def test_many_taps_on_move_are_one_move(both: Stage):
    start, later = next_week("09:00"), next_week("10:00")
    with both.app.app_context():
        visit = scheduled(both.cast.asha, both.cast.dr_chandra, start)
    actor = both.cast.asha.actor
    answers = at_once(both.app, [lambda: reschedule(visit.id, later, actor)] * 12)
    refused = [one for one in answers if isinstance(one, Exception)]
    assert len(refused) == 11
    assert all(isinstance(one, StepNotPossible) and one.was_moved for one in refused)
