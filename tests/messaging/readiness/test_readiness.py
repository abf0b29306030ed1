"""Asked for by a person, proven by a worker, kept for the next look."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import Forbidden
from clinic.messaging import jobs
from clinic.messaging.models import Attempt, Callback, Message
from clinic.messaging.proving.checks import State
from clinic.messaging.proving.prove import prove
from clinic.messaging.readiness import queries, service
from clinic.messaging.readiness.models import MessagingProof
from clinic.messaging.senders import held
from clinic.messaging.senders.held import Met
from tests.messaging.ledger_helpers import queued

OURS = "+447700900999"


@pytest.fixture
def amir(cast):
    return cast.amir.actor


def rows():
    return db.session.scalars(sa.select(MessagingProof)).all()


def test_one_wish_is_enough_until_it_is_done(in_app, amir):
    service.ask(amir)
    service.ask(amir)
    assert queries.proof(amir.organisation_id).is_running
    assert jobs.prove() == 1
    found = queries.proof(amir.organisation_id)
    assert (found.is_running, found.finished_at is not None) == (False, True)
    assert {one.channel for one in found.checks} == {"sms", "whatsapp", "email"}
    assert found.state is State.WARNING  # nothing is set up here
    service.ask(amir)
    assert jobs.prove() == 1
    assert len(rows()) == 1  # the older one is gone


def test_each_sees_their_own(in_app, cast, amir):
    service.ask(amir)
    jobs.prove()
    assert not queries.proof(None).checks
    assert not queries.proof(cast.elsewhere).checks


@pytest.mark.parametrize("who", ["asha", "esha", "dr_chandra"])
def test_others_do_not_ask(in_app, cast, who):
    with pytest.raises(Forbidden):
        service.ask(cast.people[who].actor)


def test_who_dies_at_it_is_followed_by_another(in_app, amir, monday_morning):
    service.ask(amir)
    assert service._claim()
    assert service._claim() is None
    monday_morning.shift(timedelta(minutes=2, seconds=1))
    assert service._claim()
    monday_morning.shift(timedelta(minutes=9))
    assert service._claim() is None  # nobody waits any more
    assert not queries.proof(amir.organisation_id).is_running


@transactional
def tried(organisation_id, status="delivered", code=None, reported=True, minutes_ago=20, **more):
    moment = clock.now() - timedelta(minutes=minutes_ago)
    one = Message(
        id=uuid4(), organisation_id=organisation_id, channel="sms", address="+447700900001",
        template="code", body="", status=status, due_at=moment, created_at=moment, attempts=1,
        error_code=code, provider_id=uuid4().hex, **more,
    )  # fmt: skip
    db.session.add(one)
    db.session.flush()
    outcome = "sent" if status in ("sent", "delivered") else "failed"
    db.session.add(
        Attempt(id=uuid4(), message_id=one.id, number=1, started_at=moment, outcome=outcome)
    )
    if reported:
        db.session.add(
            Callback(
                id=uuid4(), message_id=one.id, provider_id=one.provider_id,
                provider_status=status, received_at=moment,
            )
        )  # fmt: skip
    return one


def reports():
    return next(one.state for one in prove() if (one.channel, one.name) == ("sms", "reports"))


def test_reports_that_never_come_are_seen(twilio, cast):
    assert reports() == "unknown"
    tried(cast.harbour, "sent", reported=False, minutes_ago=5)
    assert reports() == "unknown"  # they may come
    tried(cast.harbour, "sent", reported=False)
    assert reports() == "danger"
    tried(cast.harbour)
    assert reports() == "ok"


def test_how_a_channel_stands(in_app, cast, set_up):
    set_up(twilio_account_sid="AC1", twilio_auth_token="x", twilio_from=OURS)
    for status, code in [("delivered", None)] * 3 + [("failed", "30003")]:
        tried(cast.harbour, status, code)
    tried(cast.elsewhere)
    sms = queries.ways(cast.harbour)[0]
    assert (sms.channel, sms.tried, sms.delivered, sms.share) == ("sms", 4, 3, 75)
    assert sms.errors == [("30003", 1)]
    assert sms.senders == [OURS]
    assert (sms.is_set_up, sms.can_send) == (True, True)
    assert queries.ways(None)[0].tried == 5
    email = queries.ways(None)[2]
    assert (email.is_set_up, email.share) == (False, None)


def test_what_is_held_stands_at_its_channel(ledger_on, monkeypatch):
    account = {"twilio_account_sid": "AC1", "twilio_auth_token": "x", "twilio_from": OURS}
    settings = ledger_on.app.config["SETTINGS"].model_copy(update=account)
    monkeypatch.setitem(ledger_on.app.config, "SETTINGS", settings)
    (one,) = queued()
    transactional(held.hold)(Met(one, "sms", OURS, "30034"))
    by_channel = {way.channel: way for way in queries.ways(None)}
    assert [stands.error_code for stands in by_channel["sms"].held] == ["30034"]
    assert by_channel["sms"].waiting == 1
    assert not by_channel["email"].held
