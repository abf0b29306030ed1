"""The booking pages and a patient's own list: by plain forms and by htmx."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import ACTIVE
from clinic.core import clock
from clinic.core.data.db import db
from tests.cast import TODAY, at
from tests.factories import book, fresh, known_to, scheduled, set_rules, take
from tests.pages import HTMX, fields, happened, is_whole_page, root_id, soup, text_of

BOOK, CHOOSE = "/appointments/", "/appointments/choose"


def confirm_step(doctor, wall="09:00", **more):
    query = {"doctor": str(doctor.doctor_id), "start": at(wall).isoformat(), **more}
    return "/appointments/new", query


def open_form(client, doctor, **more):
    """The confirm step's form as a browser would send it, with a reason typed in."""
    path, query = confirm_step(doctor, **more)
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200
    return {**fields(answer, BOOK), "reason": "Chest feels tight"}


def visits(app):
    with app.app_context():
        return db.session.scalars(
            sa.select(Appointment).where(Appointment.status.in_(sorted(ACTIVE)))
        ).all()


def test_a_patient_books_with_a_plain_form(app, signed_in, cast):
    client = signed_in(cast.asha)
    answer = client.post(BOOK, data=open_form(client, cast.dr_chandra))
    (visit,) = visits(app)
    assert (answer.status_code, answer.location) == (303, f"/appointments/{visit.id}/done")
    assert (visit.reason, visit.channel, visit.source) == ("Chest feels tight", "sms", "web")
    done = client.get(answer.location)
    assert visit.code in text_of(done)
    assert soup(done).find("a", href=f"/appointments/{visit.id}/calendar.ics")


def test_htmx_books_and_goes_to_the_done_page(app, signed_in, cast):
    client = signed_in(cast.asha)
    answer = client.post(BOOK, data=open_form(client, cast.dr_chandra), headers=HTMX)
    (visit,) = visits(app)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/appointments/{visit.id}/done"


def test_a_form_sent_twice_books_once(app, signed_in, cast):
    client = signed_in(cast.asha)
    form = open_form(client, cast.dr_chandra)
    assert form["idempotency_key"]
    first, second = client.post(BOOK, data=form), client.post(BOOK, data=form)
    assert first.location == second.location
    assert len(visits(app)) == 1


def test_each_opened_form_has_a_key_of_its_own(signed_in, cast):
    client = signed_in(cast.asha)
    keys = {open_form(client, cast.dr_chandra)["idempotency_key"] for _ in range(3)}
    assert len(keys) == 3


def test_the_confirm_step_keeps_reason_and_channel_from_its_address(signed_in, cast):
    path, query = confirm_step(cast.dr_chandra, reason="Knee & <hip>", channel="whatsapp")
    answer = signed_in(cast.asha).get(path, query_string=query)
    sent = fields(answer, BOOK)
    assert (sent["reason"], sent["channel"]) == ("Knee & <hip>", "whatsapp")
    assert "<hip>" not in answer.text


def test_a_visitor_carries_the_slot_to_login_and_sign_up(client, cast):
    path, query = confirm_step(cast.dr_chandra)
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200
    assert "Dr Chandra Iyer" in text_of(answer)
    for where in ("/login", "/signup"):
        link = soup(answer).find("a", href=lambda href, w=where: href and href.startswith(f"{w}?"))
        following = urlsplit(parse_qs(urlsplit(link["href"]).query)["next"][0])
        assert following.path == path
        assert {key: values[0] for key, values in parse_qs(following.query).items()} == query


def test_an_invalid_form_comes_back_with_what_was_typed(app, signed_in, cast):
    client = signed_in(cast.asha)
    form = {**open_form(client, cast.dr_chandra), "reason": "x" * 501, "channel": "email"}
    for headers, whole in (({}, True), (HTMX, False)):
        answer = client.post(BOOK, data=form, headers=headers)
        assert (answer.status_code, is_whole_page(answer)) == (422, whole)
        sent = fields(answer, BOOK)
        assert (sent["reason"], sent["channel"]) == ("x" * 501, "email")
        assert sent["start"] == form["start"]
        assert "Use at most 500 characters" in text_of(answer)
        assert "HX-Request" in answer.vary
    assert root_id(answer) == "confirm"
    assert visits(app) == []


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_reason_is_asked_for(signed_in, cast, reason):
    client = signed_in(cast.asha)
    form = {**open_form(client, cast.dr_chandra), "reason": reason}
    answer = client.post(BOOK, data=form)
    assert answer.status_code == 422
    assert "Tell us briefly" in text_of(answer)


@pytest.mark.parametrize("channel", ["pigeon", "", "SMS"])
def test_only_offered_channels_are_taken(app, signed_in, cast, channel):
    client = signed_in(cast.asha)
    form = {**open_form(client, cast.dr_chandra), "channel": channel}
    assert client.post(BOOK, data=form).status_code == 422
    assert visits(app) == []


def test_a_taken_slot_answers_with_the_choices_left(app, signed_in, cast):
    client = signed_in(cast.asha)
    form = {**open_form(client, cast.dr_chandra), "channel": "email"}
    with app.app_context():
        book(cast.bela, cast.dr_chandra)
    for headers, whole in (({}, True), (HTMX, False)):
        answer = client.post(BOOK, data=form, headers=headers)
        assert (answer.status_code, is_whole_page(answer)) == (409, whole)
        assert "just taken" in text_of(answer)
        buttons = soup(answer).select("#choices form button[name=start]")
        assert [button.get_text() for button in buttons[:2]] == ["09:30", "10:00"]
        assert "Bela" not in answer.text
    assert root_id(answer) == "choices"
    # By POST, so that the reason is in no address, history or log.
    again = {**fields(answer, CHOOSE), "start": buttons[0]["value"]}
    assert (again["reason"], again["channel"]) == ("Chest feels tight", "email")
    for headers in ({}, HTMX):
        confirm = client.post(CHOOSE, data=again, headers=headers)
        assert confirm.status_code == 200
        kept = fields(confirm, BOOK)
        assert (kept["reason"], kept["channel"]) == ("Chest feels tight", "email")
    assert client.post(BOOK, data=kept).status_code == 303
    assert {visit.starts_at for visit in visits(app)} == {at("09:00"), at("09:30")}


def test_the_desk_keeps_its_patient_when_a_slot_is_taken(app, signed_in, cast):
    client = signed_in(cast.esha)
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        book(cast.bela, cast.dr_chandra)
    form = {
        "doctor": str(cast.dr_chandra.doctor_id),
        "start": at("09:00").isoformat(),
        "patient": str(cast.asha.patient_id),
        "reason": "Rash",
        "channel": "sms",
    }
    taken = client.post(BOOK, data=form)
    again = {**fields(taken, CHOOSE), "start": at("09:30").isoformat()}
    kept = fields(client.post(CHOOSE, data=again), BOOK)
    assert (kept["patient"], kept["reason"]) == (str(cast.asha.patient_id), "Rash")


def test_another_time_can_be_chosen_only_by_who_may_book(client, signed_in, cast):
    assert client.post(CHOOSE).status_code == 401
    assert signed_in(cast.dr_chandra).post(CHOOSE).status_code == 403
    assert signed_in(cast.asha).get(CHOOSE).status_code == 405
    assert signed_in(cast.asha).post(CHOOSE, data={"doctor": "x"}).status_code == 409


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (at("09:00", TODAY - timedelta(days=7)).isoformat(), 400),
        (at("09:10").isoformat(), 400),
        (at("09:00", TODAY + timedelta(days=5)).isoformat(), 400),
        ("2026-11-16T09:00", 400),
        ("tomorrow", 400),
        ("", 400),
        ("9999-12-31T23:59:59+00:00", 400),
        ("0001-01-01T00:00:00+23:59", 400),
    ],
    ids=["past", "misaligned", "weekend", "no zone", "words", "empty", "far", "long ago"],
)
def test_a_time_that_is_not_offered_is_refused(app, signed_in, cast, start, status):
    client = signed_in(cast.asha)
    form = {**open_form(client, cast.dr_chandra), "start": start}
    assert client.post(BOOK, data=form).status_code == status
    assert client.post(BOOK, data=form, headers=HTMX).status_code == status
    assert visits(app) == []


@pytest.mark.parametrize("doctor", ["", "x", "d68f5d41-1124-49b8-9974-3d289d2500ec"])
def test_a_doctor_who_is_not_there_cannot_be_booked(app, signed_in, cast, doctor):
    client = signed_in(cast.asha)
    form = {**open_form(client, cast.dr_chandra), "doctor": doctor}
    assert client.post(BOOK, data=form).status_code in (400, 409)
    assert client.get("/appointments/new", query_string=form).status_code == 409
    assert visits(app) == []


def test_a_patient_who_is_busy_keeps_the_form_and_learns_why(app, signed_in, cast):
    client = signed_in(cast.asha)
    form = open_form(client, cast.dr_chandra)
    with app.app_context():
        book(cast.asha, cast.dr_dev)
    answer = client.post(BOOK, data=form)
    assert answer.status_code == 409
    assert "already a visit at that time" in text_of(answer)
    assert fields(answer, BOOK)["reason"] == "Chest feels tight"


def test_a_patient_cannot_slip_in_somebody_else(app, signed_in, cast):
    client = signed_in(cast.asha)
    form = {**open_form(client, cast.dr_chandra), "patient": str(cast.bela.patient_id)}
    client.post(BOOK, data=form)
    (visit,) = visits(app)
    assert visit.patient_id == cast.asha.patient_id


def test_the_desk_finds_a_patient_and_books_for_them(app, signed_in, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
    client, (path, query) = signed_in(cast.esha), confirm_step(cast.dr_chandra)
    found = client.get(path, query_string={**query, "find": "rao"})
    link = soup(found).find("a", href=lambda href: href and str(cast.asha.patient_id) in href)
    form = {**fields(client.get(link["href"]), BOOK), "reason": "Rash"}
    assert client.post(BOOK, data=form).status_code == 303
    (visit,) = visits(app)
    assert (visit.patient_id, visit.source) == (cast.asha.patient_id, "staff")


@pytest.mark.parametrize("find", ["rao", "Asha", "07700", "P"])
def test_the_desk_does_not_find_who_the_clinic_does_not_know(signed_in, cast, find):
    path, query = confirm_step(cast.dr_chandra)
    answer = signed_in(cast.esha).get(path, query_string={**query, "find": find})
    assert "Asha Rao" not in answer.text
    assert str(cast.asha.patient_id) not in answer.text


@pytest.mark.parametrize("patient", ["", "x", "bela"])
def test_the_desk_must_choose_somebody_it_knows(app, signed_in, cast, patient):
    client = signed_in(cast.esha)
    key = str(cast.people[patient].patient_id) if patient in cast.people else patient
    form = {
        "doctor": str(cast.dr_chandra.doctor_id),
        "start": at("09:00").isoformat(),
        "patient": key,
        "reason": "Rash",
        "channel": "sms",
    }
    assert client.post(BOOK, data=form).status_code in (404, 422)
    assert visits(app) == []


def test_doctors_and_superadmins_cannot_book_here(signed_in, cast):
    for person in (cast.dr_chandra, cast.gita):
        path, query = confirm_step(cast.dr_chandra)
        assert signed_in(person).get(path, query_string=query).status_code == 403
        assert signed_in(person).post(BOOK, data=query).status_code == 403


@pytest.mark.parametrize(
    ("step", "word"), [("confirm", "confirmed"), ("cancel", "cancelled")]
)  # fmt: skip
def test_a_patient_confirms_and_cancels_from_the_list(app, signed_in, cast, step, word):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra, "11:00")
    client = signed_in(cast.asha)
    answer = client.post(f"/appointments/{visit.id}/{step}", headers=HTMX)
    assert (answer.status_code, root_id(answer)) == (200, "list")
    told = happened(answer)
    assert word in told["toast"]["text"]
    assert told["dialog-close"] is True
    assert word in text_of(answer).lower()
    with app.app_context():
        assert fresh(visit).status == word
    again = client.post(f"/appointments/{visit.id}/{step}")
    assert again.status_code == 409


def test_the_list_says_what_is_next_and_what_is_past(app, signed_in, cast):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra, "09:00")
        book(cast.asha, cast.dr_dev, at("10:00", TODAY + timedelta(days=1)))
        take(book(cast.asha, cast.dr_dev, at("11:00")), "cancel", by=cast.asha)
        book(cast.bela, cast.dr_chandra, "10:00")
    page = text_of(signed_in(cast.asha).get("/appointments/"))
    order = [page.index(one) for one in ("Next appointment", "Later", "Cancelled", "Today, 11:00")]
    assert order == sorted(order)
    assert "Past" not in page  # what is cancelled and still to come is not over
    assert "Please confirm" in page
    assert "Booked" in page
    assert "Cancelled" in page
    assert "Bela" not in page


def test_too_late_to_cancel_says_whom_to_call(app, signed_in, cast):
    with app.app_context():
        scheduled(cast.asha, cast.dr_chandra)
    with clock.travelled(at("08:00")):
        answer = signed_in(cast.asha).get("/appointments/")
    assert "020 7946 0142" in text_of(answer)
    assert not soup(answer).find("a", href=lambda href: href and href.endswith("/cancel"))


def test_a_request_that_waits_for_approval_says_so(app, signed_in, cast):
    with app.app_context():
        set_rules(cast.harbour, approval_required=True)
        visit = book(cast.asha, cast.dr_chandra)
    client = signed_in(cast.asha)
    assert "Requested" in text_of(client.get("/appointments/"))
    assert "request" in text_of(client.get(f"/appointments/{visit.id}/done")).lower()


def test_cancelling_is_asked_for_in_a_dialog_and_on_a_page(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    client, path = signed_in(cast.asha), f"/appointments/{visit.id}/cancel"
    page, dialog = client.get(path), client.get(path, headers=HTMX)
    assert is_whole_page(page)
    assert root_id(dialog) == "cancel"
    for answer in (page, dialog):
        assert soup(answer).find("form", action=path, method="post")
        assert "HX-Request" in answer.vary


def test_the_calendar_file_holds_the_visit_and_nothing_medical(app, signed_in, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    answer = signed_in(cast.asha).get(f"/appointments/{visit.id}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="appointment-{visit.code}.ics"'
    )
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert (event["dtstart"].dt, event["dtend"].dt) == (at("09:00"), at("09:30"))
    assert str(event["uid"]) == f"{visit.id}@clinic"
    assert event["status"] == "CONFIRMED"
    for word in (b"Blood", b"Cardiology", b"Asha"):
        assert word not in answer.data


def test_a_calendar_told_of_a_cancelled_visit_takes_it_out(app, signed_in, cast):
    with app.app_context():
        visit = take(scheduled(cast.asha, cast.dr_chandra), "cancel", by=cast.asha)
    data = signed_in(cast.asha).get(f"/appointments/{visit.id}/calendar.ics").data
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert event["status"] == "CANCELLED"


def test_a_form_without_its_token_is_refused(app, signed_in, cast):
    app.config["WTF_CSRF_ENABLED"] = True
    client = signed_in(cast.asha)
    form = open_form(client, cast.dr_chandra)
    bare = {name: value for name, value in form.items() if name != "csrf_token"}
    for data in (bare, {**bare, "csrf_token": "guessed"}):
        answer = client.post(BOOK, data=data)
        assert answer.status_code == 400
        assert "You are signed in as Asha Rao now" in text_of(answer)
        assert fields(answer, BOOK)["reason"] == "Chest feels tight"
    assert visits(app) == []
    assert client.post(BOOK, data=form).status_code == 303
