"""An organisation says its messages in words of its own, and they keep what makes them of use."""

import pytest
import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.outside import links
from clinic.core.data.db import db, transactional
from clinic.core.errors import Forbidden, Invalid, NotFound
from clinic.events.models import EventRow
from clinic.messaging import jobs
from clinic.messaging.errors import WordingChanged
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.senders import chosen
from clinic.messaging.wording import queries, sample, service
from clinic.messaging.words import gsm, rendering
from clinic.messaging.words.own import substitution
from clinic.messaging.words.own import wordings as own
from clinic.messaging.words.own.wordings import Own, wordings
from tests.factories import book
from tests.messaging.ledger_helpers import ASHA
from tests.questions import asked

pytestmark = pytest.mark.usefixtures("in_app")

BODY = "{organisation}: we look forward to you {day}, {time}, {doctor}. {reply} {link}"
REMINDER = ("visit_reminder", "sms", "en")
READ = "Harbour Clinic: we look forward to you Mon 16 Nov, 09:00, Dr Chandra Iyer."
REPLY = " Reply C to confirm, X to cancel."


@pytest.fixture(autouse=True)
def fresh(in_app):
    wordings().forget()
    yield
    wordings().forget()


@pytest.fixture
def amir(cast):
    return cast.amir.actor


def values(visit, **more):
    return {
        "organisation": "Harbour Clinic",
        "phone": "+442079460142",
        "doctor": "Dr Chandra Iyer",
        "place": "Quay Street",
        "day": "Mon 16 Nov",
        "time": "09:00",
        "code": "K7P4Q",
        "link": rendering.placeholder("link:visit", visit.id),
        **more,
    }


def body_of(cast, visit, channel="sms", language="en", template="visit_reminder", **more):
    """Of the message that is queued now."""
    to = "asha@cast.example" if channel == "email" else ASHA
    said = values(visit, **more)
    news = NewMessage(cast.harbour, channel, to, template, said, language=language)
    transactional(messages.queue_messages)([news])
    body = db.session.scalars(sa.select(Message.body).where(Message.template == template)).one()
    transactional(db.session.execute)(sa.delete(Message))
    return body


@pytest.fixture
def visit(cast):
    made = book(cast.asha, cast.dr_chandra)
    transactional(db.session.execute)(sa.delete(Message))
    return made


def test_messages_are_said_in_its_words_from_then_on(cast, amir, visit):
    link = f"{{link:visit:{visit.id}}}"
    assert "see you Mon 16 Nov" in body_of(cast, visit)
    service.save(*REMINDER, Own(BODY), amir)
    assert body_of(cast, visit) == f"{READ}{REPLY} {link}"
    assert body_of(cast, visit, confirms=False) == f"{READ} Reply X to cancel. {link}"
    assert body_of(cast, visit, confirms=False, cancels=False) == f"{READ} {link}"
    several = body_of(cast, visit, is_one_of_several=True)
    assert several.endswith(f" Reply C K7P4Q to confirm, X K7P4Q to cancel. {link}")
    assert body_of(cast, visit, channel="whatsapp") == f"{READ}{REPLY} {link}"
    assert "we look forward" not in body_of(cast, visit, channel="email")
    service.remove(*REMINDER, amir)
    assert "see you Mon 16 Nov" in body_of(cast, visit)


def test_where_no_answer_comes_back_nothing_asks_for_one(cast, amir, visit, monkeypatch):
    monkeypatch.setattr(chosen, "can_reply", lambda *_: False)
    service.save(*REMINDER, Own(BODY), amir)
    assert body_of(cast, visit) == f"{READ} {{link:visit:{visit.id}}}"


def test_only_the_placeholder_is_kept_and_only_the_call_knows_the_link(cast, amir, twilio, visit):
    service.save(*REMINDER, Own(BODY), amir)
    news = NewMessage(cast.harbour, "sms", ASHA, "visit_reminder", values(visit))
    transactional(messages.queue_messages)([news])
    key = visit.id
    assert links.token_of(key) not in db.session.scalars(sa.select(Message.body)).one()
    jobs.deliver_due()
    (text,) = twilio.account.texts.values()
    assert text.body.endswith(links.link_of(str(key)))


def test_what_people_are_called_is_never_read_as_a_variable(cast, amir, visit):
    service.save(*REMINDER, Own(BODY), amir)
    said = body_of(cast, visit, doctor="{link} {code}")
    assert "(link) (code)" in said
    assert said.count("{") == 1


def test_long_names_give_way_and_words_that_cannot_be_one_text_do_as_well(cast, amir, visit):
    service.save(*REMINDER, Own(BODY), amir)
    long = {"doctor": "Professor Doctor Venkatanarasimharajuvaripeta Subrahmanyan-Featherstone"}
    said = body_of(cast, visit, **long)
    assert gsm.fits(rendering.with_secrets(said))
    assert "we look forward" in said
    foreign = {"organisation": "हार्बर क्लिनिक और अस्पताल", "doctor": "डॉक्टर चंद्रा अय्यर सुब्रमण्यम"}
    assert gsm.fits(rendering.with_secrets(body_of(cast, visit, **foreign)))


@pytest.mark.parametrize(
    ("language", "reads"),
    [("hi", "हार्बर"), ("fr", "we look forward"), ("en-GB", "we look forward")],
)
def test_each_language_has_its_own(cast, amir, visit, language, reads):
    service.save(*REMINDER, Own(BODY), amir)
    hindi = "{organisation}: हार्बर {day}, {time} {link}"
    service.save("visit_reminder", "sms", "hi", Own(hindi), amir)
    assert reads in body_of(cast, visit, language=language)


def test_whatsapp_may_have_words_of_its_own(cast, amir, visit):
    service.save(*REMINDER, Own(BODY), amir)
    chat = "{organisation}: hello! {day}, {time} {link}"
    service.save("visit_reminder", "whatsapp", "en", Own(chat), amir)
    assert "hello!" in body_of(cast, visit, channel="whatsapp")
    assert "we look forward" in body_of(cast, visit)


def test_letters_have_a_subject_and_lines(cast, amir, visit):
    body = "Dear patient,\n\n{day}, {time}, {zone}\n{doctor}, {place}\n\n{link}\n\n{organisation}"
    letter = Own(body, "{organisation}: soon, on {day}")
    service.save("visit_reminder", "email", "en", letter, amir)
    said = body_of(cast, visit, channel="email")
    assert said.startswith("Dear patient,\n\nMon 16 Nov, 09:00")
    assert said.endswith("Harbour Clinic\n")


def test_another_organisation_says_what_it_said(cast, amir, visit):
    service.save(*REMINDER, Own(BODY), amir)
    news = NewMessage(cast.elsewhere, "sms", ASHA, "visit_reminder", values(visit))
    transactional(messages.queue_messages)([news])
    assert "see you Mon 16 Nov" in db.session.scalars(sa.select(Message.body)).one()


@pytest.mark.parametrize(
    ("words", "field", "code"),
    [
        ("Hello {day}, {time} {link}", "body", "first"),
        ("{organisation}: {time} {link}", "body", "missing"),
        ("{organisation}: {day}, {time}", "body", "missing"),
        ("{organisation}: {day}, {time} {reason} {link}", "body", "unknown"),
        ("{organisation}: {day}, {time} } {link}", "body", "brace"),
        ("{organisation}: {day}, {time} {link} see harbour.example", "body", "address"),
        ("{organisation}: {day}, {time} {link} " + "very " * 20, "body", "too_long"),
        ("{organisation}: {day}, {time} {link} " + "x" * 400, "body", "too_long"),
    ],
)
def test_words_that_would_be_of_no_use_are_refused(amir, words, field, code):
    with pytest.raises(Invalid) as refused:
        service.save(*REMINDER, Own(words), amir)
    assert (field, code) in [(one.field, one.code) for one in refused.value.errors]
    assert queries.one(*REMINDER, amir).version == 0


def test_a_subject_begins_with_who_writes_and_holds_no_link(amir):
    body = "{day}, {time}\n{link}\n{organisation}"
    for subject in ("Soon", "{organisation}: {link}", None):
        with pytest.raises(Invalid):
            service.save("visit_reminder", "email", "en", Own(body, subject), amir)


def test_who_was_faster_is_not_overwritten(amir):
    service.save(*REMINDER, Own(BODY), amir, 0)
    with pytest.raises(WordingChanged):
        service.save(*REMINDER, Own(BODY), amir, 0)
    service.save(*REMINDER, Own(BODY), amir, 1)
    assert queries.one(*REMINDER, amir).version == 2


def test_who_may(cast, amir):
    for other in (cast.esha.actor, cast.gita.actor, cast.dr_chandra.actor, Actor(role="patient")):
        with pytest.raises(Forbidden):
            service.save(*REMINDER, Own(BODY), other)
    for unknown in (("reset", "sms", "en"), ("visit_reminder", "fax", "en"), (*REMINDER[:2], "xx")):
        with pytest.raises(NotFound):
            service.save(*unknown, Own(BODY), amir)


def test_it_is_noted_without_words(amir):
    service.save(*REMINDER, Own(BODY), amir)
    service.remove(*REMINDER, amir)
    named = EventRow.name.startswith("message_template.")
    query = sa.select(EventRow.name, EventRow.payload).where(named)
    rows = db.session.execute(query.order_by(EventRow.at)).all()
    assert [row.name for row in rows] == ["message_template.updated", "message_template.deleted"]
    assert {tuple(row.payload) for row in rows} == {("message_template_id",)}


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "email"])
@pytest.mark.parametrize("template", substitution.WORDED)
def test_the_standard_words_pass_our_own_rules_and_say_the_same(
    cast, amir, visit, template, channel
):
    standard = sample.standard(template, channel, "en")
    given = service.judged(template, channel, "en", standard, amir)
    before = body_of(cast, visit, channel, template=template, zone="GMT", address="12 Quay Street")
    service.save(template, channel, "en", given, amir)
    after = body_of(cast, visit, channel, template=template, zone="GMT", address="12 Quay Street")
    assert after == before


def test_previews_tell_both_forms_and_what_they_cost(cast, amir):
    both = sample.previews(cast.harbour, *REMINDER, Own(BODY))
    assert (both.answered.parts, both.answered.encoding) == (1, "GSM-7")
    assert both.answered.length == len(both.answered.text)
    assert "Reply C" in both.answered.text
    assert "Reply C" not in both.unanswered.text
    assert "/visit/" in both.answered.text
    one = sample.previews(
        cast.harbour, *REMINDER, Own("{organisation}: Привет {day} {time} {link}")
    )
    assert (one.answered.encoding, one.unanswered) == ("UCS-2", None)
    long = sample.previews(cast.harbour, *REMINDER, Own("{organisation}: " + "word " * 60))
    assert long.answered.parts == 3


def test_many_messages_cost_no_statement_more(cast, amir, visit, monkeypatch):
    service.save(*REMINDER, Own(BODY), amir)
    wordings().all()
    moment = own.time.monotonic()
    monkeypatch.setattr(own.time, "monotonic", lambda: moment)
    news = [
        NewMessage(cast.harbour, "sms", f"+4477009000{one}", "visit_reminder", values(visit))
        for one in range(10, 60)
    ]
    with asked() as statements:
        transactional(messages.queue_messages)(news)
    assert not [one for one in statements if "message_templates" in one]


def test_another_process_reads_it_some_seconds_later(cast, amir, visit, monkeypatch):
    assert "see you" in body_of(cast, visit)
    service.save(*REMINDER, Own(BODY), amir)
    wordings()._until = float("inf")  # as a process that did not change it
    monkeypatch.setattr(wordings(), "_known", {})
    assert "see you" in body_of(cast, visit)
    wordings().forget()
    monkeypatch.setattr(wordings(), "_version", None)
    assert "we look forward" in body_of(cast, visit)
