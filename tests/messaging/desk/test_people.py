"""Who is at the other end of a message, what they come for, and what else can be done."""

import pytest

from clinic.core.data.db import db, transactional
from clinic.patients.people import service
from clinic.patients.people.service import Contact
from tests.cast import TODAY
from tests.factories import known_to, scheduled
from tests.messaging.ledger_helpers import ASHA, queued
from tests.pages import soup, text_of

LIST = "/messages/"
CAME = {"direction": "in", "template": "inbound", "status": "received", "needs_attention": True}
FAMILY = "+447700900555"


@pytest.fixture
def texts(app, cast):
    def write(**values):
        with app.app_context():
            return queued(1, **{"organisation_id": cast.harbour, **values})[0]

    return write


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        found = scheduled(cast.asha, cast.dr_chandra).id
        db.session.remove()
    return found


def registered(app, cast, name, organisation_id=None, **contact):
    with app.app_context():
        place = organisation_id or cast.harbour
        made = transactional(service.register)(place, name, Contact(**contact), cast.esha.actor).id
        db.session.remove()
    return made


def links(page):
    return {one["href"] for one in page.find_all("a", href=True)}


def test_a_text_is_shown_with_its_person_their_next_visit_and_a_number_to_call(
    signed_in, cast, texts, visit
):
    key = texts(body="Can I come at 10 instead?", **CAME)
    client = signed_in(cast.esha)
    (row,) = soup(client.get(LIST)).select("#rows tbody tr")
    story = soup(client.get(f"/messages/{key}")).select_one("#story")
    board = f"/board/?day={TODAY.isoformat()}#appt-{visit}"
    for part in (row, story):
        assert {f"tel:{ASHA}", f"/patients/{cast.asha.patient_id}", board} <= links(part)
        assert "Asha Rao" in part.get_text()
        assert "Visit: Mon 16 Nov, 09:00 to 09:30" in part.get_text()
    assert row.find(id=f"open-{key}").get_text() == "Asha Rao"
    assert "From Asha Rao" in story.get_text()


def test_who_shares_a_number_may_each_have_written(app, signed_in, cast, texts):
    mother, child = (
        registered(app, cast, name, phone=FAMILY) for name in ("Maya Ellison", "Noah Ellison")
    )
    registered(app, cast, "Not Ours", cast.elsewhere, phone=FAMILY)
    key = texts(address=FAMILY, **CAME)
    page = soup(signed_in(cast.esha).get(f"/messages/{key}"))
    assert "From Maya Ellison or Noah Ellison" in page.get_text()
    assert {f"/patients/{mother}", f"/patients/{child}"} <= links(page)
    assert "Not Ours" not in page.get_text()
    assert "No visit to come" in page.get_text()


def test_an_account_is_reached_by_its_own_number_alone(app, signed_in, cast, texts):
    """What the desk noted before does not name somebody who has another telephone now."""
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        db.session.remove()
    registered(app, cast, "Maya Ellison", phone=FAMILY)
    (row,) = soup(signed_in(cast.esha).get(f"{LIST}?x={texts(**CAME)}")).select("#rows tbody tr")
    assert "Maya" not in row.get_text()


def test_a_number_nobody_has_leads_to_who_it_may_be(signed_in, cast, texts):
    key = texts(address="+447700900777", **CAME)
    page = soup(signed_in(cast.esha).get(f"/messages/{key}"))
    assert "Nobody here has this number." in page.get_text()
    assert {"tel:+447700900777", "/patients/?q=%2B447700900777"} <= links(page)


@pytest.mark.parametrize("status", ["failed", "skipped", "uncertain"])
def test_what_did_not_arrive_offers_a_call_the_number_and_the_visit(
    signed_in, cast, texts, visit, status
):
    key = texts(about_id=visit, status=status, address="+447700900888", needs_attention=True)
    page = soup(signed_in(cast.esha).get(f"/messages/{key}"))
    assert page.find(id="call")["href"] == f"tel:{ASHA}"  # of today, not the one that failed
    assert page.find(id="change-number")["href"] == (
        f"/patients/{cast.asha.patient_id}#contact-title"
    )
    assert f"/board/?day={TODAY.isoformat()}#appt-{visit}" in links(page)


@pytest.mark.parametrize("more", [{"status": "delivered"}, {"audience": "doctor"}], ids=str)
def test_what_arrived_or_is_for_a_doctor_offers_no_call(signed_in, cast, texts, visit, more):
    key = texts(**{"about_id": visit, "status": "failed", **more})
    page = soup(signed_in(cast.esha).get(f"/messages/{key}"))
    assert page.find(id="call") is None
    assert page.find(id="change-number") is None


def test_an_empty_list_says_what_it_was_narrowed_to(signed_in, cast):
    client = signed_in(cast.esha)
    assert "Nothing needs a look" in text_of(client.get(f"{LIST}?attention=1"))
    asked = {"attention": "1", "address": "Maya@", "status": "failed", "channel": "sms",
             "since": "2026-11-10"}  # fmt: skip
    words = text_of(client.get(LIST, query_string=asked))
    assert "Nothing needs a look" in words
    assert "Shown is only: Maya@, Failed, SMS, since Tue 10 Nov." in words
    assert "No messages yet" in text_of(client.get(LIST))
