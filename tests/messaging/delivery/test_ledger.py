"""A message leaves once, or ends visibly: each row of the ledger's rules, on both databases."""

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, lease_clock, transactional
from clinic.core.errors import Conflict, NotFound
from clinic.messaging import statuses
from clinic.messaging.channels import call
from clinic.messaging.channels import send as hand_over
from clinic.messaging.channels.call import Content, Outcome
from clinic.messaging.delivery import callbacks, ledger
from clinic.messaging.delivery.callbacks import Report
from clinic.messaging.desk import service as desk_service
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages, refusals
from clinic.messaging.queueing.messages import NewMessage
from tests.conftest import PostgresStage, Stage
from tests.crowd import at_once, faults
from tests.messaging.ledger_helpers import (
    ASHA,
    SENT,
    attempts,
    begin,
    begun,
    claimed,
    let_lease_end,
    message,
    queued,
    resolve,
    settle,
)

RETRY = Outcome("retry", error_code="503")


pytestmark = pytest.mark.usefixtures("ledger_on")


@transactional
def void(about_id):
    return messages.void(about_id)


@transactional
def refuse(address, kind="opted_out"):
    refusals.remember_refusal(address, kind, "stop_word")


# --- the claim


def test_a_claim_takes_no_more_whatever_the_server_believes_of_the_table(ledger_on: Stage):
    """Of a table of one row it would rather run a subquery for each row that there is."""
    queued()
    if isinstance(ledger_on, PostgresStage):
        ledger_on.own.execute("ANALYZE public.messages")
    queued(8)
    assert len(claimed(3)) == 3


def test_a_claim_takes_at_most_so_many_and_the_longest_due_first():
    ids = queued(40)
    first, second = claimed(25), claimed(25)
    assert (len(first), len(second)) == (25, 15)
    assert {claim.id for claim in first} == set(ids[:25])
    assert claimed() == []


def test_a_claim_is_a_lease_of_seconds_and_changes_nothing_else():
    (one,) = queued()
    (claim,) = claimed()
    row = message(one)
    assert (row.status, row.attempts, row.claim_token) == ("queued", 0, claim.token)
    assert claim.number == 1
    ends = Message.lease_until.between(*(lease_clock(timedelta(seconds=s)) for s in (15, 20)))
    assert db.session.scalar(sa.select(ends))


def test_a_call_that_begins_has_a_minute():
    begun()
    ends = Message.lease_until.between(*(lease_clock(timedelta(seconds=s)) for s in (55, 60)))
    assert db.session.scalar(sa.select(ends))


def test_what_is_due_later_is_left_alone():
    queued(due_at=clock.now() + timedelta(seconds=30))
    assert claimed() == []


def test_a_claim_whose_lease_has_ended_can_be_claimed_by_another_worker():
    (one,) = queued()
    (dead,) = claimed()
    let_lease_end(one)
    (alive,) = claimed()
    assert alive.id == dead.id
    assert not begin(dead)
    assert begin(alive)


def test_two_claimers_never_share_a_message(ledger_on: Stage):
    queued(60)
    answers = at_once(ledger_on.app, [lambda: claimed(25)] * 4)
    assert faults(answers) == []
    ids = [claim.id for claims in answers for claim in claims]
    assert len(ids) == len(set(ids)) == 60


def test_what_is_given_back_can_be_claimed_again_at_once():
    queued(3)
    claims = claimed()
    ledger.give_back(claims[:2])
    assert {claim.id for claim in claimed()} == {claim.id for claim in claims[:2]}


# --- just before the call


def test_the_attempt_is_written_down_before_the_call():
    claim = begun()
    assert message(claim.id).status == "sending"
    (attempt,) = attempts(claim.id)
    assert (attempt.number, attempt.outcome, attempt.ended_at) == (1, None, None)


@pytest.mark.parametrize(("left", "may"), [(14, False), (16, True)])
def test_no_call_begins_that_could_outlive_its_lease(left, may):
    (one,) = queued()
    (claim,) = claimed()
    let_lease_end(one, left=timedelta(seconds=left))
    assert begin(claim) is may
    assert len(attempts(one)) == may


def test_a_claim_begins_one_call_only():
    claim = begun()
    assert not begin(claim)
    assert len(attempts(claim.id)) == 1


def test_a_void_between_claim_and_call_stops_the_call():
    visit = uuid4()
    (one,) = queued(about_id=visit)
    (claim,) = claimed()
    assert void(visit) == 1
    assert not begin(claim)
    assert message(one).status == "cancelled"
    assert attempts(one) == []


@pytest.mark.parametrize("kind", ["opted_out", "unreachable"])
@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_refusal_between_claim_and_call_stops_the_call(channel, kind):
    (one,) = queued(channel=channel)
    (claim,) = claimed()
    refuse(ASHA, kind)
    assert not begin(claim)
    assert (message(one).status, message(one).error_code) == ("skipped", kind)


@pytest.mark.parametrize("kind", ["opted_out", "unreachable"])
def test_what_is_queued_after_a_refusal_is_skipped_and_says_why(kind):
    refuse(ASHA, kind)
    (one,) = queued()
    (claim,) = claimed()
    assert not begin(claim)
    assert (message(one).status, message(one).error_code) == ("skipped", kind)
    assert message(one).settled_at


def test_refusing_texts_does_not_stop_letters():
    refuse("asha@cast.example")
    begun(channel="email", address="asha@cast.example", subject="Your visit")


def test_a_stale_message_is_skipped_visibly_at_the_call():
    (one,) = queued(expires_at=clock.now() - timedelta(seconds=1))
    (claim,) = claimed()
    assert not begin(claim)
    assert (message(one).status, message(one).error_code) == ("skipped", "stale")


@pytest.mark.parametrize(
    ("news", "status", "why"),
    [
        ({"address": ""}, "skipped", "no_address"),
        ({"expires_at": timedelta(0)}, "skipped", "stale"),
        ({"expires_at": timedelta(hours=1)}, "queued", None),
    ],
)
def test_what_has_nowhere_to_go_or_no_time_left_is_skipped_when_it_is_queued(news, status, why):
    if "expires_at" in news:
        news = {"expires_at": clock.now() + news["expires_at"]}
    values = {"address": ASHA, "channel": "sms", "template": "visit_booked"} | news
    assert transactional(messages.queue_messages)([NewMessage(None, **values)]).new == 1
    row = db.session.scalars(sa.select(Message)).one()
    assert (row.status, row.error_code) == (status, why)


def test_the_same_news_is_queued_once():
    news = [NewMessage(None, "sms", ASHA, "visit_booked", dedupe_key="reminder:1")] * 2
    queue = transactional(messages.queue_messages)
    assert (queue(news[:1]).new, queue(news).new) == (1, 0)


# --- after the call


@pytest.mark.parametrize(
    ("kind", "status", "looked_at"),
    [
        ("sent", "sent", False),
        ("delivered", "delivered", False),
        ("uncertain", "uncertain", True),
        ("failed", "failed", True),
        ("opted_out", "failed", True),
        ("unreachable", "failed", True),
        ("skipped", "skipped", False),
    ],
)
def test_each_outcome_has_its_status_and_people_see_what_went_wrong(kind, status, looked_at):
    claim = begun()
    assert settle(claim, Outcome(kind, error_code="7")) == status
    row = message(claim.id)
    assert (row.status, row.needs_attention) == (status, looked_at)
    (attempt,) = attempts(claim.id)
    assert (attempt.outcome, attempt.error_code) == (kind, "7")
    assert attempt.ended_at >= attempt.started_at
    assert claimed() == []


def test_the_providers_name_for_it_is_kept():
    claim = begun()
    settle(claim, SENT)
    row = message(claim.id)
    assert (row.provider_id, row.sender) == ("SM1", "+447700900999")
    assert row.sent_at


def test_a_settlement_with_another_token_changes_nothing():
    claim = begun()
    stranger = call.Claim(**{name: getattr(claim, name) for name in claim.__slots__})
    object.__setattr__(stranger, "token", uuid4())
    assert settle(stranger, Outcome("failed", error_code="7")) is None
    assert message(claim.id).status == "sending"


def test_a_report_that_was_faster_than_the_outcome_is_not_undone():
    claim = begun()
    assert callbacks.record_callback(Report(claim.id, "SM1", "delivered", None))
    assert settle(claim, SENT) is None
    assert (message(claim.id).status, message(claim.id).provider_id) == ("delivered", "SM1")


def test_a_report_is_new_once_and_only_about_a_message_of_ours():
    claim = begun()
    settle(claim, SENT)
    one = Report(claim.id, "SM1", "failed", "30007")
    assert [callbacks.record_callback(one) for _ in range(3)] == [True, False, False]
    assert not callbacks.record_callback(Report(uuid4(), "SM404", "failed", None))


def test_each_try_waits_longer_and_the_sixth_is_the_last():
    (one,) = queued()
    for number, minutes in enumerate((1, 5, 15, 30, 60), start=1):
        (claim,) = claimed()
        assert (claim.number, begin(claim)) == (number, True)
        before = clock.now()
        assert settle(claim, RETRY) == "queued"
        row = message(one)
        waits = (row.due_at - before) / timedelta(minutes=minutes)
        assert 0.8 <= waits <= 1.21
        assert claimed() == []
        make_due(one)
    (claim,) = claimed()
    begin(claim)
    assert settle(claim, RETRY) == "failed"
    assert len(attempts(one)) == statuses.MOST_ATTEMPTS == 6
    assert claimed() == []


@transactional
def make_due(message_id):
    due = {"due_at": clock.now() - timedelta(seconds=1)}
    db.session.execute(sa.update(Message).where(Message.id == message_id).values(**due))


def test_no_try_is_planned_for_when_it_would_be_too_late():
    claim = begun(expires_at=clock.now() + timedelta(seconds=30))
    assert settle(claim, RETRY) == "skipped"
    assert message(claim.id).error_code == "stale"


def test_a_cancel_during_the_call_allows_no_second_one():
    visit = uuid4()
    claim = begun(about_id=visit)
    void(visit)
    assert message(claim.id).status == "sending"
    assert settle(claim, RETRY) == "skipped"


@pytest.mark.parametrize("slowly", [begin, lambda claim: settle(claim, RETRY)])
def test_a_cancel_that_waits_for_a_worker_allows_no_second_call_either(ledger_on: Stage, slowly):
    """Whatever state the row has when the worker lets go of it."""
    visit, at_it = uuid4(), threading.Event()
    if slowly is begin:
        queued(about_id=visit)
        (claim,) = claimed()
    else:
        claim = begun(about_id=visit)

    @transactional
    def work():
        slowly(claim)
        at_it.set()
        time.sleep(0.3)

    def cancel():
        assert at_it.wait(10)
        return void(visit)

    assert faults(at_once(ledger_on.app, [work, cancel])) == []
    if slowly is begin:
        assert settle(claim, RETRY) == "skipped"
    assert message(claim.id).status in ("skipped", "cancelled")


# --- a death in between


def test_a_call_without_an_outcome_is_uncertain_after_its_lease_and_never_made_again():
    claim = begun()
    assert ledger.mark_uncertain() == 0
    let_lease_end(claim.id)
    assert ledger.mark_uncertain() == 1
    row = message(claim.id)
    assert (row.status, row.error_code, row.needs_attention) == ("uncertain", "no_answer", True)
    assert claimed() == []


def test_a_late_outcome_settles_the_uncertain():
    claim = begun()
    let_lease_end(claim.id)
    ledger.mark_uncertain()
    assert settle(claim, SENT) == "sent"
    assert not message(claim.id).needs_attention


def test_what_the_provider_knows_after_all_is_no_longer_uncertain():
    claim = begun()
    let_lease_end(claim.id)
    ledger.mark_uncertain()
    assert resolve(claim.id, Outcome("delivered", provider_id="SM7", sender="+44"))
    row = message(claim.id)
    assert (row.status, row.provider_id, row.needs_attention) == ("delivered", "SM7", False)
    assert not resolve(claim.id, Outcome("delivered", provider_id="SM8"))


def test_a_text_that_is_known_as_another_message_resolves_nothing():
    settle(begun(), SENT)
    claim = begun()
    settle(claim, Outcome("uncertain", error_code="500"))
    assert not resolve(claim.id, Outcome("sent", provider_id="SM1"))
    assert message(claim.id).status == "uncertain"


def test_a_person_may_send_what_has_ended_again_as_a_message_of_its_own(ledger_on: Stage):
    claim = begun(organisation_id=ledger_on.cast.harbour, dedupe_key="reminder:1")
    with pytest.raises(Conflict):
        desk_service.resend(claim.id, ledger_on.cast.esha.actor)
    settle(claim, Outcome("uncertain", error_code="500"))
    with pytest.raises(NotFound):
        desk_service.resend(claim.id, ledger_on.cast.farid.actor)
    again = desk_service.resend(claim.id, ledger_on.cast.esha.actor)
    assert [one.id for one in claimed()] == [again]
    assert not message(claim.id).needs_attention


def test_without_a_provider_a_text_lands_in_the_development_inbox(ledger_on: Stage):
    outcome = hand_over(begun(), Content("Harbour: hello"))
    assert (outcome.kind, outcome.sender) == ("delivered", "development inbox")
