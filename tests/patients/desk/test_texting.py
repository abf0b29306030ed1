"""Why somebody gets no texts stands on their page, with the way it ends."""

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.messaging import jobs as messaging
from clinic.messaging.consents.models import EndedOptOut, OptOut
from clinic.messaging.queueing import refusals
from tests.factories import book, known_to
from tests.messaging.ledger_helpers import message, queued
from tests.pages import soup, text_of

ASHA = "+447700900000"
REACHABLE = "patient.reachable_again"


@transactional
def stop(kind, reason):
    refusals.remember_refusal(ASHA, kind, reason)


@pytest.fixture
def page(app, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha, cast.bela)
        db.session.remove()
    return f"/patients/{cast.asha.patient_id}"


def events(name):
    return db.session.scalars(sa.select(EventRow).where(EventRow.name == name)).all()


def button(answer):
    return soup(answer).select_one('form[action$="/unreachable/clear"] button')


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("30003", "Texts have not arrived since Mon 16 Nov, 06:30: the telephone cannot be"),
        ("30005", "Mon 16 Nov, 06:30: nobody has this number."),
        ("", "Texts have not arrived since Mon 16 Nov, 06:30."),
    ],
)
def test_a_number_that_no_text_reaches(app, cast, signed_in, page, code, said):
    with app.app_context():
        stop("unreachable", code)
    shown = signed_in(cast.esha).get(page)
    assert said in text_of(shown)
    assert "07700 900000 (SMS, WhatsApp)" in text_of(shown).replace("\N{NO-BREAK SPACE}", " ")
    assert "Until then messages go by email to asha@cast.example." in text_of(shown)
    assert "Text this number again" in button(shown).get_text()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("stop_word", "They answered STOP on Mon 16 Nov, 06:30: they want no texts."),
        ("21610", "Since Mon 16 Nov, 06:30 the provider says that they want no texts."),
    ],
)
def test_who_wants_no_texts_ends_that_alone(app, cast, signed_in, page, reason, said):
    with app.app_context():
        stop("opted_out", reason)
    shown = signed_in(cast.esha).get(page)
    assert said in text_of(shown)
    assert "They can allow texts in their account, or text START to us." in text_of(shown)
    assert button(shown) is None


def test_the_number_to_text_start_to_is_named(app, cast, signed_in, page, monkeypatch):
    set_up = {"twilio_account_sid": "AC1", "twilio_auth_token": "x", "twilio_from": "+442079460142"}
    changed = app.config["SETTINGS"].model_copy(update=set_up)
    monkeypatch.setitem(app.config, "SETTINGS", changed)
    with app.app_context():
        stop("opted_out", "stop_word")
    said = text_of(signed_in(cast.esha).get(page)).replace("\N{NO-BREAK SPACE}", " ")
    assert "They can text START to 020 7946 0142, or allow texts in their account." in said


def test_nothing_is_said_where_texts_go(cast, signed_in, page):
    shown = signed_in(cast.esha).get(page)
    assert "do not arrive" not in text_of(shown)
    assert button(shown) is None


def test_the_desk_has_the_number_tried_again(app, cast, signed_in, page):
    """Whoever did it is kept, and the next text goes."""
    with app.app_context():
        stop("unreachable", "30003")
    desk = signed_in(cast.esha)
    assert "tried again" in text_of(desk.get(page))
    answer = desk.post(f"{page}/unreachable/clear", follow_redirects=True)
    assert "The next text goes to this number again." in text_of(answer)
    assert button(answer) is None
    with app.app_context():
        ended = db.session.scalars(sa.select(EndedOptOut)).all()
        assert sorted(one.channel for one in ended) == ["sms", "whatsapp"]
        for kept in ended:
            assert (kept.how, kept.ended_by, kept.reason) == ("desk", cast.esha.user_id, "30003")
        (told,) = events(REACHABLE)
        assert told.organisation_id == cast.harbour
        (text,) = queued()
        messaging.deliver_due()
        assert message(text).status == "delivered"


def test_two_taps_are_one(app, cast, signed_in, page):
    with app.app_context():
        stop("unreachable", "30003")
    desk = signed_in(cast.esha)
    for _ in range(2):
        assert desk.post(f"{page}/unreachable/clear").status_code == 303
    with app.app_context():
        assert len(events(REACHABLE)) == 1


def test_their_own_word_stays(app, cast, signed_in, page):
    with app.app_context():
        stop("opted_out", "stop_word")
        stop("unreachable", "30003")
    desk = signed_in(cast.esha)
    said = text_of(desk.get(page))
    assert said.index("They answered STOP") < said.index("Texts have not arrived")
    desk.post(f"{page}/unreachable/clear")
    assert "They answered STOP" in text_of(desk.get(page))
    with app.app_context():
        assert db.session.scalars(sa.select(OptOut.kind).distinct()).all() == ["opted_out"]


def test_a_doctor_reads_and_clears_it_of_their_own_patients(app, cast, signed_in, page):
    with app.app_context():
        stop("unreachable", "30003")
        book(cast.asha, cast.dr_chandra, "09:00")
        db.session.remove()
    assert button(signed_in(cast.dr_chandra).get(page)) is not None
    assert signed_in(cast.dr_dev).post(f"{page}/unreachable/clear").status_code == 404


def test_a_superadmin_reads_it(app, cast, signed_in, page):
    with app.app_context():
        stop("unreachable", "30003")
    shown = signed_in(cast.gita).get(page)
    assert "Texts have not arrived since" in text_of(shown)
    assert button(shown) is None


def test_the_booking_form_leads_there(app, cast, signed_in, page):
    with app.app_context():
        stop("unreachable", "30003")
    query = {"doctor": cast.dr_chandra.doctor_id, "start": "2026-11-16T11:00:00+00:00"}
    shown = signed_in(cast.esha).get(
        "/appointments/new", query_string={**query, "patient": cast.asha.patient_id}
    )
    assert soup(shown).select_one("#stop").find("a", href=page)
