"""STOP and START, to the number of one organisation and to the one that others share, against a
model: the word said to one goes before that said to all. Whoever asks gets the same answer."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.consents.models import EndedOptOut, OptOut, TextConsent
from clinic.messaging.inbound import stops
from clinic.messaging.inbound.answers import Inbound
from clinic.messaging.models import Attempt, Message, SenderBucket, SenderIdentity
from clinic.messaging.queueing import refusals
from clinic.messaging.queueing.queries import stop_of, stops_at
from clinic.messaging.queueing.reach import why_stopped
from clinic.messaging.senders import chosen
from tests.messaging.ledger_helpers import ASHA, begin, claimed, queued

pytestmark = pytest.mark.usefixtures("ledger_on")

CHANNELS = ("sms", "whatsapp")
OWN, SHARED = {"sms": "+447700900111", "whatsapp": "+447700900112"}, "+447700900999"
IN_FORCE = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
says = st.lists(
    st.tuples(
        st.sampled_from(("stop", "stop", "start", "desk stops", "account allows")),
        st.sampled_from(("own", "shared")),
        st.sampled_from(CHANNELS),
    ),
    max_size=6,
)


class Model:
    """What each organisation may: the word said to it alone, else that said to all."""

    def __init__(self):
        self.of_all = dict.fromkeys(CHANNELS, False)
        self.of_one = {}  # organisation and channel -> whether it is stopped

    def say(self, act, place, channel, served):
        if act == "account allows":
            self.__init__()
        elif act == "desk stops":
            self.of_one |= {(place, one): True for one in CHANNELS}
        elif place and act == "start" and not self.of_all[channel]:
            self.of_one.pop((place, channel), None)  # to allow what nobody forbids is nothing
        elif place:
            self.of_one[place, channel] = act == "stop"
        else:
            self.of_all[channel] = act == "stop"
            for (one, by), is_stopped in list(self.of_one.items()):
                is_here = by == channel and (act == "start" or one in served)
                if is_here and (not is_stopped or (act == "start" and one in served)):
                    del self.of_one[one, by]

    def is_stopped(self, place, channel):
        return self.of_one.get((place, channel), self.of_all[channel])


@transactional
def empty():
    for table in (Attempt, OptOut, EndedOptOut, Message, SenderBucket, SenderIdentity):
        db.session.execute(sa.delete(table))
    chosen.senders().forget()


@transactional
def with_own_senders(organisation_id, channels):
    for channel in channels:
        db.session.add(SenderIdentity(
            organisation_id=organisation_id, channel=channel, value=OWN[channel], rate=1000,
            kind="long_code" if channel == "sms" else "whatsapp", can_reply=True, countries=[],
            opt_outs_by="us", verified_at=clock.now(), is_default=True, created_at=clock.now(),
        ))  # fmt: skip
    db.session.flush()
    chosen.senders().forget()


@transactional
def say(act, place, channel):
    if act == "account allows":
        refusals.end_refusal(ASHA, how="account")
    elif act == "desk stops":
        refusals.remember_refusal(ASHA, "opted_out", "desk", place=place)
    else:
        text = Inbound("SM1", ASHA, OWN[channel] if place else SHARED, act, channel)
        (stops.opt_out if act == "stop" else stops._opt_in)(text, uuid4())


@IN_FORCE
@given(said=says)
def test_everybody_who_asks_hears_what_was_said_last(ledger_on, said):
    empty()
    one, other = ledger_on.cast.harbour, ledger_on.cast.elsewhere
    with_own_senders(one, CHANNELS)
    model = Model()
    for act, whose, channel in said:
        place = one if whose == "own" or act == "desk stops" else None
        say(act, place, channel)
        model.say(act, place, channel, served=(other,))
    wanted = {(p, c): model.is_stopped(p, c) for p in (one, other, None) for c in CHANNELS}

    found = {}
    for place, channel in wanted:
        row = db.session.scalar(sa.select(stop_of(sa.literal(ASHA), place)))
        found[place, channel] = why_stopped(row, channel) == "opted_out"
    assert found == wanted
    for place in (one, other):
        listed = {name for stop in stops_at(ASHA, place) for name in stop.channels}
        assert listed == {name for name in CHANNELS if wanted[place, name]}

    ids = {key: queued(organisation_id=key[0], channel=key[1])[0] for key in wanted}
    for claim in claimed():
        begin(claim)
    stand = dict(db.session.execute(sa.select(Message.id, Message.status)).all())
    assert {key: stand[ids[key]] for key in wanted} == {
        key: "skipped" if is_stopped else "sending" for key, is_stopped in wanted.items()
    }


@pytest.mark.parametrize("is_own", [True, False])
def test_what_waits_for_those_who_are_stopped_goes_no_more(ledger_on, is_own):
    empty()
    one, other = ledger_on.cast.harbour, ledger_on.cast.elsewhere
    with_own_senders(one, ("sms",))
    say("stop", None, "sms")
    say("start", one, "sms")
    places = (one, other, None)
    ids = {place: queued(organisation_id=place)[0] for place in places}
    by_whatsapp = queued(organisation_id=one, channel="whatsapp")[0]
    say("stop", one if is_own else None, "sms")
    stand = dict(db.session.execute(sa.select(Message.id, Message.status)).all())
    assert stand[ids[one]] == ("skipped" if is_own else "queued")
    assert stand[ids[other]] == stand[ids[None]] == "skipped"  # both were stopped before
    assert stand[by_whatsapp] == "queued"


def test_each_word_is_kept(ledger_on):
    """With whose texts they are, by which channel and how."""
    empty()
    one, number = ledger_on.cast.harbour, f"+44{uuid4().int % 10**10}"  # rows of before stay
    remember = transactional(refusals.remember_refusal)
    remember(number, "opted_out", "stop_word", ("sms",))
    remember(number, "opted_out", "stop_word", ("sms",))  # says nothing new
    remember(number, "opted_out", "mail", place=one)
    remember(number, "opted_out", "21610", ("whatsapp",))
    refusals.end_by_word(number, "sms", None)
    kept = (TextConsent.is_given, TextConsent.channel, TextConsent.organisation_id, TextConsent.how)
    rows = db.session.execute(
        sa.select(*kept).where(TextConsent.address == number).order_by(TextConsent.at)
    ).all()
    assert sorted(map(str, rows)) == sorted(
        str(row)
        for row in [
            (False, "sms", None, "text"),
            (False, "sms", one, "mail"),
            (False, "whatsapp", one, "mail"),
            (False, "whatsapp", None, "provider"),
            (True, "sms", None, "text"),
            (True, "sms", one, "text"),  # it is served by the shared one
        ]
    )
