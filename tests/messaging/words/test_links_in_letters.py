"""A letter holds the links that our own code makes, and none that somebody typed."""

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from clinic.accounts.addresses import contact
from clinic.accounts.models import OneTimeKey, User
from clinic.accounts.people import newcomers
from clinic.accounts.people.newcomers import NewUser
from clinic.accounts.recovery import service as recovery
from clinic.appointments.outside import links
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.fields.addresses import holds_address
from clinic.messaging import jobs
from clinic.messaging.words import rendering
from tests.factories import book
from tests.messaging.words.test_rendering import VALUES

pytestmark = pytest.mark.usefixtures("in_app")
EVIL = ["https://evil.example/x", "www.evil.com", "evil.com", "a@evil.com"]
LOCKED = "your account is locked. Confirm: https://clinic-verify.example/login. Details below"


def links_of(html: str) -> list[str]:
    return [link["href"] for link in BeautifulSoup(html, "html.parser").select("a")]


@transactional
def _call(person, name: str) -> None:
    """As the last release took it."""
    called = sa.update(User).where(User.id == person.user_id).values(full_name=name)
    db.session.execute(called.values(email_verified_at=None))


@transactional
def _change(person) -> None:
    user = db.session.get_one(User, person.user_id, with_for_update=True)
    contact.change(user, {"email": "new@cast.example"}, clock.now(), person.actor)


def test_letters_about_an_account_greet_nobody_by_a_name(cast, post_office):
    _call(cast.asha, LOCKED)
    recovery.forget(cast.asha.email, "10.0.0.1")
    recovery.send_reset(db.session.scalars(sa.select(OneTimeKey.id)).one())
    jobs.deliver_due()
    _change(cast.asha)
    newcomers.create_managed(NewUser("staff", "Noor Aziz", "noor@cast.example"), cast.amir.actor)
    jobs.deliver_due()
    reset, changed = post_office.to(cast.asha.email)
    (invitation,) = post_office.to("noor@cast.example")
    for letter in (reset, changed, invitation):
        assert letter.text().startswith("Hello,\n")
        for said in (letter.text(), letter.text("html"), letter.message["Subject"]):
            assert "clinic-verify" not in said
            assert "Noor" not in said
    (link,) = links_of(reset.text("html"))
    assert "/reset/" in link
    assert link in reset.text()
    assert links_of(changed.text("html")) == []
    assert len(links_of(invitation.text("html"))) == 1


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("who", ["doctor", "organisation", "place"])
def test_what_was_typed_is_no_link_whatever_stands_there(cast, who, name):
    visit = book(cast.asha, cast.dr_chandra)
    ours = rendering.placeholder("link:visit", visit.id)
    words = rendering.render("visit_booked", "email", VALUES | {"link": ours, who: name})
    html = rendering.html_of(words.text)
    assert links_of(html) == [links.link_of(str(visit.id))]
    said = words.text.replace(ours, "")
    assert not holds_address(said), said
    text = rendering.render("visit_booked", "sms", VALUES | {"link": ours, who: name}).text
    assert not holds_address(text.replace(ours, ""))


def test_of_a_letter_of_before_only_our_placeholders_become_links(cast):
    visit = book(cast.asha, cast.dr_chandra)
    body = f"Hello {LOCKED},\n\nSee: {{link:visit:{visit.id}}}\n\n{{link:unknown:7}}\n"
    assert links_of(rendering.html_of(body)) == [links.link_of(str(visit.id))]


def test_the_operators_own_name_may_be_an_address(set_up):
    set_up(site_name="clinic.example")
    said = rendering.render("code", "email", {"organisation": "clinic.example", "code": "1"})
    assert "clinic. example" not in said.text
    text = rendering.render("code", "sms", {"organisation": "clinic.example", "code": "1"})
    assert text.text.startswith("clinic.example: ")
