"""The desk corrects a number: the new one hears what the old one was told, whose links end."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.addresses import contact
from clinic.accounts.facts import UserContactChanged
from clinic.accounts.models import User
from clinic.appointments.booking.move import reschedule
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound
from clinic.messaging import jobs as messaging
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.records import service as records
from clinic.reminders.telling import corrected
from tests.cast import TODAY, at
from tests.conftest import Stage
from tests.factories import scheduled, set_rules, take
from tests.reminders.plan_helpers import work

OLD, NEW, NEWER = "+447700900000", "+447700900077", "+447700900078"
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


def booked(cast, has_login=False):
    """Its id. Without a login the desk keeps her number."""
    key = scheduled(cast.asha, cast.dr_chandra, at("11:00", TOMORROW)).id
    if not has_login:
        _is_kept_by_the_desk(cast.asha)
    work()
    return key


@transactional
def _is_kept_by_the_desk(person):
    mine = person.patient_id
    db.session.execute(sa.update(Patient).where(Patient.id == mine).values(user_id=None))
    link = sa.update(PatientOrganisation).where(PatientOrganisation.patient_id == mine)
    db.session.execute(link.values(phone=OLD, email=None, channel="sms"))


@pytest.fixture
def visit(cast):
    key = booked(cast)
    messaging.deliver_due()
    return key


def stands(key):
    db.session.rollback()
    return db.session.get_one(Appointment, key, populate_existing=True)


def correct(cast, number=NEW):
    records.update(cast.harbour, cast.asha.patient_id, {"phone": number}, cast.esha.actor)


def told(number, template=None):
    """Bodies as that telephone shows them, but for those taken back."""
    db.session.rollback()
    rows = sa.select(Message).where(Message.address == number, Message.status != "cancelled")
    rows = rows.where(Message.template == template) if template else rows
    found = db.session.scalars(rows.order_by(Message.created_at))
    return [rendering.with_secrets(row.body) for row in found]


def opens(text):
    token = text.partition("/visit/")[2].split()[0]
    try:
        return links.holder(token)[0]
    except NotFound:
        return None


def test_the_new_number_hears_of_the_visit_once(cast, visit):
    correct(cast)
    work()
    (said,) = told(NEW)
    assert said.startswith("Harbour Clinic: booked Tue 17 Nov, 11:00")
    correct(cast)  # nothing is different
    work()
    assert len(told(NEW)) == 1


def test_the_old_link_is_dead_and_the_new_one_opens(cast, visit):
    (before,) = told(OLD)
    assert opens(before) == visit
    correct(cast)
    assert opens(before) is None
    assert opens(told(NEW)[0]) == visit


def test_by_every_door_the_old_link_is_dead(cast, visit, both):
    token = told(OLD)[0].partition("/visit/")[2].split()[0]
    correct(cast)
    client = both.app.test_client()
    assert {client.get(f"/visit/{token}{rest}").status_code
            for rest in ("", "/cancel", "/reschedule", "/calendar.ics")} == {404}  # fmt: skip
    for act in ("confirm", "cancel", "reschedule"):
        assert client.post(f"/visit/{token}/{act}").status_code == 404
    assert stands(visit).status == "scheduled"


def test_what_waits_for_the_old_number_never_goes_there(cast):
    key = booked(cast)
    correct(cast)
    assert (told(OLD), len(told(NEW))) == ([], 1)
    assert opens(told(NEW)[0]) == key


def test_corrected_again_and_back_each_number_hears_it(cast, visit):
    for number in (NEW, NEWER, OLD):
        correct(cast, number)
        messaging.deliver_due()
    assert [len(told(number)) for number in (NEW, NEWER, OLD)] == [1, 1, 2]
    assert [opens(text) for text in (*told(NEW), *told(NEWER), *told(OLD))] == [
        None, None, None, visit
    ]  # fmt: skip


def test_a_visit_that_moved_is_told_as_it_stands_and_no_link_of_before_opens_it(cast, visit):
    new = reschedule(visit, at("10:00", TOMORROW), cast.esha.actor).id
    work()
    messaging.deliver_due()
    texts = told(OLD)
    correct(cast)
    assert [opens(text) for text in texts] == [None, None]
    (said,) = told(NEW)
    assert "10:00" in said
    assert opens(said) == new
    later = reschedule(new, at("10:30", TOMORROW), cast.esha.actor).id
    assert [opens(text) for text in texts] == [None, None]
    assert opens(said) == later


def test_a_cancellation_that_the_old_number_heard_is_told(cast, visit):
    take(stands(visit), "cancel", by=cast.esha)
    work()
    messaging.deliver_due()
    correct(cast)
    assert "cancelled" in told(NEW)[0]
    assert [row for row in told(NEW) if "booked" in row] == []


def test_what_is_over_is_not_told(cast, visit, monday_morning):
    monday_morning.move_to(at("12:00", TOMORROW))
    correct(cast)
    assert told(NEW) == []


def test_a_request_is_told_as_one(cast):
    set_rules(cast.harbour, approval_required=True)
    db.session.rollback()
    booked(cast)
    messaging.deliver_due()
    correct(cast)
    assert len(told(NEW)) == 1


def test_without_a_number_the_link_dies_all_the_same(cast, visit):
    (before,) = told(OLD)
    correct(cast, None)
    assert opens(before) is None


def test_a_first_number_and_another_fact_change_no_link(cast, visit):
    (before,) = told(OLD)
    mine = cast.asha.patient_id
    records.update(cast.harbour, mine, {"full_name": "Asha Roy"}, cast.esha.actor)
    assert opens(before) == visit


def test_of_a_login_the_own_number_counts(cast):
    key = booked(cast, has_login=True)
    messaging.deliver_due()
    (before,) = told(OLD)
    correct(cast)
    assert (opens(before), told(NEW)) == (key, [])


# --- they changed it themselves


@transactional
def changes(person, number):
    user = db.session.get_one(User, person.user_id, with_for_update=True)
    contact.change(user, {"phone": number}, clock.now(), person.actor)


def test_who_changes_their_own_number_reads_there_what_still_matters(cast):
    key = booked(cast, has_login=True)
    messaging.deliver_due()
    (before,) = told(OLD)
    changes(cast.asha, NEW)
    work()
    work()
    (said,) = told(NEW)
    assert said.startswith("Harbour Clinic: booked Tue 17 Nov, 11:00")
    assert (opens(before), opens(said)) == (None, key)
    fact = UserContactChanged(organisation_id=None, user_id=cast.asha.user_id, kind="phone")
    transactional(corrected.on_contact_changed)([fact, fact])  # told again: nothing is different
    assert (len(told(NEW)), opens(said)) == (1, key)


def test_back_to_the_number_of_before_it_is_told_there(cast):
    key = booked(cast, has_login=True)
    messaging.deliver_due()
    for number in (NEW, OLD):
        changes(cast.asha, number)
        work()
        messaging.deliver_due()
    links_of = [opens(one) for one in (*told(NEW), *told(OLD)) if "/visit/" in one]
    assert links_of == [None, None, key]


def test_another_mailbox_changes_no_link(cast):
    key = booked(cast, has_login=True)
    messaging.deliver_due()
    (before,) = told(OLD)
    fact = UserContactChanged(organisation_id=None, user_id=cast.asha.user_id, kind="email")
    transactional(corrected.on_contact_changed)([fact])
    assert opens(before) == key


def test_it_is_no_step_of_the_visit(cast, visit):
    version = stands(visit).version
    correct(cast)
    assert (stands(visit).version, stands(visit).link_number) == (version, 1)
