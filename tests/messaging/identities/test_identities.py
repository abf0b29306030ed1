"""Senders of an organisation: named, proven by a code or at the provider, and used."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import Invalid, NotFound, TooMany, Unavailable
from clinic.messaging import channels, jobs
from clinic.messaging.delivery import ledger
from clinic.messaging.errors import NotProven, SenderTaken
from clinic.messaging.identities import queries, service
from clinic.messaging.models import Message
from clinic.messaging.queueing.messages import NewMessage, drafted
from clinic.messaging.senders import chosen, held
from clinic.messaging.senders.kinds import KINDS, kind_of
from clinic.messaging.words import rendering
from clinic.messaging.words.catalogue import INVITING
from clinic.messaging.words.rendering import When, placeholder
from tests.fakes.twilio_account import refusal
from tests.messaging.ledger_helpers import ASHA, claimed, message, queued
from tests.questions import asked

NUMBER, OTHER = "+442079460142", "+442079460143"
SERVICE = "MG" + "0123456789abcdef" * 2
TOLL_FREE = "+18005550100"


@pytest.fixture(autouse=True)
def fresh(in_app):
    chosen.senders().forget()
    yield
    chosen.senders().forget()


@pytest.fixture
def amir(cast):
    return cast.amir.actor


def created(actor, value=NUMBER, **more):
    return service.create({"value": value, **more}, actor)


def code_sent(value=NUMBER):
    """As it stands in the development inbox, or at the provider."""
    query = sa.select(Message).where(Message.address == value, Message.template == "code")
    row = db.session.scalars(query.order_by(Message.created_at.desc())).first()
    return re.search(r"\b\d{6}\b", rendering.with_secrets(row.body))[0]


def proven(actor, value=NUMBER, **more):
    one = created(actor, value, **more)
    service.verify(one, None, actor)
    service.verify(one, code_sent(value), actor)
    return one


def used(actor, value=NUMBER, **more):
    one = proven(actor, value, **more)
    service.make_default(one, actor)
    return one


# --- kinds, as they are written


@pytest.mark.parametrize(
    ("value", "channel", "kind"),
    [
        (NUMBER, None, "long_code"),
        (TOLL_FREE, None, "toll_free"),
        ("60999", None, "short_code"),
        ("HARBOUR", None, "alphanumeric"),
        (SERVICE, None, "messaging_service"),
        ("desk@harbour.example", None, "email"),
        (NUMBER, "whatsapp", "whatsapp"),
        ("desk@harbour.example", "sms", None),
        ("", None, None),
        ("A name of more than eleven", None, None),
    ],
)
def test_a_value_tells_its_kind(value, channel, kind):
    assert kind_of(value, channel) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_abilities(kind):
    assert KINDS[kind].can_reply == (kind != "alphanumeric")
    assert KINDS[kind].rate > 0
    assert (KINDS["long_code"].rate, KINDS["toll_free"].rate) == (1, 3)
    assert (KINDS["short_code"].rate, KINDS["messaging_service"].rate) == (100, 80)


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "HARBOUR", "kind": "long_code"},
        {"value": NUMBER, "kind": "messaging_service"},
        {"value": NUMBER, "kind": "long_code", "channel": "email"},
        {"value": "nobody", "channel": "email"},
        {"value": "nobody", "channel": "whatsapp"},
    ],
)
def test_what_does_not_fit_is_refused(amir, wrong):
    with pytest.raises(Invalid):
        service.create(wrong, amir)


def test_a_number_may_be_written_with_spaces(amir):
    assert queries.sender(created(amir, "+44 20 7946 0142"), amir).value == NUMBER


def test_nobody_answers_a_name(amir):
    one = created(amir, "HARBOUR", can_reply=True)
    assert not queries.sender(one, amir).can_reply
    with pytest.raises(Invalid):
        service.change(one, {"can_reply": True}, amir)


# --- proof


def test_a_number_is_proven_by_the_code_that_went_there(amir):
    one = created(amir)
    service.verify(one, None, amir)
    assert queries.sender(one, amir).waits_for_code
    right = code_sent()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    with pytest.raises(Invalid):
        service.verify(one, wrong, amir)
    assert not queries.sender(one, amir).verified
    service.verify(one, f" {right[:3]} {right[3:]} ", amir)
    assert queries.sender(one, amir).verified


def test_a_code_ends_after_a_quarter_of_an_hour_and_after_five_tries(amir, monday_morning):
    one = created(amir)
    service.verify(one, None, amir)
    right = code_sent()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(Invalid):
            service.verify(one, wrong, amir)
    with pytest.raises(TooMany):
        service.verify(one, right, amir)
    monday_morning.shift(timedelta(minutes=15))
    with pytest.raises(Invalid):
        service.verify(one, right, amir)


def test_codes_do_not_follow_one_another_at_once(amir, monday_morning):
    one = created(amir)
    service.verify(one, None, amir)
    with pytest.raises(TooMany):
        service.verify(one, None, amir)
    monday_morning.shift(timedelta(minutes=1, seconds=1))
    service.verify(one, None, amir)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(SERVICE, "messaging_service"), ("60999", "short_code"), ("HARBOUR", "alphanumeric")],
)
def test_what_no_code_reaches_is_looked_up_at_the_provider(twilio, set_up, amir, value, kind):
    set_up(twilio_messaging_service_sid=SERVICE)
    one = created(amir, value)
    assert queries.sender(one, amir).kind == kind
    with pytest.raises(NotProven):
        service.verify(one, None, amir)
    twilio.account.services[SERVICE] = OTHER
    twilio.account.short_codes.append("60999")
    twilio.account.names[SERVICE] = ["Harbour"]
    service.verify(one, None, amir)
    assert queries.sender(one, amir).verified


def test_without_a_provider_nobody_can_be_asked(amir):
    with pytest.raises(Unavailable):
        service.verify(created(amir, SERVICE), None, amir)


def test_a_number_of_whatsapp_is_proven_by_sms_where_none_goes_by_whatsapp_yet(
    twilio, set_up, amir
):
    set_up(environment="production")
    one = created(amir, channel="whatsapp")
    service.verify(one, None, amir)
    query = sa.select(Message.channel).where(Message.address == NUMBER)
    assert db.session.scalars(query).all() == ["sms"]


def test_where_nothing_can_be_sent_no_code_is_promised(set_up, amir):
    set_up(environment="production")
    with pytest.raises(Unavailable):
        service.verify(created(amir), None, amir)


def test_what_the_settings_name_needs_no_code(twilio, amir):
    one = created(amir, "+447700900999")
    service.verify(one, None, amir)
    assert queries.sender(one, amir).verified


def test_a_sender_belongs_to_one_organisation(cast, amir):
    farid = next(one for one in cast.people.values() if one.organisation_id == cast.elsewhere)
    actor = farid.actor.__class__(
        role="admin", user_id=farid.actor.user_id, organisation_id=cast.elsewhere
    )
    proven(amir)
    theirs = created(actor)
    with pytest.raises(NotFound):
        service.verify(theirs, None, amir)
    service.verify(theirs, None, actor)
    with pytest.raises(SenderTaken):
        service.verify(theirs, code_sent(), actor)


def test_the_same_twice_is_refused_until_it_is_removed(amir):
    one = created(amir)
    with pytest.raises(SenderTaken):
        created(amir)
    service.remove(one, amir)
    created(amir)


# --- use


def test_only_what_is_proven_is_used_and_one_of_each_channel(amir):
    one = created(amir)
    with pytest.raises(NotProven):
        service.make_default(one, amir)
    first, second = used(amir, OTHER), used(amir, TOLL_FREE)
    assert not queries.sender(first, amir).is_default
    assert queries.sender(second, amir).is_default
    assert [own.value for own in chosen.senders().all().values()] == [TOLL_FREE]


def test_the_organisations_own_goes_before_what_the_settings_name(twilio, set_up, cast, amir):
    set_up(twilio_from_patient="+447700900991")
    (before,) = queued(organisation_id=cast.harbour)
    jobs.deliver_due()
    used(amir)
    (own,) = queued(organisation_id=cast.harbour)
    (other,) = queued(organisation_id=cast.elsewhere)
    (code,) = queued()
    jobs.deliver_due()
    from_whom = [message(one).sender for one in (before, own, other, code)]
    assert from_whom == ["+447700900991", NUMBER, "+447700900991", "+447700900991"]


def test_letters_go_from_the_organisations_own_address(post_office, cast, amir):
    used(amir, "desk@harbour.example")
    queued(organisation_id=cast.harbour, channel="email", address="asha@cast.example")
    jobs.deliver_due()
    (letter,) = post_office.to("asha@cast.example")
    assert letter.message["From"] == "desk@harbour.example"


def test_what_is_removed_is_used_no_more(twilio, cast, amir):
    one = used(amir)
    service.remove(one, amir)
    (text,) = queued(organisation_id=cast.harbour)
    jobs.deliver_due()
    assert message(text).sender == "+447700900999"


def test_no_message_costs_a_statement_for_its_sender(twilio, cast, amir):
    used(amir)
    queued(30, organisation_id=cast.harbour)
    chosen.senders().all()
    with asked() as heard:
        claimed()
    assert not [one for one in heard if "sender_identities" in one]


# --- rates, and what is held


def test_a_long_code_sends_one_a_second_and_keeps_nobody_waiting(
    twilio, cast, amir, monday_morning, monkeypatch
):
    used(amir)
    jobs.deliver_due()
    monday_morning.move_to(clock.now() + timedelta(minutes=1), tick=False)
    monkeypatch.setattr(jobs, "LONGEST_RUN_S", 3)
    slow = queued(150, organisation_id=cast.harbour)
    fast = queued(20, organisation_id=cast.elsewhere)
    jobs.deliver_due()
    assert [message(one).status for one in fast] == ["sent"] * 20
    assert sum(message(one).status == "sent" for one in slow) == 1


def test_a_long_code_takes_two_seconds_for_a_text_of_two_parts(cast, amir, monday_morning):
    used(amir)
    jobs.deliver_due()
    monday_morning.move_to(clock.now() + timedelta(minutes=1), tick=False)
    queued(8, organisation_id=cast.harbour, parts=2)
    began, begun = clock.now(), []
    for _ in range(12):
        found = ledger.begin(claimed(), {"sms": 8})
        ledger.give_back(found.later)
        begun += [(clock.now() - began).total_seconds()] * len(found.begun)
        monday_morning.shift(timedelta(seconds=0.5))
    assert begun == [0, 2, 4]


def test_a_text_knows_its_parts(cast):
    words = {"organisation": "Harbour Clinic", "phone": "", "title": "", "message": ""}
    for said, parts in (
        ("Please come. " * 20, 2),
        ("\u0928\u092e\u0938\u094d\u0924\u0947 " * 20, 3),
    ):
        for channel, expected in (("sms", parts), ("whatsapp", 1), ("email", 1)):
            new = NewMessage(cast.harbour, channel, ASHA, "own_reminder", words | {"said": said})
            assert drafted(new)["parts"] == expected


def test_a_rate_of_ones_own_overrides_the_kinds(amir):
    used(amir, rate=25)
    assert chosen.rates() == {NUMBER: 25}


def test_a_held_sender_holds_its_organisation_alone(twilio, cast, amir):
    used(amir)
    jobs.deliver_due()
    twilio.account.senders[NUMBER] = refusal(400, 21606)
    (own,), (other,) = queued(organisation_id=cast.harbour), queued(organisation_id=cast.elsewhere)
    jobs.deliver_due()
    assert (message(own).status, message(other).status) == ("queued", "sent")
    assert held.kinds() == {chosen.own_kind(cast.harbour, "sms")}
    (standing,) = held.standing()
    assert (standing.sender, standing.waiting) == (f"sms:{NUMBER}", 1)


def test_an_own_sender_goes_on_while_that_of_the_settings_is_held(twilio, cast, amir):
    used(amir)
    jobs.deliver_due()
    twilio.account.senders["+447700900999"] = refusal(400, 21606)
    (own,), (other,) = queued(organisation_id=cast.harbour), queued(organisation_id=cast.elsewhere)
    jobs.deliver_due()
    assert (message(own).status, message(other).status) == ("sent", "queued")


@pytest.mark.usefixtures("in_app")
def test_nobody_is_reached_at_a_sender_of_ours(amir):
    used(amir)
    assert channels.is_our_own(NUMBER)
    assert not channels.is_our_own(ASHA)


def test_claims_know_their_kinds(cast, amir):
    used(amir)
    assert chosen.own_kind(cast.harbour, "sms") in ledger.kinds()
    assert chosen.kind_of("sms", "patient", cast.harbour) == chosen.own_kind(cast.harbour, "sms")
    assert chosen.kind_of("sms", "patient", cast.elsewhere) == "sms:patient"


# --- where nobody can answer


def visit_values():
    at = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
    return {
        "organisation": "Harbour Clinic",
        "doctor": "Dr Chandra Iyer",
        "place": "Quay Street",
        "when": When(at, ZoneInfo("Europe/London")),
        "code": "K7P4Q",
        "link": placeholder("link:visit", UUID(int=7)),
        "phone": "+442079460142",
    }


@pytest.mark.parametrize("template", sorted(INVITING))
def test_a_text_asks_for_a_reply_only_where_one_can_come(twilio, set_up, cast, template):
    bodies = []
    for sender in ("+447700900999", "HARBOUR", SERVICE):
        set_up(twilio_from=sender)
        new = NewMessage(cast.harbour, "sms", ASHA, template, visit_values())
        bodies.append(drafted(new)["body"])
    number, name, service = bodies
    assert number == service
    assert "Reply" not in name
    assert ("Reply" in number) == (template != "visit_requested")
    assert name.endswith(visit_values()["link"])


def test_letters_are_answered_whatever_their_address_is(in_app, cast):
    assert chosen.can_reply(cast.harbour, "email", "patient")
