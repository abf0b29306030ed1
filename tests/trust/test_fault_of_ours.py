"""P29: a fault of ours loses no message: a day with a revoked token, and with a closed account."""

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.models import HeldSender, Message
from clinic.messaging.senders import held
from tests.fakes.twilio import TOKEN
from tests.trust.workshop import Clinic, balance, broken, due, sized, tell, until, waiting

pytestmark = pytest.mark.trust

TRY = "clinic.messaging.jobs.try_held"
FAULTS = [
    ({"token": "another token"}, {"token": TOKEN}),
    ({"account": "suspended"}, {"account": "active"}),
]


@pytest.mark.parametrize(("broken_by", "mended_by"), FAULTS, ids=["token", "account"])
def test_p29_a_fault_of_ours_loses_no_message(clinic: Clinic, broken_by: dict, mended_by: dict):
    size = sized(2_000, 40)
    for _ in range(2):
        clinic.start("worker")
    until("the workers are there", lambda: clinic.has_workers(2))
    ids = due(size)
    clinic.kick()
    clinic.twilio.control(latency=0.01)
    until("some have gone", lambda: waiting() < size - 5)
    clinic.twilio.control(**broken_by)
    ids += due(size)
    clinic.kick()
    until("it is held", lambda: lights() == 1)
    for _ in range(sized(24, 3)):  # the ticks of a day
        make_it_turn()
        clinic.kick(TRY)
        clinic.kick()
        ids += due(sized(50, 5))
        until("the tries are over", lambda: clinic.jobs_waiting() == 0)
        assert lights() == 1
    assert most_attempts() <= 1  # of those that went before
    clinic.twilio.control(**mended_by)
    make_it_turn()
    clinic.kick(TRY)
    until("all of it has gone", lambda: waiting() == 0, 240)
    found = balance(ids, clinic.twilio.counts())
    tell("P29", messages=len(ids), lost=found.lost, doubled=found.doubled, red_lights=1)
    assert (found.sent, found.doubled, found.lost) == (len(ids), 0, 0)
    assert (lights(), broken()) == (0, {})


def lights() -> int:
    found = len(held.standing())
    db.session.rollback()
    return found


@transactional
def make_it_turn() -> None:
    """As if its wait were over."""
    db.session.execute(sa.update(HeldSender).values(next_try_at=clock.now()))


def most_attempts() -> int:
    most = db.session.scalar(sa.select(sa.func.max(Message.attempts)))
    db.session.rollback()
    return most or 0
