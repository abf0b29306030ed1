"""A fault of ours: what it touches waits unharmed, one light is red, and it goes on by itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.admin import queries as admin
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.messaging import jobs
from clinic.messaging.channels.call import Outcome
from clinic.messaging.delivery import callbacks
from clinic.messaging.delivery.callbacks import Report
from clinic.messaging.inbound import receive as receiving
from clinic.messaging.inbound.receive import Inbound
from clinic.messaging.models import HeldSender, Message
from clinic.messaging.queueing import messages
from clinic.messaging.senders import held
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import TOKEN
from tests.fakes.twilio_account import OUTSIDE_THE_WINDOW, QUEUE_FULL, refusal
from tests.messaging.ledger_helpers import ASHA, attempts, begun, message, queued, settle

OURS, BELA = "+447700900999", "+447700900001"
NOT_OURS = refusal(400, 21606)
UNREGISTERED = "30034"


def stands(ids):
    return [message(one).status for one in ids]


def taken(twilio):
    return twilio.account.counts()


def hears(number):
    """Somebody has written to us by WhatsApp just now, as far as we know."""
    receiving.receive(Inbound(f"SM-{number}", number, OURS, "hello", "whatsapp"))


def red(cast):
    return [one for one in admin.health(cast.gita.actor) if one.name is admin.Name.HELD_SENDER]


def told(name):
    query = sa.select(sa.func.count()).where(EventRow.name == name)
    return db.session.scalar(query)


# --- the account


def test_a_revoked_token_holds_all_texts_unharmed_and_they_go_once_it_is_mended(
    twilio, cast, monday_morning
):
    ids = queued(40)
    twilio.change_token("another token")
    assert jobs.deliver_due() == 0
    assert (stands(ids), {message(one).attempts for one in ids}) == (["queued"] * 40, {0})
    assert [attempts(one) for one in ids] == [[]] * 40
    assert not any(message(one).needs_attention for one in ids)
    (light,) = red(cast)
    assert (light.level, light.number, light.about.error_code) == ("danger", 40, "20003")
    refused = len(twilio.account.requests)
    for _ in range(20):
        monday_morning.shift(timedelta(minutes=5))
        ids += queued()
        assert (jobs.deliver_due(), jobs.try_held()) == (0, 0)
    assert len(twilio.account.requests) == refused  # the unauthorised are not noted, nor make any
    twilio.change_token(TOKEN)
    monday_morning.shift(timedelta(minutes=16))
    assert jobs.try_held() == 1
    assert jobs.deliver_due() == 60
    assert (taken(twilio), red(cast)) == ({str(one): 1 for one in ids}, [])
    assert (told("sender.held"), told("sender.freed")) == (1, 1)


def test_what_is_no_longer_of_use_is_skipped_meanwhile(twilio, monday_morning):
    (short,) = queued(expires_at=clock.now() + timedelta(minutes=30))
    (long,) = queued(expires_at=clock.now() + timedelta(days=2))
    twilio.change_token("another token")
    jobs.deliver_due()
    monday_morning.shift(timedelta(hours=1))
    jobs.try_held()
    assert (stands([short, long]), message(short).error_code) == (["skipped", "queued"], "stale")


def test_a_suspended_account_is_asked_until_it_is_active(twilio, cast, monday_morning):
    (one,) = queued()
    twilio.account.status = "suspended"
    assert jobs.deliver_due() == 0
    monday_morning.shift(timedelta(minutes=2))
    assert jobs.try_held() == 0  # the token is good: the account is not
    twilio.account.status = "active"
    monday_morning.shift(timedelta(minutes=16))
    assert (jobs.try_held(), jobs.deliver_due()) == (1, 1)
    assert stands([one]) == ["sent"]


def test_it_is_tried_after_a_minute_and_then_more_and_more_seldom(twilio, monday_morning):
    monday_morning.move_to(clock.now(), tick=False)
    queued()
    twilio.change_token("another token")
    jobs.deliver_due()
    tried = []
    for minute in range(60):
        if held.due():
            tried.append(minute)
        monday_morning.shift(timedelta(minutes=1))
    assert tried == [1, 3, 7, 15, 30, 45]


def test_letters_go_on_while_texts_are_held(twilio, post_office, cast):
    (text,), (letter,) = queued(), queued(channel="email", address="asha@cast.example")
    twilio.change_token("another token")
    assert jobs.deliver_due() == 1
    assert stands([text, letter]) == ["queued", "sent"]


def test_a_mail_server_that_refuses_our_sign_in_loses_no_letter(
    in_app, set_up, cast, monday_morning
):
    with FakeSmtp(password="right") as post_office:
        where = {"smtp_host": "127.0.0.1", "smtp_port": post_office.port, "smtp_user": "relay"}
        set_up(**where, smtp_pass="wrong")
        (one,) = queued(channel="email", address="asha@cast.example")
        assert jobs.deliver_due() == 0
        assert (stands([one]), message(one).attempts) == (["queued"], 0)
        assert [light.about.sender for light in red(cast)] == ["smtp"]
        set_up(**where, smtp_pass="right")
        monday_morning.shift(timedelta(minutes=2))
        assert (jobs.try_held(), jobs.deliver_due()) == (1, 1)
    assert len(post_office.letters) == 1


def test_the_light_names_the_fault_and_the_remedy(twilio, signed_in, cast):
    queued()
    twilio.change_token("another token")
    jobs.deliver_due()
    page = signed_in(cast.gita).get("/admin/health").get_data(as_text=True)
    assert "All texts are held" in page
    assert "the provider refuses our sign-in (20003)" in page
    assert "API key into the settings" in page


# --- one sender


def test_a_sender_is_held_alone_and_tried_with_one_message(twilio, set_up, monday_morning):
    set_up(twilio_from_doctor="+447700900998")
    ids, (doctor,) = queued(5), queued(audience="doctor")
    twilio.account.senders[OURS] = NOT_OURS
    assert jobs.deliver_due() == 1
    assert (stands(ids), stands([doctor])) == (["queued"] * 5, ["sent"])
    monday_morning.shift(timedelta(minutes=2))
    before = len(twilio.account.requests)
    assert jobs.try_held() == 0
    assert len(twilio.account.requests) == before + 1
    twilio.account.senders.clear()
    monday_morning.shift(timedelta(minutes=15))
    assert jobs.try_held() == 1
    assert stands(ids).count("sent") == 1
    jobs.deliver_due()
    assert stands(ids) == ["sent"] * 5


def test_whatsapp_is_held_and_texts_go_on(twilio, set_up):
    set_up(twilio_whatsapp_from=OURS)
    hears(ASHA)
    (chat,), (text,) = queued(channel="whatsapp"), queued(address=BELA)
    twilio.account.numbers[f"whatsapp:{ASHA}"] = OUTSIDE_THE_WINDOW
    jobs.deliver_due()
    assert stands([chat, text]) == ["queued", "sent"]
    assert held.kinds() == {"whatsapp:patient", "whatsapp:doctor", "whatsapp:staff"}


def test_one_message_whose_own_the_fault_is_does_not_hold_the_others_for_ever(
    twilio, set_up, monday_morning
):
    set_up(twilio_whatsapp_from=OURS)
    hears(BELA)
    hears(ASHA)
    for number in (ASHA, BELA):
        twilio.account.wrote(f"whatsapp:{number}")
    (bad,) = queued(channel="whatsapp", address=BELA)
    twilio.account.numbers[f"whatsapp:{BELA}"] = refusal(400, 63007)
    jobs.deliver_due()
    good = queued(3, channel="whatsapp")
    monday_morning.shift(timedelta(minutes=2))
    assert jobs.try_held() == 1  # another one was let through
    jobs.deliver_due()
    assert (stands([bad]), stands(good)) == (["failed"], ["sent"] * 3)
    assert message(bad).needs_attention
    assert held.kinds() == frozenset()


def test_a_full_queue_of_the_provider_is_no_fault_of_ours(twilio):
    (one,) = queued()
    twilio.account.answer_with(QUEUE_FULL)
    jobs.deliver_due()
    assert (stands([one]), message(one).attempts, held.kinds()) == (["queued"], 1, frozenset())


# --- what the network says later


@pytest.mark.usefixtures("ledger_on")
class TestByReport:
    def sent(self, sid="SM1", **values):
        """A text that the provider took."""
        taken = {"status": "sent", "attempts": 1, "sent_at": clock.now(), "sender": OURS}
        return queued(**taken, provider_id=sid, **values)[0]

    def report(self, one, status, sid="SM1", code=None):
        return callbacks.record_callback(Report(one, sid, status, code))

    def test_what_the_network_refused_for_our_fault_waits_again(self):
        one = self.sent()
        assert self.report(one, "undelivered", code=UNREGISTERED)
        row = message(one)
        assert (row.status, row.provider_id, row.error_code) == ("queued", None, UNREGISTERED)
        assert not row.needs_attention
        assert db.session.get_one(HeldSender, f"sms:{OURS}").by_report

    def test_what_is_still_said_of_that_call_changes_nothing(self):
        one = self.sent()
        self.report(one, "undelivered", code=UNREGISTERED)
        for late in ("sent", "delivered", "undelivered"):
            assert not self.report(one, late, code=UNREGISTERED)
        assert (message(one).status, message(one).provider_id) == ("queued", None)

    def test_what_was_taken_back_meanwhile_is_not_sent_again(self):
        visit = uuid4()
        one = self.sent(about_id=visit)
        assert transactional(messages.void)(visit) == 0
        self.report(one, "undelivered", code=UNREGISTERED)
        assert message(one).status == "failed"

    def test_only_a_report_frees_it_and_only_of_what_went_after_it(self, monday_morning):
        old, one = self.sent("SM8"), self.sent()
        self.report(one, "undelivered", code=UNREGISTERED)
        self.report(old, "delivered", "SM8")
        assert held_since() is None
        monday_morning.shift(timedelta(minutes=1))
        new = self.sent("SM9")
        assert held_since() is None
        self.report(new, "delivered", "SM9")
        assert held_since() is not None


def held_since():
    db.session.rollback()
    return db.session.scalar(sa.select(HeldSender.freed_at).where(HeldSender.sender.is_not(None)))


def test_many_that_meet_it_at_once_hold_it_once(ledger_on: Stage):
    claims = [begun() for _ in range(6)]

    def meet(claim):
        return lambda: settle(claim, Outcome("held", error_code="20003", sender=OURS))

    assert faults(at_once(ledger_on.app, [meet(one) for one in claims])) == []
    assert stands([one.id for one in claims]) == ["queued"] * 6
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HeldSender)) == 1
    assert db.session.scalar(sa.select(sa.func.sum(Message.attempts))) == 0


def test_only_one_worker_tries_it(ledger_on: Stage, monday_morning):
    settle(begun(), Outcome("held", error_code="20003", sender=OURS))
    monday_morning.shift(timedelta(minutes=2))
    tried = at_once(ledger_on.app, [lambda: len(held.due())] * 4)
    assert faults(tried) == []
    assert sum(tried) == 1
