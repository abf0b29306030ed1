"""What cannot go the wanted way goes by the next one, once, or comes before the desk."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.models import User
from clinic.appointments.steps import take as steps
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.messaging import jobs as messaging
from clinic.messaging.channels.call import Outcome
from clinic.messaging.models import Message
from clinic.messaging.queueing import refusals
from clinic.patients.people import service as patients
from clinic.reminders.models import ReminderRule
from tests.cast import Person
from tests.factories import book, scheduled, set_rules
from tests.messaging.ledger_helpers import begin, claimed, settle
from tests.reminders.plan_helpers import ASHA, LATE, messages, plans, work

pytestmark = pytest.mark.usefixtures("in_app")

PHONE, MAILBOX = "+447700900055", "ines@cast.example"
TWILIO = {"twilio_account_sid": "AC1", "twilio_auth_token": "secret"}


@pytest.fixture
def set_up(in_app, monkeypatch):
    def change(**values):
        changed = in_app.config["SETTINGS"].model_copy(update=values)
        monkeypatch.setitem(in_app.config, "SETTINGS", changed)

    return change


@transactional
def known_at_desk(cast, **contact):
    known = patients.Contact(**contact)
    patient = patients.register(cast.harbour, "Ines", known, cast.esha.actor)
    return Person("Ines", "patient", None, "", patient_id=patient.id)


@transactional
def stop(address, kind="opted_out"):
    refusals.remember_refusal(address, kind, "stop_word")


def skipped_events():
    query = sa.select(sa.func.count()).where(EventRow.name == "message.skipped")
    return db.session.scalar(query)


def test_whatsapp_without_a_number_of_ours_goes_as_a_text(cast, set_up):
    set_up(**TWILIO, twilio_from="+447700900999", environment="production")
    ines = known_at_desk(cast, phone=PHONE, channel="whatsapp")
    visit = book(ines, cast.dr_chandra, LATE, by=cast.esha, channel=None)
    assert visit.channel == "whatsapp"
    work()
    (row,) = db.session.scalars(sa.select(Message).where(Message.about_id == visit.id))
    assert (row.channel, row.address, row.status) == ("sms", PHONE, "queued")


def test_the_patients_own_channel_is_that_of_the_visit(cast):
    ines = known_at_desk(cast, phone=PHONE, email=MAILBOX, channel="email")
    visit = book(ines, cast.dr_chandra, LATE, by=cast.esha, channel=None)
    assert visit.channel == "email"
    other = book(ines, cast.dr_chandra, LATE - timedelta(hours=1), by=cast.esha, channel="sms")
    assert other.channel == "sms"


def test_where_nothing_is_left_the_desk_is_asked_once(cast):
    ines = known_at_desk(cast, phone=PHONE)
    stop(PHONE)
    visit = book(ines, cast.dr_chandra, LATE, by=cast.esha)
    key = visit.id
    work()
    messaging.deliver_due()
    for _ in range(2):
        work()
    row = db.session.scalars(sa.select(Message).where(Message.about_id == key)).one()
    assert (row.status, row.error_code, row.needs_attention) == ("skipped", "opted_out", True)
    assert skipped_events() == 1


def test_who_has_no_address_at_all_comes_before_the_desk(cast):
    visit = book(known_at_desk(cast), cast.dr_chandra, LATE, by=cast.esha)
    for _ in range(2):
        work()
    row = db.session.scalars(sa.select(Message).where(Message.about_id == visit.id)).one()
    assert (row.status, row.error_code, row.needs_attention) == ("skipped", "no_address", True)


def test_a_letter_that_no_server_takes_becomes_a_text(cast):
    ines = known_at_desk(cast, phone=PHONE, email=MAILBOX, channel="email")
    visit = book(ines, cast.dr_chandra, LATE, by=cast.esha, channel=None)
    work()
    claim = next(one for one in claimed() if one.channel == "email" and one.address == MAILBOX)
    assert begin(claim)
    settle(claim, Outcome("failed", error_code="not_ascii"))
    for _ in range(2):
        work()
    assert messages(visit, to=PHONE) == [("visit_booked", "queued")]


def test_the_next_way_is_the_next_of_the_organisation(cast):
    set_rules(cast.harbour, channel_order="whatsapp,email,sms")
    ines = known_at_desk(cast, phone=PHONE, email=MAILBOX, channel="email")
    visit = book(ines, cast.dr_chandra, LATE, by=cast.esha, channel=None)
    work()
    claim = next(one for one in claimed() if one.channel == "email" and one.address == MAILBOX)
    assert begin(claim)
    settle(claim, Outcome("failed", error_code="not_ascii"))
    for _ in range(2):
        work()
    assert plans(visit)["booked", "whatsapp"] == "queued"
    assert ("booked", "sms") not in plans(visit)


def test_a_doctor_without_a_phone_reads_it_by_letter(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    no_phone = sa.update(User).where(User.id == cast.dr_chandra.user_id).values(phone=None)
    transactional(db.session.execute)(no_phone)
    steps.take(visit.id, "cancel", Actor("patient", patient_id=cast.asha.patient_id))
    work()
    assert messages(visit, to=cast.dr_chandra.email) == [("doctor_cancelled", "queued")]


def test_the_same_is_not_said_twice_by_the_way_that_is_left(cast, monday_morning):
    for channel in ("sms", "email"):
        rule = ReminderRule(
            organisation_id=cast.harbour, minutes_before=60, channel=channel, is_active=True
        )
        transactional(db.session.add)(rule)
    stop(ASHA)
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    monday_morning.move_to(LATE - timedelta(hours=1))
    work()
    assert plans(visit)["before_60m", "sms"] == "skipped"
    letters = [name for name, _ in messages(visit, to=cast.asha.email)]
    assert letters.count("visit_reminder") == 2  # three hours before, and one


def test_a_dead_number_is_tried_again_after_a_month(cast, monday_morning):
    stop(ASHA, "unreachable")
    monday_morning.shift(timedelta(days=29))
    assert messaging.tidy() == 0
    monday_morning.shift(timedelta(days=1))
    assert messaging.tidy() == 1
