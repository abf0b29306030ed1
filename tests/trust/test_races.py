"""P5 and P7: a cancel beside the claim, a check-in beside the sweep, on both databases."""

import random
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.errors import StepNotPossible
from clinic.appointments.models import Appointment
from clinic.appointments.steps import sweep as no_shows
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.messaging.delivery import ledger
from clinic.messaging.models import Attempt, Message
from tests.conftest import Stage
from tests.crowd import at_once
from tests.trust.workshop import broken, due, expected, sized, tell

pytestmark = pytest.mark.trust

AT_ONCE = 10  # visits in one race


def test_p5_nothing_is_sent_that_was_cancelled_before_its_call(both: Stage):
    turns, dice = sized(200, 20) // AT_ONCE, random.Random(5)
    begun = cancelled_first = 0
    for turn in range(turns):
        with both.app.app_context():
            visits = expected(both, AT_ONCE, clock.now() + timedelta(days=1 + turn))
            texts = {visit: due(1, about_id=visit)[0] for visit in visits}
        cancels = [lambda one=one: cancel(one, both, dice.random()) for one in visits]
        answers = at_once(both.app, [*cancels, *[lambda: send_all(dice.random())] * 2])
        cancelled_at = dict(zip(visits, answers, strict=False))
        called = {key: moment for claims in answers[AT_ONCE:] for key, moment in claims.items()}
        with both.app.app_context():
            for visit, text in texts.items():
                # The call was allowed, although the cancel had been committed before it was asked.
                late = text in called and called[text] > cancelled_at[visit]
                assert not late, "a text was claimed after the commit of the cancel"
                assert ended(text) == (("sending", 1) if text in called else ("cancelled", 0))
            begun += len(called)
            cancelled_first += AT_ONCE - len(called)
            let_the_calls_end()
    with both.app.app_context():
        assert broken() == {}
        tell(f"P5 {db.engine.dialect.name}", cancels=turns * AT_ONCE, claims_after_commit=0,
             call_was_first=begun, cancel_was_first=cancelled_first)  # fmt: skip


def cancel(visit, stage: Stage, wait: float) -> float:
    """Returns when the commit was known."""
    time.sleep(wait * 0.03)
    steps.take(visit, "cancel", stage.cast.esha.actor)
    return time.monotonic()


def send_all(wait: float):
    """A worker up to its calls: `{message: when it asked whether it may}`, the allowed ones."""
    time.sleep(wait * 0.02)
    allowed = {}
    for _ in range(3):
        claims = ledger.claim_due(100)
        if not claims:
            continue
        asked = time.monotonic()
        allowed |= dict.fromkeys(
            (claim.id for claim in ledger.begin(claims, {"sms": 32}).begun), asked
        )
    return allowed


def ended(text):
    row = db.session.get_one(Message, text, populate_existing=True)
    tries = sa.select(sa.func.count()).where(Attempt.message_id == text)
    return row.status, db.session.scalar(tries)


def let_the_calls_end():
    db.session.execute(sa.update(Message).where(Message.status == "sending").values(status="sent"))
    db.session.commit()


def test_p7_the_sweep_never_touches_who_is_here(both: Stage):
    turns, dice = sized(500, 50) // AT_ONCE, random.Random(9)
    here = missed = 0
    for turn in range(turns):
        with both.app.app_context():
            begun = clock.now() - timedelta(minutes=20 + turn * AT_ONCE)
            visits = expected(both, AT_ONCE, begun)
        arrivals = [lambda one=one: check_in(one, both, dice.random()) for one in visits]
        sweeps = [lambda: sweep(dice.random())] * 2
        answers = at_once(both.app, [*arrivals, *sweeps])
        with both.app.app_context():
            for visit, answer in zip(visits, answers, strict=False):
                assert story(visit) == (
                    ("checked_in", ["appointment.checked_in"], 1)
                    if isinstance(answer, Appointment)
                    else ("no_show", ["appointment.no_show"], 1)
                )
                assert isinstance(answer, Appointment | StepNotPossible), answer
        arrived = sum(isinstance(one, Appointment) for one in answers)
        assert sum(answers[AT_ONCE:]) == AT_ONCE - arrived
        here, missed = here + arrived, missed + AT_ONCE - arrived
    with both.app.app_context():
        assert broken() == {}
        tell(f"P7 {db.engine.dialect.name}", races=turns * AT_ONCE, wrong=0,
             check_in_was_first=here, sweep_was_first=missed)  # fmt: skip


def check_in(visit, stage: Stage, wait: float):
    time.sleep(wait * 0.03)
    return steps.take(visit, "check_in", stage.cast.esha.actor)


def sweep(wait: float) -> int:
    time.sleep(wait * 0.03)
    return no_shows.mark_no_shows()


def story(visit):
    """Its status, what was recorded about it, and its version."""
    row = db.session.get_one(Appointment, visit, populate_existing=True)
    rows = db.session.scalars(sa.select(EventRow).where(EventRow.name.like("appointment.%")))
    names = [one.name for one in rows if one.payload["appointment_id"] == str(visit)]
    return row.status, names, row.version
