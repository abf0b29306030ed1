"""What is sent again is still true, and goes where its reader is now."""

from uuid import UUID

import pytest

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from tests.factories import fresh, known_to, scheduled, take
from tests.messaging.ledger_helpers import ASHA, message, queued
from tests.pages import soup, text_of

pytestmark = pytest.mark.usefixtures("in_app")
NEW_NUMBER = "+447700900056"


@pytest.fixture
def visit(cast):
    known_to(cast.harbour, cast.asha)
    return scheduled(cast.asha, cast.dr_chandra)


def failed(cast, visit, template="visit_booked"):
    return queued(
        organisation_id=cast.harbour, about_id=visit.id, template=template, status="failed",
        body="old words", needs_attention=True,
    )[0]  # fmt: skip


@transactional
def change_number(person):
    db.session.get_one(User, person.user_id).phone = NEW_NUMBER


def new_of(answer):
    return message(UUID(answer.location.rpartition("/")[2]))


def test_it_goes_to_the_number_of_today(signed_in, cast, visit):
    key = failed(cast, visit)
    change_number(cast.asha)
    answer = signed_in(cast.esha).post(f"/messages/{key}/resend")
    assert answer.status_code == 303
    new = new_of(answer)
    assert (new.address, new.status, new.direction) == (NEW_NUMBER, "queued", "out")
    assert new.body != "old words"
    assert message(key).needs_attention is False


def test_what_was_cancelled_is_not_said_to_be_booked(signed_in, cast, visit):
    key = failed(cast, visit)
    take(visit, "cancel", by=cast.asha)
    answer = signed_in(cast.esha).post(f"/messages/{key}/resend")
    assert answer.status_code == 409
    assert "was cancelled meanwhile" in text_of(answer)
    assert message(key).needs_attention is True
    assert fresh(visit).status == "cancelled"


def test_what_has_begun_is_not_announced(signed_in, cast, visit, monday_morning):
    key = failed(cast, visit, "visit_reminder")
    monday_morning.move_to(visit.starts_at)
    answer = signed_in(cast.esha).post(f"/messages/{key}/resend")
    assert (answer.status_code, "has begun" in text_of(answer)) == (409, True)


def test_an_email_says_the_same_instead(signed_in, cast, visit):
    key = failed(cast, visit)
    client = signed_in(cast.esha)
    assert soup(client.get(f"/messages/{key}")).find(id="email-instead")
    new = new_of(client.post(f"/messages/{key}/resend", data={"channel": "email"}))
    assert (new.channel, new.address, new.status) == ("email", cast.asha.email, "queued")
    assert new.subject
    assert ASHA not in new.body
