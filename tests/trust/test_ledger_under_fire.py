"""P4, P6, P17: workers die at any moment, and each text leaves once or is visibly uncertain."""

import random
import time
from bisect import bisect
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.messaging.models import Attempt, Message
from tests.trust.workshop import (
    RESOLVE,
    Clinic,
    balance,
    broken,
    due,
    sized,
    statuses,
    tell,
    until,
    waiting,
)

pytestmark = pytest.mark.trust

THREADS = 32  # calls that a worker makes at once, as it is set unless told otherwise


def drain(clinic: Clinic, seconds=300):
    """Kick the workers, as ticks do, until nothing waits."""

    def is_empty():
        clinic.kick()
        return waiting() == 0

    return until("everything has left", is_empty, seconds, pause=0.1)


def uncertain_are_shown(ids):
    shown = sa.select(sa.func.count()).where(Message.status == "uncertain", Message.needs_attention)
    return db.session.scalar(shown.where(Message.id.in_(ids)))


def test_p4_workers_are_killed_at_random_and_no_text_is_doubled_or_lost(clinic: Clinic):
    size, kills = sized(600, 60), sized(15, 3)
    ids = due(size)
    clinic.twilio.control(latency=0.05)
    dice = random.Random()
    workers = [clinic.start(), clinic.start()]
    until("both workers are there", lambda: clinic.has_workers(2))
    killed_at = []
    while len(killed_at) < kills and waiting():
        more = sum(clinic.twilio.counts().values()) + dice.randint(1, 20)
        until("more texts left", lambda n=more: progress(clinic, n) or not waiting(), 120, 0.02)
        time.sleep(dice.random() * 0.05)
        clinic.kill(workers.pop(0))  # the older one: the other may still be starting
        killed_at.append(clock.now())
        workers.append(clinic.start())
    drain(clinic)
    counts = clinic.twilio.counts()
    first = balance(ids, counts)
    assert (first.doubled, first.lost) == (0, 0)
    assert uncertain_are_shown(ids) == first.uncertain
    left = left_by_each(killed_at)
    assert sum(left) == first.uncertain
    assert max(left, default=0) <= 2 * THREADS  # of both, if they were killed close together
    ask_about_the_uncertain(clinic, ids, counts)
    last = balance(ids, clinic.twilio.counts())
    assert (last.doubled, last.lost) == (0, 0)
    assert all(counts[str(one)] == 0 for one, is_ in statuses(ids).items() if is_ == "uncertain")
    assert broken() == {}
    tell("P4", due=size, kills=len(killed_at), doubled=last.doubled, lost=last.lost,
         uncertain=first.uncertain, of_one_kill_at_most=max(left, default=0),
         explained_by_the_provider=first.uncertain - last.uncertain,
         never_sent_and_shown=last.uncertain)  # fmt: skip


def left_by_each(killed_at):
    """How many texts each kill left without an outcome, by when their calls began."""
    db.session.rollback()
    begun = sa.select(Attempt.started_at).join(Message, Message.id == Attempt.message_id)
    uncertain = db.session.scalars(begun.where(Message.status == "uncertain"))
    return list(Counter(bisect(killed_at, moment) for moment in uncertain).values())


def progress(clinic: Clinic, taken: int) -> bool:
    clinic.kick()
    return sum(clinic.twilio.counts().values()) >= taken


def ask_about_the_uncertain(clinic: Clinic, ids, counts):
    """The tick that asks the provider; what it took is found, what it never saw stays shown."""

    def is_found():
        clinic.kick(RESOLVE)
        return not any(
            counts[str(one)] for one, status in statuses(ids).items() if status == "uncertain"
        )

    until("what the provider has is known", is_found)


POINTS = {  # where the process dies: how many of three texts the provider has by then
    "after_claim": {0},
    "after_begin": {0},
    "after_send": {1, 2, 3},  # their calls were made at once
    "before_settle": {1, 2, 3},
}


@pytest.mark.parametrize(("point", "taken"), POINTS.items())
def test_p17_a_death_at_any_step_of_the_ledger_is_made_good_by_another_worker(
    clinic: Clinic, point: str, taken: set[int]
):
    ids = due(3)
    dying = clinic.start(CRASH_AT=point)
    until("the worker is there", lambda: clinic.has_workers(1))
    clinic.kick()
    until(f"it died {point}", lambda: has_reached(clinic, point, ids), pause=0.02)
    time.sleep(0.2)
    clinic.kill(dying)
    assert sum(clinic.twilio.counts().values()) in taken

    clinic.start()
    took = drain(clinic)
    ask_about_the_uncertain(clinic, ids, clinic.twilio.counts())
    counts = clinic.twilio.counts()
    found = balance(ids, counts)
    assert (found.doubled, found.lost) == (0, 0)
    begun = point != "after_claim"  # before it, another worker sends them as if nothing had been
    never_sent = [one for one in ids if begun and not counts[str(one)]]
    assert statuses(ids) == {one: "uncertain" if one in never_sent else "sent" for one in ids}
    assert broken() == {}
    tell(f"P17 {point}", recovered_after=f"{took:.1f} s", doubled=0, lost=0,
         uncertain=len(never_sent))  # fmt: skip


def has_reached(clinic: Clinic, point: str, ids) -> bool:
    db.session.rollback()
    if point == "after_claim":
        claimed = sa.select(sa.func.count()).where(Message.claim_token.is_not(None))
        return db.session.scalar(claimed) == len(ids)
    if point == "after_begin":
        return db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == len(ids)
    return sum(clinic.twilio.counts().values()) > 0


def test_p6_after_two_hours_of_silence_the_useful_is_sent_and_the_stale_is_shown(clinic: Clinic):
    size = sized(10_000, 500)
    stale_ids = due(size // 20, timedelta(hours=2), expires_at=clock.now())
    useful = due(size - len(stale_ids), timedelta(hours=2))
    clinic.start()
    clinic.start()
    until("both workers are there", lambda: clinic.has_workers(2))
    took = drain(clinic, 600)
    counts = clinic.twilio.counts()
    found = balance(useful, counts)
    assert (found.sent, found.doubled, found.lost) == (len(useful), 0, 0)
    assert set(statuses(stale_ids).values()) == {"skipped"}
    assert not any(counts[str(one)] for one in stale_ids)
    reasons = sa.select(Message.error_code).where(Message.id.in_(stale_ids)).distinct()
    assert db.session.scalars(reasons).all() == ["stale"]
    assert broken() == {}
    tell("P6", due=size, drained_in=f"{took:.1f} s", doubled=found.doubled,
         stale_shown=len(stale_ids))  # fmt: skip
