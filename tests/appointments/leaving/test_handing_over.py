"""One visit whose doctor left: handed over, moved to a colleague's time, or taken first."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from clinic.accounts.people import users
from clinic.appointments.booking.move import reschedule
from clinic.appointments.errors import StepNotPossible
from clinic.appointments.leaving.handover import hand_over_one
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.events import jobs as events
from clinic.messaging.models import Message
from clinic.patients.errors import PatientInactive
from clinic.patients.records import service as records
from clinic.reminders.telling.due import queue_due
from tests.cast import TODAY, at
from tests.factories import fresh, known_to, scheduled, take
from tests.pages import HTMX, root_id, soup, text_of

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def visit(app, cast):
    """Tomorrow at nine with Dr Chandra, who left meanwhile."""
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        visit = scheduled(cast.asha, cast.dr_chandra, at("09:00", TOMORROW))
        take(visit, "confirm", by=cast.asha)
        users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "keep")
        return visit


@pytest.fixture
def page(visit):
    return f"/appointments/{visit.id}/reschedule"


def told(app, since):
    """Templates and texts about any visit, of messages made since."""
    with app.app_context():
        events.deliver_due()
        events.run_tasks()
        queue_due()
        rows = db.session.execute(
            sa.select(Message.audience, Message.template, Message.body).where(
                Message.created_at >= since, Message.about_id.is_not(None)
            )
        )
        return [tuple(row) for row in rows]


def standing(app, cast):
    with app.app_context():
        rows = sa.select(Appointment).where(Appointment.status != "cancelled")
        return [(one.doctor_id, one.starts_at, one.status) for one in db.session.scalars(rows)]


def offered(answer):
    """Whose times are links, and which."""
    asked = [parse_qs(urlsplit(one["href"]).query) for one in soup(answer).select("a.slot")]
    return {(one["doctor"][0], one["start"][0]) for one in asked}


def test_the_patient_is_told_once_with_the_new_doctor_and_has_not_confirmed(app, cast, visit):
    with app.app_context():
        events.deliver_due()
        events.run_tasks()
    with clock.travelled(clock.now() + timedelta(minutes=1)):
        with app.app_context():
            hand_over_one(visit.id, cast.esha.actor)
        messages = told(app, clock.now())
    assert [one[:2] for one in messages] == [("patient", "visit_rescheduled")]
    assert "moved to Tue 17 Nov, 09:00, Dr Dev Patel, Quay Street" in messages[0][2]
    assert standing(app, cast) == [(cast.dr_dev.doctor_id, at("09:00", TOMORROW), "scheduled")]


def test_a_colleagues_times_are_offered_instead_of_none(app, cast, signed_in, visit, page):
    client = signed_in(cast.esha)
    answer = client.get(page)
    assert "Dr Chandra Iyer no longer sees patients here" in text_of(answer)
    dev = str(cast.dr_dev.doctor_id)
    assert {key for key, _ in offered(answer)} == {dev}
    assert (dev, "2026-11-17T09:00Z") in offered(answer)
    asked = client.get(f"{page}?doctor={dev}&start=2026-11-17T09:00Z")
    words = "Move from Tue 17 Nov, 09:00 to Tue 17 Nov, 09:00 with Dr Dev Patel?"
    assert words in text_of(asked)
    form = soup(asked).select_one("#reschedule form[method=post]")
    sent = {one["name"]: one["value"] for one in form.select("input")}
    assert client.post(form["action"], data=sent).status_code == 303
    assert standing(app, cast) == [(cast.dr_dev.doctor_id, at("09:00", TOMORROW), "scheduled")]
    assert "Moved to Dr Dev Patel, Tue 17 Nov, 09:00." in text_of(client.get("/board/"))


def test_a_list_of_colleagues_leads_to_the_times_of_each(cast, signed_in, page):
    client = signed_in(cast.esha)
    form = soup(client.get(page)).select_one("#reschedule form:not([method])")
    assert form.select_one("option[selected]").get_text().startswith("Dr Dev Patel (")
    part = client.get(f"{page}?doctor={cast.dr_dev.doctor_id}&day=2026-11-24", headers=HTMX)
    assert root_id(part) == "reschedule"
    assert {start[:10] for _, start in offered(part)} >= {"2026-11-24"}


@pytest.mark.parametrize("doctor", ["", "nobody", "dr_hana"])
def test_whoever_else_is_asked_for_a_colleague_is_shown(cast, signed_in, page, doctor):
    asked = str(cast.people[doctor].doctor_id) if doctor in cast.people else doctor
    answer = signed_in(cast.esha).get(f"{page}?doctor={asked}")
    assert {key for key, _ in offered(answer)} == {str(cast.dr_dev.doctor_id)}


def test_a_patient_chooses_a_colleague_too_by_page_and_by_link(app, cast, signed_in, visit, page):
    with app.app_context():
        link = f"/visit/{links.token_of(visit.id)}/reschedule"
    choice = {"doctor": str(cast.dr_dev.doctor_id), "start": "2026-11-17T09:30Z"}
    for client, path in ((signed_in(cast.asha), page), (app.test_client(), link)):
        assert (choice["doctor"], choice["start"]) in offered(client.get(path))
    assert app.test_client().post(link, data=choice).status_code == 303
    # Who chose the time themselves comes.
    assert standing(app, cast) == [(cast.dr_dev.doctor_id, at("09:30", TOMORROW), "confirmed")]


def test_without_colleagues_it_says_what_to_do(app, cast, signed_in, page):
    with app.app_context():
        users.deactivate(cast.dr_dev.user_id, cast.amir.actor, "keep")
    assert "Call the patient, or cancel the visit." in text_of(signed_in(cast.esha).get(page))
    assert "The clinic will be in touch" in text_of(signed_in(cast.asha).get(page))


def test_of_a_doctor_who_works_nothing_changes(app, cast, signed_in):
    with app.app_context():
        other = scheduled(cast.bela, cast.dr_dev, at("09:00", TOMORROW))
    answer = signed_in(cast.bela).get(f"/appointments/{other.id}/reschedule")
    starts = [parse_qs(urlsplit(one["href"]).query) for one in soup(answer).select("a.slot")]
    assert starts and all(set(one) == {"start"} for one in starts)
    assert soup(answer).select("#colleague") == []


def test_the_second_click_is_told_what_the_first_did(app, cast, signed_in, visit):
    client, url = signed_in(cast.esha), f"/board/left/{visit.id}/hand-over"
    first, second = (client.post(url, headers=HTMX) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert "Asha Rao now comes to Dr Dev Patel, Tue 17 Nov, 09:00." in second.headers["HX-Trigger"]
    assert len(standing(app, cast)) == 1


def test_whom_another_desk_moved_elsewhere_is_said(app, cast, signed_in, visit, page):
    with app.app_context():
        reschedule(visit.id, at("10:00", TOMORROW), cast.esha.actor, cast.dr_dev.doctor_id)
    client = signed_in(cast.esha)
    late = {"doctor": str(cast.dr_dev.doctor_id), "start": "2026-11-17T09:00Z"}
    assert client.post(page, data=late).status_code == 303
    text = text_of(client.get("/board/"))
    assert "Somebody moved it meanwhile: to Dr Dev Patel, Tue 17 Nov, 10:00." in text


def test_a_cancelled_one_and_one_of_the_dead_are_refused_in_words(app, cast, signed_in, visit):
    with app.app_context():
        died = {"died_on": TODAY}
        records.update(cast.harbour, cast.asha.patient_id, died, cast.esha.actor, "keep")
        with pytest.raises(PatientInactive):
            hand_over_one(visit.id, cast.esha.actor)
        take(fresh(visit), "cancel", by=cast.esha)
        with pytest.raises(StepNotPossible):
            hand_over_one(visit.id, cast.esha.actor)
    answer = signed_in(cast.esha).post(f"/board/left/{visit.id}/hand-over")
    assert (answer.status_code, "the visit is cancelled" in text_of(answer)) == (409, True)


def test_the_strip_and_the_rail_count_them(app, cast, signed_in, visit):
    client = signed_in(cast.esha)
    with app.app_context():
        scheduled(cast.bela, cast.dr_dev, "10:00")
    for path in ("/board/", "/board/?day=2026-11-30"):
        page = soup(client.get(path))
        strip = [one.get_text() for one in page.select("#waiting a[href='/board/left/']")]
        assert strip == ["1 visit of a doctor who left waits"]
    rail = page.select_one("nav[aria-label=Main] a[href='/board/']")
    counted = [rail.select_one(part).get_text() for part in (".count", ".sr-only")]
    assert counted == ["1", ", 1 to decide"]
    row = soup(client.get("/board/?day=2026-11-17")).find(id=f"appt-{visit.id}")
    assert "The doctor left" in row.get_text()
    assert "Confirm" not in [one.contents[0] for one in row.select(".btn")]
    client.post(f"/board/left/{visit.id}/hand-over")
    assert soup(client.get("/board/")).select("#waiting a[href='/board/left/']") == []


def test_a_visit_that_is_over_waits_for_nobody(app, cast, signed_in, visit):
    with clock.travelled(at("09:31", TOMORROW)):
        client = signed_in(cast.esha)
        assert "Every visit has its doctor" in text_of(client.get("/board/left/"))
        assert soup(client.get("/board/")).select("#waiting a[href='/board/left/']") == []
    with app.app_context(), clock.travelled(at("09:31", TOMORROW)), pytest.raises(NotFound):
        hand_over_one(visit.id, cast.esha.actor)


def test_the_patient_reads_the_truth_while_nobody_has_decided(app, cast, signed_in, visit):
    with app.app_context():
        link = f"/visit/{links.token_of(visit.id)}"
    for page in (app.test_client().get(link), signed_in(cast.asha).get("/appointments/")):
        assert "The clinic will tell you who sees you instead." in text_of(page)
        assert "You are confirmed" not in text_of(page)
        assert "knows that you are coming" not in text_of(page)
    with app.app_context():
        hand_over_one(visit.id, cast.esha.actor)
    assert "who sees you instead" not in text_of(app.test_client().get(link))
