"""A visit as a calendar file: one entry for ever, moved and taken out again by what comes later."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from clinic.appointments.booking.move import reschedule
from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.doctors.models import Doctor
from clinic.messaging.models import Message
from tests.cast import TODAY, at
from tests.factories import book, take
from tests.reminders.plan_helpers import LATE, work

TOMORROW = TODAY + timedelta(days=1)
NAME = "Dr Łucja Wäber"


@pytest.fixture
def by_letter(app, cast):
    """A visit at a doctor with letters beyond ASCII, told by e-mail."""

    @transactional
    def booked():
        db.session.execute(sa.update(Doctor).values(name=NAME))
        visit = book(cast.asha, cast.dr_chandra, LATE)
        visit.channel = "email"
        return visit.id

    with app.app_context():
        visit_id = booked()
        work()
    return visit_id


def attached(cast):
    """Of each letter in the order they were queued: the template, and the file's bytes."""
    rows = db.session.execute(
        sa.select(Message.template, Message.calendar)
        .where(Message.address == cast.asha.email)
        .order_by(Message.created_at, Message.id)
    )
    return [(row.template, row.calendar.encode() if row.calendar else None) for row in rows]


def event(file):
    (entry,) = Calendar.from_ical(file).walk("VEVENT")
    return entry


def test_what_is_attached_is_what_is_downloaded(app, client, signed_in, cast, by_letter):
    with app.app_context():
        link = f"/visit/{links.token_of(by_letter)}"
        ((_, file),) = attached(cast)
    with clock.travelled(clock.now() + timedelta(minutes=5)):
        by_link = client.get(f"{link}/calendar.ics")
        at_home = signed_in(cast.asha).get(f"/appointments/{by_letter}/calendar.ics")
    assert by_link.data == at_home.data == file
    assert NAME in file.decode().replace("\r\n ", "")
    for answer in (by_link, at_home):
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"


def test_each_move_and_the_cancellation_win_over_what_came_before(app, cast, by_letter):
    with app.app_context():
        middle = reschedule(by_letter, at("10:00", TOMORROW), cast.asha.actor)
        work()
        new = reschedule(middle.id, at("10:30", TOMORROW), cast.asha.actor)
        work()
        take(new, "cancel", by=cast.asha)
        work()
        files = attached(cast)
    assert [template for template, _ in files] == [
        "visit_booked", "visit_rescheduled", "visit_rescheduled", "visit_cancelled",
    ]  # fmt: skip
    entries = [event(file) for _, file in files]
    assert {str(entry["uid"]) for entry in entries} == {f"{by_letter}@clinic"}
    assert [entry["sequence"] for entry in entries] == [0, 1, 2, 3]
    assert [str(entry["status"]) for entry in entries] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    assert [len(entry.walk("VALARM")) for entry in entries] == [1, 1, 1, 0]
    methods = [str(Calendar.from_ical(file)["method"]) for _, file in files]
    assert methods == ["PUBLISH"] * 3 + ["CANCEL"]


def test_a_cancelled_visit_is_downloaded_as_its_cancellation(app, signed_in, cast, by_letter):
    with app.app_context():
        visit = db.session.get_one(Appointment, by_letter)
        take(visit, "cancel", by=cast.esha)
        work()
        (*_, (_, file)) = attached(cast)
    answer = signed_in(cast.asha).get(f"/appointments/{by_letter}/calendar.ics")
    assert answer.data == file
    assert answer.headers["Content-Type"].endswith("method=CANCEL")
