"""What people type never becomes a link or a code, wherever it stands in a message."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from clinic.accounts.addresses import contact
from clinic.accounts.own import profile
from clinic.accounts.recovery import service as recovery
from clinic.accounts.sessions import browsers
from clinic.appointments.outside import links, words
from clinic.appointments.outside.replies import Act
from clinic.appointments.reading import visit as visits
from clinic.core.data.db import db
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from tests.cast import PASSWORD, Cast
from tests.factories import book

pytestmark = pytest.mark.usefixtures("in_app")


def sent() -> list[str]:
    bodies = db.session.execute(sa.select(Message.subject, Message.body)).all()
    return [rendering.with_secrets(f"{one.subject}\n{one.body}") for one in bodies]


def test_a_name_mints_no_link(cast: Cast):
    visit = book(cast.asha, cast.dr_chandra, "11:30")
    name = f"{{link:visit:{visit.id}}}"
    profile.update_own(cast.esha.user_id, {"full_name": name}, cast.esha.actor)
    own = browsers.load(browsers.open_session(cast.esha.user_id, None)).session_id
    recovery.change_password(
        cast.esha.user_id, own, PASSWORD, "four quiet harbours", "", cast.esha.actor
    )
    letters = sent()
    assert letters
    assert not any(links.token_of(visit.id) in letter for letter in letters)


def test_two_names_do_not_make_one_between_them():
    values = {
        "organisation": "{link:visit:",
        "doctor": "7b8f3a52-0d8f-4a53-9a57-0f1f64b5c7aa}",
        "day": "{code:email:",
        "time": "}",
    }
    for template in ("visit_booked", "visit_cancelled", "code"):
        said = rendering.render(template, "sms", values)
        assert rendering.with_secrets(said.text) == said.text


def test_what_our_own_code_makes_is_filled_in(cast: Cast):
    contact.send_code(cast.asha.user_id, "phone", "+447400999111", "")
    (letter,) = sent()
    assert "code is " in letter
    assert letter.split("code is ")[1][:6].isdecimal()


def test_an_answer_by_text_carries_no_link_of_a_clinics_name(cast: Cast):
    visit = book(cast.asha, cast.dr_chandra, "11:30")
    name = f"{{link:visit:{visit.id}}}"
    renamed = replace(visits.visit(visit.id, cast.asha.actor), organisation=name)
    answer = words.done(renamed, Act.CONFIRM)
    assert links.token_of(visit.id) not in rendering.with_secrets(answer)
    assert "is confirmed" in answer
