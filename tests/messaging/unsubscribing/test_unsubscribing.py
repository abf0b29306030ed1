"""One tap in a mail program, or a button on a page, and no more letters of that kind come."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.messaging import jobs
from clinic.messaging.consents.models import EndedOptOut, OptOut
from clinic.messaging.words import unsubscribing
from tests.messaging.ledger_helpers import message, queued
from tests.pages import soup, text_of

pytestmark = pytest.mark.usefixtures("in_app")

HER = "asha@cast.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def letters(cast):
    def write(count=1, **values):
        return queued(count, **{"channel": "email", "address": HER, "template": "own_reminder",
                                "subject": "Tablets", "organisation_id": cast.harbour, **values},
                      )  # fmt: skip

    return write


def stops():
    db.session.rollback()
    rows = db.session.execute(sa.select(OptOut.address, OptOut.kind, OptOut.reason))
    return [tuple(row) for row in rows]


def test_a_letter_about_no_visit_carries_the_way_out(letters, post_office):
    (key,) = letters()
    letters(template="visit_reminder", subject="Your visit")
    letters(template="password_changed", subject="Your password")
    jobs.deliver_due()
    found = {one.message["Subject"]: one for one in post_office.to(HER)}
    assert [name for name, one in found.items() if one.message["List-Unsubscribe"]] == ["Tablets"]
    one = found["Tablets"]
    assert one.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = one.message["List-Unsubscribe"].strip("<>")
    assert link.endswith(f"/unsubscribe/{unsubscribing.token_of(key)}")
    assert f"No more emails like this: {link}" in one.text()
    assert BeautifulSoup(one.text("html"), "html.parser").find("a", href=link)
    assert HER not in link
    assert "unsubscribe" not in message(key).body


def test_a_mail_program_needs_no_cookie_and_no_second_question(letters, client):
    (key,) = letters()
    (other,) = letters(address="bela@cast.example")
    (visit,) = letters(template="visit_reminder")
    path = f"/unsubscribe/{unsubscribing.token_of(key)}"
    for _ in range(2):
        answer = client.post(path, data=ONE_CLICK, headers={"Origin": "https://mail.example"})
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])
    assert stops() == [(HER, "opted_out", "unsubscribed")]
    assert [message(one).status for one in (key, other, visit)] == ["skipped", "queued", "queued"]
    assert message(key).error_code == "opted_out"
    told = sa.select(sa.func.count()).where(EventRow.name == "address.opted_out")
    assert db.session.scalar(told) == 1


def test_what_comes_after_it_is_skipped_and_visits_are_written_about(letters, client, post_office):
    (key,) = letters()
    client.post(f"/unsubscribe/{unsubscribing.token_of(key)}", data=ONE_CLICK)
    (later,), (visit,) = letters(), letters(template="visit_reminder")
    jobs.deliver_due()
    assert (message(later).status, message(later).error_code) == ("skipped", "opted_out")
    assert message(visit).status == "sent"
    assert len(post_office.to(HER)) == 1


def test_people_are_asked_and_can_have_them_again(letters, client, cast):
    (key,) = letters()
    path = f"/unsubscribe/{unsubscribing.token_of(key)}"
    page = client.get(path)
    assert "Stop these emails?" in text_of(page)
    assert "Harbour Clinic" in text_of(page)
    assert "Emails about your appointments and your account still come." in text_of(page)
    assert soup(page).find("meta", attrs={"name": "robots"})["content"] == "noindex"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert stops() == []
    form = soup(page).select_one("main form")
    assert client.post(form["action"]).location == path
    page = client.get(path)
    assert "You get no more of these emails" in text_of(page)
    assert client.post(soup(page).select_one("main form")["action"]).status_code == 303
    assert stops() == []
    assert db.session.scalars(sa.select(EndedOptOut.how)).all() == ["link"]
    assert "Stop these emails?" in text_of(client.get(path))


def test_only_what_we_have_made_opens(letters, client):
    (key,) = letters()
    (visit,) = letters(template="visit_reminder")
    token = unsubscribing.token_of(key)
    wrong = [
        unsubscribing.token_of(visit), unsubscribing.token_of(uuid4()), token[:-1], token + "A",
        ("B" if token[0] == "A" else "A") + token[1:], "x", "\u00e9" * 43, "=" * 43,
    ]  # fmt: skip
    for one in wrong:
        assert client.get(f"/unsubscribe/{one}").status_code == 404, one
        assert client.post(f"/unsubscribe/{one}", data=ONE_CLICK).status_code == 404, one
        assert client.post(f"/unsubscribe/{one}/again").status_code == 404, one
    assert stops() == []


def test_it_is_said_to_one_clinic(letters, client, cast):
    (ours,), (theirs,) = letters(), letters(organisation_id=cast.elsewhere)
    path, other = (f"/unsubscribe/{unsubscribing.token_of(one)}" for one in (ours, theirs))
    client.post(path, data=ONE_CLICK)
    assert (message(ours).status, message(theirs).status) == ("skipped", "queued")
    assert "Stop these emails?" in text_of(client.get(other))
    client.post(other, data=ONE_CLICK)
    client.post(f"{path}/again")
    assert "You get no more of these emails" in text_of(client.get(other))
    assert "Stop these emails?" in text_of(client.get(path))
