"""What the pages promise about messages is what the ledger holds."""

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.consents.models import EndedOptOut, OptOut
from clinic.messaging.queueing import refusals
from tests.cast import at
from tests.factories import book, known_to
from tests.pages import fields, soup, text_of
from tests.reminders.plan_helpers import messages, work

BOOK, ASHA, ASHA_WRITTEN = "/appointments/", "+447700900000", "07700 900000"
LATE = at("11:00")


@transactional
def stop(kind="opted_out"):
    refusals.remember_refusal(ASHA, kind, "stop_word")


@transactional
def change(who, **values):
    db.session.execute(sa.update(User).where(User.id == who.user_id).values(**values))


def confirm_page(client, doctor, **more):
    query = {"doctor": str(doctor.doctor_id), "start": LATE.isoformat(), **more}
    return client.get("/appointments/new", query_string=query)


def channels_of(page):
    return [one["value"] for one in soup(page).select("input[name=channel]")]


@pytest.fixture
def asha(signed_in, cast):
    return signed_in(cast.asha)


def test_the_form_says_that_texts_were_stopped_and_offers_what_is_left(app, asha, cast):
    with app.app_context():
        stop()
    page = confirm_page(asha, cast.dr_chandra)
    assert f"You asked us not to text {ASHA_WRITTEN}." in text_of(page)
    assert channels_of(page) == ["email"]
    assert fields(page, BOOK)["channel"] == "email"


def test_the_done_page_says_by_what_and_to_whom(app, asha, cast):
    with app.app_context():
        visit = book(cast.asha, cast.dr_chandra, LATE)
        work()
        said = text_of(asha.get(f"/appointments/{visit.id}/done"))
    assert f"A text is on its way to {ASHA_WRITTEN}." in said
    assert "A reminder follows 3 hours before." in said


def test_before_the_ledger_has_it_the_page_says_what_it_will_hold(app, asha, cast):
    with app.app_context():
        stop()
        visit = book(cast.asha, cast.dr_chandra, LATE)
        early = text_of(asha.get(f"/appointments/{visit.id}/done"))
        work()
        letters = messages(visit, to=cast.asha.email)
        late = text_of(asha.get(f"/appointments/{visit.id}/done"))
    assert letters == [("visit_booked", "queued")]
    for said in (early, late):
        assert f"You asked us not to text {ASHA_WRITTEN}. An email is on its way to" in said
        assert "A text is on its way" not in said


def test_where_nothing_goes_nothing_is_promised(app, asha, cast):
    with app.app_context():
        change(cast.asha, email=None)
        stop()
        visit = book(cast.asha, cast.dr_chandra, LATE)
        work()
        said = text_of(asha.get(f"/appointments/{visit.id}/done"))
    assert "No message about it can be sent." in said
    assert "on its way" not in said
    assert "A reminder follows" not in said


def test_texts_are_allowed_again_under_the_account_and_that_they_were_not_is_kept(app, asha, cast):
    with app.app_context():
        stop()
        change(cast.asha, phone_verified_at=clock.now())
    page = asha.get("/account/")
    assert "You asked us not to text this number." in text_of(page)
    answer = asha.post("/account/texts", data=fields(page, "/account/texts"))
    assert (answer.status_code, answer.location) == (303, "/account/")
    with app.app_context():
        assert db.session.scalar(sa.select(OptOut)) is None
        for kept in db.session.scalars(sa.select(EndedOptOut)).all():
            assert (kept.address, kept.kind, kept.how) == (ASHA, "opted_out", "account")
        assert db.session.scalar(sa.select(sa.func.count(EndedOptOut.id))) == 2  # SMS, WhatsApp
    assert channels_of(confirm_page(asha, cast.dr_chandra)) == ["sms", "whatsapp", "email"]


def test_nobody_allows_texts_to_a_number_they_have_not_proven(app, asha, cast):
    with app.app_context():
        stop()
        change(cast.asha, phone_verified_at=None)
    token = fields(asha.get("/account/"), "/account/profile")
    asha.post("/account/texts", data=token)
    with app.app_context():
        assert db.session.scalar(sa.select(OptOut)) is not None


def test_the_desk_sees_the_stop_before_it_books(app, signed_in, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        stop()
    page = confirm_page(signed_in(cast.esha), cast.dr_chandra, patient=str(cast.asha.patient_id))
    assert f"This person asked us not to text {ASHA_WRITTEN}." in text_of(page)
    assert channels_of(page) == ["email"]
