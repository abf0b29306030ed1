"""What is done for many at once is exactly what would be done for one after another."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.core import clock
from clinic.core.data.db import db, lease_clock, transactional
from clinic.events.models import EventRow
from clinic.messaging.channels import HEEDING
from clinic.messaging.channels.call import Claim, Outcome
from clinic.messaging.consents.models import OptOut
from clinic.messaging.delivery import callbacks, ledger, settling
from clinic.messaging.delivery.callbacks import Report
from clinic.messaging.models import Attempt, Callback, Message, SenderBucket
from clinic.messaging.queueing import messages
from tests.messaging.ledger_helpers import ASHA, queued

pytestmark = pytest.mark.usefixtures("ledger_on")

TOKEN, ANOTHER = uuid4(), uuid4()
ROOM = {"sms": 100, "whatsapp": 100, "email": 100}
ADDRESSES = (ASHA, "+447700900001")
IN_FORCE = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# What the batch finds of a row that it has claimed: more often than not what it left.
FOUND = ("ours", "ours", "ours", "nearly_over", "over", "cancelled", "of_another", "sending")
MEANWHILE = ("nothing", "nothing", "delivered", "failed", "voided", "uncertain", "of_another")
KINDS = ("sent", "delivered", "retry", "uncertain", "failed", "opted_out", "unreachable", "skipped")
REFUSING = ("opted_out", "unreachable")
CODES = {"opted_out": "21610", "unreachable": "30003", "failed": "21211", "retry": "503"}

rows = st.lists(
    st.fixed_dictionaries(
        {
            "channel": st.sampled_from(tuple(ROOM)),
            "address": st.sampled_from(ADDRESSES),
            "attempts": st.sampled_from((0, 1, 5)),
            "expires": st.sampled_from((None, -1, 0, 40, 7200)),  # seconds from now
            "found": st.sampled_from(FOUND),
            "meanwhile": st.sampled_from(MEANWHILE),
            "kind": st.sampled_from(KINDS),
            "named": st.booleans(),  # whether the provider gave it a name
        }
    ),
    min_size=1,
    max_size=6,
)
refusals = st.sets(
    st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(("opted_out", "unreachable"))), max_size=2
)


@IN_FORCE
@given(rows, refusals)
def test_a_batch_ends_as_its_rows_would_alone(monday_morning, rows, refused):
    monday_morning.move_to(clock.now(), tick=False)
    together = play(rows, refused, together=True)
    assert together == play(rows, refused, together=False)
    begun, *_ = together
    assert begun == [expected(row, refused) for row in rows]


def expected(row, refused):
    """The rule of the begin in a few words: status, reason, and how many attempts there are."""
    left_alone = {"cancelled": "cancelled", "sending": "sending"}
    if row["found"] != "ours":
        return (left_alone.get(row["found"], "queued"), None, row["attempts"], 0)
    if row["expires"] is not None and row["expires"] <= 0:
        return ("skipped", "stale", row["attempts"], 0)
    kinds = sorted(kind for address, kind in refused if address == row["address"])
    if kinds and row["channel"] in HEEDING:
        return ("skipped", kinds[0], row["attempts"], 0)
    return ("sending", None, row["attempts"] + 1, 1)


def play(rows, refused, *, together: bool):
    """All that can be read afterwards: after the begin, and after the outcomes."""
    empty()
    claims = [claimed(number, row) for number, row in enumerate(rows)]
    for address, kind in refused:
        refuse(address, kind)
    groups = [claims] if together else [[claim] for claim in claims]
    called = [claim for group in groups for claim in ledger.begin(group, ROOM).begun]
    begun = [(row.status, row.error_code, row.attempts, tries) for row, tries in stories()]
    events = failures()
    for claim in called:
        happens(rows[claim.id.int - 1]["meanwhile"], claim)
    ended = in_order([(claim, outcome(rows[claim.id.int - 1], claim)) for claim in called])
    random.seed(9)  # of the jitter
    stands = [
        settling.settle(group).stands
        for group in ([ended] if together else [[one] for one in ended])
        if group
    ]
    where = {key: status for one in stands for key, status in one.items()}
    return begun, where, everything(), failures() - events


def in_order(ended):
    """A failure may end what waits for that address: in a batch all outcomes come before it.

    Else as the rows are, for both: each new try draws its jitter from the same dice.
    """
    return sorted(ended, key=lambda one: (one[1].kind in REFUSING, one[0].id))


def claimed(number: int, row) -> Claim:
    one = UUID(int=number + 1)
    expires = row["expires"]
    write(
        one,
        channel=row["channel"],
        address=row["address"],
        attempts=row["attempts"],
        expires_at=None if expires is None else clock.now() + timedelta(seconds=expires),
        **FOUND_AS[row["found"]](),
    )
    who = (None, row["channel"], "patient", row["address"], None, None)
    return Claim(one, TOKEN, *who, "words", None, one, row["attempts"] + 1)


FOUND_AS = {
    "ours": lambda: leased(60),
    "nearly_over": lambda: leased(14),
    "over": lambda: leased(-1),
    "cancelled": lambda: leased(60, status="cancelled"),
    "of_another": lambda: leased(60, token=ANOTHER),
    "sending": lambda: leased(60, status="sending"),
}


def leased(left: int, status="queued", token=TOKEN):
    ends = lease_clock(timedelta(seconds=left))
    return {"status": status, "claim_token": token, "lease_until": ends}


@transactional
def write(one: UUID, **values):
    (old,) = queued(about_id=one)
    db.session.execute(sa.update(Message).where(Message.id == old).values(id=one, **values))


def happens(what: str, claim: Claim):
    """Between the begin of a call and its outcome."""
    if what in ("delivered", "failed"):
        code = "30007" if what == "failed" else None
        callbacks.record_callback(Report(claim.id, f"SM{claim.id.int}", what, code))
    if what == "voided":
        transactional(messages.void)(claim.id)
    if what == "uncertain":
        change(claim.id, status="uncertain", needs_attention=True)
    if what == "of_another":
        change(claim.id, claim_token=ANOTHER)


def outcome(row, claim: Claim) -> Outcome:
    name = f"SM{claim.id.int}" if row["named"] else None
    return Outcome(row["kind"], provider_id=name, error_code=CODES.get(row["kind"]), sender="+44")


@transactional
def change(one: UUID, **values):
    db.session.execute(sa.update(Message).where(Message.id == one).values(**values))


@transactional
def refuse(address, kind):
    values = {"address": address, "kind": kind, "since": clock.now(), "reason": ""}
    rows = [{"id": uuid4(), "channel": one, **values} for one in ("sms", "whatsapp")]
    db.session.execute(sa.insert(OptOut), rows)


@transactional
def empty():
    for table in (Attempt, Callback, OptOut, Message, SenderBucket):
        db.session.execute(sa.delete(table))


def stories():
    db.session.rollback()
    tries = sa.func.count(Attempt.id)
    query = sa.select(Message, tries).outerjoin(Attempt, Attempt.message_id == Message.id)
    return db.session.execute(
        query.group_by(Message.id).order_by(Message.id), execution_options=FRESH
    ).all()


FRESH = {"populate_existing": True}
LEFT_OUT = ("lease_until", "created_at")  # by the server's own clock; and what nothing here changes


def everything():
    """Every column of messages, attempts and refusals, but for names that are made up."""
    db.session.rollback()
    kept = [column for column in Message.__table__.c if column.name not in LEFT_OUT]
    has_lease = Message.lease_until.is_(None)
    tried = (Attempt.message_id, Attempt.number, Attempt.started_at, Attempt.ended_at)
    return (
        db.session.execute(sa.select(*kept, has_lease).order_by(Message.id)).all(),
        db.session.execute(
            sa.select(*tried, Attempt.outcome, Attempt.error_code).order_by(Attempt.message_id)
        ).all(),
        db.session.execute(
            sa.select(OptOut.address, OptOut.kind).order_by(OptOut.address, OptOut.kind)
        ).all(),
    )


def failures() -> int:
    named = EventRow.name == "message.failed"
    return db.session.scalar(sa.select(sa.func.count()).where(named)) or 0
