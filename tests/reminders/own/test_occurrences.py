"""A due reminder becomes a message a recipient, and moves on; on both databases."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.bulk import insert_all
from clinic.core.data.db import db, transactional
from clinic.messaging import jobs as messaging
from clinic.messaging.consents.models import OptOut
from clinic.messaging.models import Message
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.records import service as records
from clinic.reminders import queries
from clinic.reminders.keeping import make
from clinic.reminders.own import occurrence
from tests.cast import NOW
from tests.factories import known_to
from tests.reminders.own_helpers import IN_AN_HOUR, made, own, row, sent, tick

DAY = timedelta(days=1)


@pytest.fixture
def cast(both):
    with both.app.app_context():
        known_to(both.cast.harbour, both.cast.asha)
        yield both.cast


def test_once(cast):
    key = made(cast.esha, patient_id=cast.asha.patient_id)
    assert tick(IN_AN_HOUR - timedelta(seconds=1)) == 0
    assert tick(IN_AN_HOUR) == 1
    (message,) = sent(key)
    assert message.body == "Harbour Clinic: Tablets. Please take one with water."
    assert message.dedupe_key == f"reminder:{key}:20261116T073000Z:{cast.asha.patient_id}"
    assert (message.channel, message.address, message.is_known) == ("sms", "+447700900000", True)
    assert row(key).status == "sent"
    assert queries.status_of(key) == "queued"  # no more than the ledger holds
    with clock.travelled(IN_AN_HOUR):
        messaging.deliver_due()
    assert queries.status_of(key) == "sent"
    assert tick(IN_AN_HOUR + DAY) == 0


def test_again_and_again_until_it_is_over(cast):
    key = made(cast.esha, patient_id=cast.asha.patient_id, recurrence="FREQ=DAILY;COUNT=3")
    for day in range(3):
        assert row(key).status == "planned"
        assert tick(IN_AN_HOUR + day * DAY) == 1
        assert tick(IN_AN_HOUR + day * DAY) == 0
    assert [message.due_at for message in sent(key)] == [IN_AN_HOUR + n * DAY for n in range(3)]
    assert row(key).status == "sent"


def test_after_an_outage_only_the_last_one_is_told(cast):
    key = made(cast.esha, patient_id=cast.asha.patient_id, recurrence="FREQ=DAILY")
    tick(IN_AN_HOUR + 3 * DAY + timedelta(hours=2))
    (message,) = sent(key)
    assert (message.due_at, message.status) == (IN_AN_HOUR + 3 * DAY, "queued")
    assert row(key).due_at == IN_AN_HOUR + 4 * DAY


def test_far_behind_it_catches_up_in_steps(cast):
    key = made(cast.esha, patient_id=cast.asha.patient_id, recurrence="FREQ=MINUTELY;INTERVAL=15")
    later = IN_AN_HOUR + 20 * DAY
    assert tick(later) > 1
    (message,) = sent(key)
    assert message.due_at == later
    assert row(key).due_at == later + timedelta(minutes=15)


def test_too_late_for_what_came_once_is_skipped_and_said(cast):
    key = made(cast.esha, patient_id=cast.asha.patient_id)
    tick(IN_AN_HOUR + 2 * DAY)
    (message,) = sent(key)
    assert (message.status, message.error_code) == ("skipped", "stale")
    assert queries.status_of(key) == "skipped"


@pytest.mark.parametrize("how", [{"is_active": False}, {"died_on": NOW.date()}])
def test_who_died_or_left_gets_nothing(cast, how):
    key = made(cast.esha, patient_id=cast.asha.patient_id)
    transactional(db.session.execute)(sa.update(PatientOrganisation).values(**how))
    tick(IN_AN_HOUR)
    assert sent(key) == []
    assert row(key).status == "skipped"


@pytest.mark.parametrize("kind", make.TYPES)
@pytest.mark.parametrize("how", [{"is_active": False}, {"died_on": NOW.date()}])
def test_reminders_of_every_type_end_with_the_change_and_come_back_with_a_mistake(cast, how, kind):
    """The next ones are kept: the day somebody is back they are told of what is to come."""
    key = made(
        cast.esha, patient_id=cast.asha.patient_id, type=kind, recurrence="FREQ=DAILY", method="sms"
    )
    tick(IN_AN_HOUR)
    who, by = cast.asha.patient_id, cast.esha.actor
    records.update(cast.harbour, who, how, by)
    assert [one.status for one in sent(key)] == ["cancelled"]  # it waited
    tick(IN_AN_HOUR + DAY)
    assert len(sent(key)) == 1
    records.update(
        cast.harbour, who, {name: None if name == "died_on" else True for name in how}, by
    )
    tick(IN_AN_HOUR + 2 * DAY)
    assert [one.status for one in sent(key)] == ["cancelled", "queued"]


def test_who_wants_no_texts_gets_a_letter(cast):
    refuses("+447700900000")
    key = made(cast.esha, patient_id=cast.asha.patient_id, method="sms")
    tick(IN_AN_HOUR)
    (message,) = sent(key)
    assert (message.channel, message.address) == ("email", "asha@cast.example")
    assert message.subject == "Harbour Clinic: Tablets"


@transactional
def refuses(number):
    db.session.add(OptOut(address=number, kind="opted_out", since=NOW, reason="STOP"))


def test_each_by_their_own_channel_where_the_reminder_does_not_say(cast):
    transactional(db.session.execute)(sa.update(PatientOrganisation).values(channel="whatsapp"))
    key = made(cast.esha, patient_id=cast.asha.patient_id)
    tick(IN_AN_HOUR)
    assert [message.channel for message in sent(key)] == ["whatsapp"]


def test_to_a_written_number_and_to_oneself(cast):
    written = made(cast.esha, details={"to": "07400 123456"}, method="sms")
    mine = made(cast.esha, method="email")
    tick(IN_AN_HOUR)
    assert [one.address for one in sent(written)] == ["+447400123456"]
    assert [one.address for one in sent(mine)] == ["esha@cast.example"]
    with clock.travelled(IN_AN_HOUR):
        messaging.deliver_due()
    assert {queries.status_of(key) for key in (written, mine)} == {"sent"}


def test_one_bad_address_of_five_hundred_stops_nobody(cast):
    crowd(cast, 500)
    key = made(cast.esha, choice={"everyone": True}, method="email")
    tick(IN_AN_HOUR)
    found = sent(key)
    assert len(found) == 501  # with Asha
    bad = [one for one in found if one.status == "skipped"]
    assert [(one.error_code, one.address) for one in bad] == [("no_address", "nowhere")]
    assert sum(one.status == "queued" for one in found) == 500
    assert own(key).told_up_to is None
    assert row(key).status == "sent"


@transactional
def crowd(cast, many):
    """Registered by the desk; one of them badly."""
    ids = [UUID(int=number + 1) for number in range(many)]
    names = {"full_name": "Crowd", "sort_name": "crowd", "created_at": NOW}
    there = {"organisation_id": cast.harbour, "language": "en", "channel": "email",
             "is_active": True, "created_at": NOW}  # fmt: skip
    insert_all(Patient, [names | {"id": one} for one in ids])
    insert_all(
        PatientOrganisation,
        [
            there
            | {
                "patient_id": one,
                "record_number": f"R{number}",
                "email": "nowhere" if number == 77 else f"crowd{number}@example.org",
            }
            for number, one in enumerate(ids)
        ],
    )


def test_a_thousand_are_told_in_steps_and_each_once(cast, monkeypatch):
    monkeypatch.setattr(occurrence, "AT_ONCE", 40)
    crowd(cast, 100)
    key = made(cast.esha, choice={"everyone": True}, recurrence="FREQ=DAILY")
    assert tick(IN_AN_HOUR) == 3
    addresses = [one.address for one in sent(key)]
    assert len(addresses) == len(set(addresses)) == 101
    assert row(key).due_at == IN_AN_HOUR + DAY
    total = sa.select(sa.func.count()).select_from(Message)
    assert db.session.scalar(total) == 101
