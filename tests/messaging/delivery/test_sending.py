"""A worker's run: many calls at once, and what happens to one of them reaches no other."""

import random
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging import channels, jobs
from clinic.messaging.channels import twilio as provider
from clinic.messaging.channels.call import Outcome
from clinic.messaging.delivery import buckets, ledger, sending, settling
from clinic.messaging.delivery.calling import Calls
from clinic.messaging.models import Attempt, Message
from clinic.messaging.queueing import messages, refusals
from tests.conftest import Stage
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio
from tests.fakes.twilio_account import NAMED, RESET_AFTER_ACCEPT, hang
from tests.messaging.ledger_helpers import ASHA, attempts, claimed, message, queued

BELA = "+447700900001"
ROOM = {"sms": 32}


@pytest.fixture
def twilio_of(ledger_on: Stage, monkeypatch):
    """The stand-in behind either database; a busy machine gives it time to answer."""
    monkeypatch.setattr(provider, "READ_S", 30)
    provider._client.cache_clear()
    with FakeTwilio() as fake:
        change(
            ledger_on,
            monkeypatch,
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_api_base=fake.base_url,
            twilio_from="+447700900999",
            public_base_url="https://clinic.example",
        )
        channels.get_ready()
        yield fake
    provider._client.cache_clear()


def change(stage: Stage, monkeypatch, **values):
    changed = stage.app.config["SETTINGS"].model_copy(update=values)
    monkeypatch.setitem(stage.app.config, "SETTINGS", changed)


@contextmanager
def running(stage: Stage):
    """A worker at work beside the test, until it is done."""

    def work():
        with stage.app.app_context():
            jobs.deliver_due()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join(60)
        assert not thread.is_alive()


def until(holds, seconds=20):
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)


def stands(ids):
    return [message(one).status for one in ids]


# --- a provider that hangs


def test_a_call_that_hangs_holds_neither_connection_nor_session_and_stops_nobody(
    twilio_of, ledger_on: Stage
):
    hanging, others = queued(3, address=BELA), queued(40)
    twilio_of.account.numbers[BELA] = hang(30, accept=False)
    with running(ledger_on):
        until(lambda: stands(others) == ["sent"] * 40)
        assert stands(hanging) == ["sending"] * 3
        late = queued()
        until(lambda: stands(late) == ["sent"])
        assert stands(hanging) == ["sending"] * 3
        db.session.remove()
        # One at most, and for a moment: the worker itself looks for more to do.
        assert max(connections_out() for _ in range(20)) <= 1
        assert idle_in_transaction() == 0
        twilio_of.refuse()  # they are torn off
    assert stands(hanging) == ["uncertain"] * 3
    assert [attempts(one)[0].error_code for one in hanging] == ["ConnectionError"] * 3


def connections_out() -> int:
    time.sleep(0.02)
    return db.engine.pool.checkedout()


def idle_in_transaction() -> int:
    if db.engine.dialect.name == "sqlite":
        return 0
    waits = "state = 'idle in transaction' AND state_change < clock_timestamp() - interval '0.3 s'"
    query = sa.text(f"SELECT count(*) FROM pg_stat_activity WHERE {waits}")  # noqa: S608 - a constant
    with db.engine.connect() as connection:
        return connection.scalar(query)


def test_letters_use_few_connections_and_leave_room_for_texts(twilio_of, ledger_on, monkeypatch):
    change(ledger_on, monkeypatch, smtp_host="127.0.0.1")
    assert Calls(5, 100).room() == {"sms": 5, "whatsapp": 5, "email": 5}
    calls = Calls(32, 100)
    assert calls.room() == {"sms": 8, "whatsapp": 8, "email": 8}
    calls._of_channel.update({"email": 6, "sms": 20})
    assert calls.room() == {"sms": 6, "whatsapp": 6, "email": 2}
    calls._of_channel.update({"email": 2})
    assert calls.room() == {"sms": 4, "whatsapp": 4}
    letters = queued(10, channel="email", address="asha@cast.example")
    texts = queued(10)
    begun = ledger.begin(claimed(), {"email": 8, "sms": 11})
    assert sorted(claim.channel for claim in begun.begun) == ["email"] * 1 + ["sms"] * 10
    assert {claim.id for claim in begun.later} <= set(letters)
    assert {claim.id for claim in begun.begun} >= set(texts)


def test_what_finds_no_room_does_not_keep_other_channels_waiting(ledger_on, monkeypatch):
    queued(3, channel="email", address="asha@cast.example")
    (text,) = queued()
    with Calls(1, 3) as calls:
        run = sending._Run(calls, 3, time.monotonic() + 60)
        monkeypatch.setattr(calls, "room", lambda: {"sms": 1})
        run.claims = claimed(3)
        assert {claim.channel for claim in run.claims} == {"email"}
        run.begin()
        assert calls.in_flight == 1
        assert [claim.id for claim, _ in calls.ended(5)] == [text]


def test_a_sender_whose_bucket_is_empty_does_not_keep_others_waiting(
    twilio_of, ledger_on: Stage, monkeypatch
):
    """All of its messages have waited longer, and more of them than one claim takes."""
    change(
        ledger_on,
        monkeypatch,
        twilio_from_patient="+447700900997",
        twilio_from_doctor="+447700900998",
        smtp_host="",
        sender_messages_per_second=1,
        message_batch=5,
    )
    monkeypatch.setattr(jobs, "LONGEST_RUN_S", 2)
    patients = queued(60)
    (doctor,) = queued(audience="doctor", due_at=clock.now())
    jobs.deliver_due()
    assert stands([doctor]) == ["sent"]
    assert 1 <= stands(patients).count("sent") <= 10


def test_a_worker_holds_no_more_than_it_can_begin_in_a_few_seconds(twilio_of, ledger_on: Stage):
    """Should it be killed, the others are free again: they were never claimed."""
    ids = queued(100)
    twilio_of.account.numbers[ASHA] = hang(30, accept=False)
    with Calls(4, 100) as calls:
        run = sending._Run(calls, 100, time.monotonic() + 60)
        run.begin()
        run.begin()
        assert calls.in_flight == 4
        assert len([one for one in ids if message(one).claim_token]) <= 8
        twilio_of.refuse()
        until(lambda: calls.in_flight == 0 or not run.settle())


def test_what_is_held_too_long_is_given_back(ledger_on: Stage):
    ids = queued(3)
    with Calls(1, 3) as calls:
        run = sending._Run(calls, 3, time.monotonic() + 60)
        run.claims, run.held_until = claimed(), time.monotonic() - 1
        run._let_go({"sms": 1})
        assert run.claims == []
        assert {message(one).claim_token for one in ids} == {None}


def test_a_fast_provider_is_given_whole_batches(ledger_on: Stage):
    with Calls(32, 100) as calls:
        run = sending._Run(calls, 100, time.monotonic() + 60)
        assert run._how_many({"sms": 8}) == 8
        run.pace.append((time.monotonic() - 1, 70))
        assert run._how_many({"sms": 8}) == 70
        run.pace.append((time.monotonic(), 70))
        assert run._how_many({"sms": 8}) == 100
        run.pace.clear()
        run.pace.append((time.monotonic() - 3, 70))
        assert run._how_many({"sms": 8, "email": 2}) == 8


# --- faults of single ones


def test_an_exception_in_one_call_is_uncertain_and_stops_no_other(twilio_of, monkeypatch):
    bad, *others = queued(20)
    hand_over = channels.send
    monkeypatch.setattr(
        channels, "send", lambda one, text: 1 / 0 if one.id == bad else hand_over(one, text)
    )
    assert jobs.deliver_due() == 19
    assert stands(others) == ["sent"] * 19
    assert (message(bad).status, message(bad).needs_attention) == ("uncertain", True)
    assert [(one.outcome, one.error_code) for one in attempts(bad)] == [
        ("uncertain", "ZeroDivisionError")
    ]


def test_a_row_that_cannot_begin_stops_no_other(twilio_of):
    bad, *others = queued(20)
    write_attempt(bad)  # as if somebody had mended the row by hand, and its attempts not
    assert jobs.deliver_due() == 19
    assert stands(others) == ["sent"] * 19
    assert message(bad).status == "queued"
    assert str(bad) not in twilio_of.account.counts()


@transactional
def write_attempt(one):
    values = {"id": uuid4(), "message_id": one, "number": 1, "started_at": clock.now()}
    db.session.execute(sa.insert(Attempt).values(**values))


@pytest.mark.parametrize(("room", "begun"), [({"sms": 8}, 2), ({"sms": 8, "email": 3}, 5)])
def test_beside_a_row_that_cannot_begin_what_has_no_room_stays_in_hand(ledger_on, room, begun):
    (bad,) = queued()
    write_attempt(bad)
    good = {*queued(4, channel="email", address="asha@cast.example"), *queued(2)}
    found = sending._begin(claimed(), room)
    assert len(found.begun) == begun
    assert {claim.id for claim in (*found.begun, *found.later)} == good


def test_an_outcome_that_cannot_be_written_stops_no_other(twilio_of, monkeypatch):
    first, second, *others = queued(20)
    hand_over = channels.send
    same = Outcome("sent", provider_id="SM1", sender="+44")  # a name is unique
    monkeypatch.setattr(
        channels,
        "send",
        lambda one, text: same if one.id in (first, second) else hand_over(one, text),
    )
    jobs.deliver_due()
    assert stands(others) == ["sent"] * 18
    assert sorted(stands([first, second])) == ["sending", "sent"]  # and uncertain after its lease


def test_outcomes_are_kept_while_the_database_is_away(twilio_of, monkeypatch):
    ids, settle, away = queued(5), settling.settle, [True, True]

    def refuse(ended):
        if away:
            away.pop()
            raise sa.exc.OperationalError("UPDATE", {}, Exception("the server closed"))
        return settle(ended)

    monkeypatch.setattr(sending, "WITHOUT_DATABASE_S", 0.01)
    monkeypatch.setattr(settling, "settle", refuse)
    assert jobs.deliver_due() == 5
    assert stands(ids) == ["sent"] * 5
    assert twilio_of.account.counts() == {str(one): 1 for one in ids}


# --- what happens between the claim and the begin of a batch


def test_what_was_cancelled_or_refused_since_the_claim_is_not_begun_and_costs_no_token(
    twilio_of, ledger_on, monkeypatch, monday_morning
):
    monday_morning.move_to(clock.now(), tick=False)  # nothing is refilled
    change(ledger_on, monkeypatch, sender_messages_per_second=10)
    visit = uuid4()
    (voided,), (refused,), kept = queued(about_id=visit), queued(address=BELA), queued(3)
    claims = claimed()
    transactional(messages.void)(visit)
    transactional(refusals.remember_refusal)(BELA, "opted_out", "stop_word")
    begun = ledger.begin(claims, ROOM)
    assert {claim.id for claim in begun.begun} == set(kept)
    assert (begun.waiting, begun.later) == (0, [])
    assert stands([voided, refused]) == ["cancelled", "skipped"]
    assert [attempts(one) for one in (voided, refused)] == [[], []]
    assert buckets.take("+447700900999", [1] * 50) == 7


def test_in_no_second_more_than_the_rate_and_nearly_that_many_in_each(
    twilio_of, ledger_on, monkeypatch, monday_morning
):
    change(ledger_on, monkeypatch, sender_messages_per_second=10)
    monday_morning.move_to(clock.now(), tick=False)
    queued(100)
    begun_at, dice = [], random.Random(3)
    began = clock.now()
    while clock.now() - began < timedelta(seconds=6):
        begun = ledger.begin(claimed(), ROOM)
        ledger.give_back(begun.later)
        begun_at += [clock.now()] * len(begun.begun)
        monday_morning.shift(timedelta(seconds=dice.choice((0.02, 0.1, 0.15))))
    assert begun_at[:10] == [began] * 10  # a bucket that has rested
    for moment in begun_at:
        assert sum(moment <= other < moment + timedelta(seconds=1) for other in begun_at) <= 10
    assert len(begun_at) >= 54


def test_what_somebody_is_changing_is_not_begun_and_its_outcome_comes_a_moment_later(
    postgres_stage: Stage,
):
    postgres_stage.put_back()
    with postgres_stage.app.app_context():
        busy, free = queued(2)
        claims = claimed()
        with locked(busy):
            assert [claim.id for claim in ledger.begin(claims, ROOM).begun] == [free]
        with locked(free):
            ended = [(claim, Outcome("sent")) for claim in claims if claim.id == free]
            settled = settling.settle(ended)
            assert (settled.stands, settled.busy) == ({}, ended)
        assert settling.settle(ended).stands == {free: "sent"}
        assert message(busy).status == "queued"


@contextmanager
def locked(one):
    with db.engine.begin() as connection:
        connection.execute(sa.select(Message.id).where(Message.id == one).with_for_update())
        yield


# --- asking back


def test_all_that_is_uncertain_is_asked_about_in_one_run(twilio_of):
    ids = queued(40)
    twilio_of.account.answer_with(RESET_AFTER_ACCEPT)
    jobs.deliver_due()
    assert stands(ids) == ["uncertain"] * 40
    twilio_of.account.answer_with(NAMED["200"])
    assert jobs.resolve_uncertain() == 40
    assert stands(ids) == ["sent"] * 40
    assert {message(one).address for one in ids} == {ASHA}


def test_a_client_of_the_sdk_belongs_to_one_thread(twilio_of, ledger_on: Stage):
    """It keeps its last answer in itself: shared, one call would return another's."""
    here, found = ledger_on.app.config["SETTINGS"], []
    thread = threading.Thread(target=lambda: found.append(provider.client(here)))
    thread.start()
    thread.join()
    assert provider.client(here) is provider.client(here) is not found[0]
