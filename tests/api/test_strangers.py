"""A stranger tries every door to make one telephone ring, and one mailbox."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.models import Appointment
from clinic.appointments.outside import links
from clinic.core.data.db import db
from clinic.messaging import jobs as messaging
from clinic.messaging.models import Message
from clinic.reminders.models import Reminder
from tests.cast import PASSWORD, TODAY, at
from tests.crowd import SIZE
from tests.factories import book, unproven
from tests.messaging.ledger_helpers import queued
from tests.reminders.plan_helpers import ASHA, work

TOMORROW = TODAY + timedelta(days=1)
TIMES = [at(f"{hour}:{minute}", TOMORROW) for hour in ("09", "10", "11") for minute in ("00", "30")]
MOST = 8  # an hour
ROUNDS = 6 * SIZE  # of three moves each, and a code or two


def times():
    while True:
        yield from TIMES


@pytest.fixture
def standing(app, cast):
    """The id and the link of the one visit that Asha has now."""

    def look():
        with app.app_context():
            ours = (
                Appointment.patient_id == cast.asha.patient_id,
                Appointment.status != "cancelled",
            )
            visit_id = db.session.scalars(sa.select(Appointment.id).where(*ours)).one()
            return visit_id, f"/visit/{links.token_of(visit_id)}"

    return look


@pytest.fixture
def deliver(app, monday_morning):
    """The workers do all there is, and half a minute goes by."""

    def run():
        with app.app_context():
            work()
            messaging.deliver_due()
        monday_morning.shift(timedelta(seconds=30))

    return run


def arrived(app, address):
    with app.app_context():
        there = (Message.address == address, Message.status.in_(("sent", "delivered", "sending")))
        return db.session.scalar(sa.select(sa.func.count()).where(*there))


@pytest.mark.parametrize(("channel", "address"), [("sms", ASHA), ("email", "asha@cast.example")])
def test_no_door_makes_an_address_ring_more_than_a_few_times(
    app, signed_in, api, cast, standing, deliver, channel, address
):
    with app.app_context():
        unproven(cast.asha, cast.bela)
        visit = book(cast.asha, cast.dr_chandra, TIMES[0])
        db.session.execute(
            sa.update(Appointment).where(Appointment.id == visit.id).values(channel=channel)
        )
        db.session.commit()
    deliver()
    page, program, nobody = signed_in(cast.asha), api(cast.asha), app.test_client()
    other, kind = signed_in(cast.bela), "phone" if channel == "sms" else "email"
    start = times()
    for _ in range(ROUNDS):
        moment = next(start).isoformat()
        page.post(f"/appointments/{standing()[0]}/reschedule", data={"start": moment})
        deliver()
        program.post(
            f"/appointments/{standing()[0]}/reschedule", {"start": next(start).isoformat()}
        )
        deliver()
        nobody.post(f"{standing()[1]}/reschedule", data={"start": next(start).isoformat()})
        deliver()
        page.post(f"/account/{kind}/verify")
        other.post(f"/account/{kind}", data={"target": address, "password": PASSWORD})
        if kind == "email":
            nobody.post("/forgot", data={"email": address})
        deliver()
    assert 1 <= arrived(app, address) <= MOST
    with app.app_context():
        why = sa.select(Message.error_code).where(Message.status == "skipped")
        assert set(db.session.scalars(why)) == {"too_many"}
        plans = sa.select(Reminder.status).where(Reminder.rule == "rescheduled")
        assert "skipped" in set(db.session.scalars(plans))


def test_a_code_that_is_held_back_is_said_on_the_page(app, signed_in, cast):
    with app.app_context():
        unproven(cast.asha)
        queued(6, status="sent")
    answer = signed_in(cast.asha).post("/account/phone/verify")
    assert answer.status_code == 429
    assert "Too many messages went to this address" in answer.get_data(as_text=True)
