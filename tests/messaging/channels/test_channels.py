"""What each answer of Twilio and of a mail server means, by the real SDK and real SMTP."""

import socket
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.messaging import channels, jobs
from clinic.messaging.channels.call import Claim, Content
from clinic.messaging.consents.models import OptOut
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from tests.fakes.smtp import Answer
from tests.fakes.twilio_account import NAMED, OPTED_OUT, RESET_AFTER_ACCEPT, refusal
from tests.messaging.ledger_helpers import ASHA, attempts, message, queued

pytestmark = pytest.mark.usefixtures("in_app")

TEXT = Content("Harbour Clinic: see you Mon 16 Nov, 09:00.")
LETTER = Content("Dear Asha,\n\nsee you.\n", "Your visit\r\nBcc: all", "<p>Dear Asha,</p>")


def claim(channel="sms", audience="patient", address=ASHA, calendar=None) -> Claim:
    who = (None, channel, audience, address, None)
    return Claim(uuid4(), uuid4(), *who, "Your visit", "", calendar, None, 1)


def letter_to_asha(**more) -> Claim:
    return claim("email", address="asha@cast.example", **more)


# --- Twilio


@pytest.mark.parametrize(
    ("mode", "kind", "code", "taken"),
    [
        ("200", "sent", None, 1),
        ("429", "retry", "20429", 0),
        ("503", "retry", "20503", 0),
        ("500", "uncertain", "20500", 0),
        ("500_after_accept", "uncertain", "20500", 1),
        ("reset", "uncertain", "ConnectionError", 0),
        ("reset_after_accept", "uncertain", "ConnectionError", 1),
        ("hang", "uncertain", "ReadTimeout", 0),
        ("hang_after_accept", "uncertain", "ReadTimeout", 1),
        ("400", "failed", "21211", 0),
        (refusal(400, 21610), "opted_out", "21610", 0),
        (refusal(400, 30003), "unreachable", "30003", 0),
        (refusal(502), "uncertain", "502", 0),
        (refusal(504), "uncertain", "504", 0),
        (refusal(403), "held", "403", 0),
    ],
)
def test_each_answer_of_twilio_has_its_meaning(twilio, mode, kind, code, taken):
    twilio.account.answer_with(NAMED[mode] if isinstance(mode, str) else mode)
    outcome = channels.send(claim(), TEXT)
    assert (outcome.kind, outcome.error_code) == (kind, code)
    assert sum(twilio.account.counts().values()) == taken
    assert outcome.sender == "+447700900999"


def test_nothing_listens_so_nothing_was_taken_and_it_is_tried_again(twilio):
    twilio.refuse()
    outcome = channels.send(claim(), TEXT)
    assert (outcome.kind, outcome.error_code) == ("retry", "refused")


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_name_that_cannot_be_resolved_took_nothing_and_it_is_tried_again(
    twilio, set_up, monkeypatch, channel
):
    def resolve(*_):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: resolve())
    set_up(smtp_host="mail.harbour.example")
    outcome = channels.send(letter_to_asha() if channel == "email" else claim(), TEXT)
    assert (outcome.kind, outcome.error_code) == ("retry", "refused")


def test_a_wrong_password_is_a_fault_of_ours(twilio, set_up):
    set_up(twilio_auth_token="another token")
    assert channels.send(claim(), TEXT).kind == "held"
    assert not channels.probe("twilio")


def test_the_call_names_our_message_for_the_reports(twilio):
    one = claim()
    outcome = channels.send(one, TEXT)
    (text,) = twilio.account.texts.values()
    assert twilio.account.counts() == {str(one.id): 1}
    assert text.callback == f"https://clinic.example/api/v1/twilio/status?m={one.id}"
    assert (text.sid, text.to, text.body) == (outcome.provider_id, ASHA, TEXT.text)


@pytest.mark.parametrize(
    ("audience", "own", "sender"),
    [
        ("patient", {"twilio_from_patient": "+447700900991"}, "+447700900991"),
        ("doctor", {"twilio_from_doctor": "+447700900992"}, "+447700900992"),
        ("doctor", {"twilio_from_patient": "+447700900991"}, "+447700900999"),
        ("patient", {}, "+447700900999"),
        ("staff", {}, "+447700900999"),
    ],
)
def test_each_audience_reads_a_number_of_its_own_if_there_is_one(
    twilio, set_up, audience, own, sender
):
    set_up(**own)
    assert channels.send(claim(audience=audience), TEXT).sender == sender
    assert [text.sender for text in twilio.account.texts.values()] == [sender]


def test_whatsapp_goes_from_its_own_number(twilio, set_up):
    set_up(twilio_whatsapp_from="+447700900993")
    twilio.account.wrote(f"whatsapp:{ASHA}")
    channels.send(claim("whatsapp"), TEXT)
    (text,) = twilio.account.texts.values()
    assert (text.to, text.sender) == (f"whatsapp:{ASHA}", "whatsapp:+447700900993")


@pytest.mark.parametrize("channel", ["whatsapp", "email"])
def test_a_channel_without_a_provider_is_skipped_in_production(twilio, set_up, channel):
    set_up(environment="production")
    outcome = channels.send(claim(channel), TEXT)
    assert (outcome.kind, outcome.error_code) == ("skipped", "not_configured")
    assert twilio.account.counts() == {}


# --- letters


@pytest.mark.parametrize(
    ("answer", "kind", "code", "taken"),
    [
        (Answer.ACCEPT, "sent", None, 1),
        (Answer.DEFER, "retry", "451", 0),
        (Answer.DEFER_DATA, "retry", "451", 0),
        (Answer.REJECT, "failed", "550", 0),
        (Answer.HANG, "retry", "broke_off", 0),
        (Answer.DROP, "retry", "broke_off", 0),
        (Answer.HANG_AFTER_DATA, "uncertain", None, 1),
        (Answer.DROP_AFTER_DATA, "uncertain", "SMTPServerDisconnected", 1),
    ],
)
def test_each_answer_of_a_mail_server_has_its_meaning(post_office, answer, kind, code, taken):
    post_office.answer_with(answer)
    outcome = channels.send(letter_to_asha(), LETTER)
    assert outcome.kind == kind
    assert outcome.error_code == code or (kind == "uncertain" and outcome.error_code)
    assert (len(post_office.letters), post_office.attempts) == (taken, 1)


def test_no_mail_server_listens_so_it_is_tried_again(post_office):
    post_office.refuse()
    outcome = channels.send(letter_to_asha(), LETTER)
    assert (outcome.kind, outcome.error_code) == ("retry", "refused")


def test_a_letter_is_said_twice_and_carries_the_appointment(post_office):
    entry = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nSUMMARY:Dr Łucja Wäber\r\nEND:VCALENDAR\r\n"
    one = letter_to_asha(calendar=entry)
    assert channels.send(one, LETTER).provider_id == f"<{one.id}@harbour.example>"
    (letter,) = post_office.to("asha@cast.example")
    assert letter.message["Subject"] == "Your visit Bcc: all"
    assert letter.message["Bcc"] is None
    assert letter.message["Message-ID"] == f"<{one.id}@harbour.example>"
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.text().startswith("Dear Asha,")
    assert "<p>Dear Asha,</p>" in letter.text("html")
    (file,) = letter.message.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "appointment.ics")
    assert (file.get_param("charset"), file.get_param("method")) == ("utf-8", "CANCEL")
    assert file.get_payload(decode=True) == entry.encode()


def test_in_production_no_letter_travels_in_the_clear(post_office, set_up):
    set_up(environment="production")
    outcome = channels.send(letter_to_asha(), LETTER)
    assert (outcome.kind, outcome.error_code) == ("held", "no_starttls")
    assert post_office.letters == []


# --- the job, from the ledger to the provider and back


def test_a_due_text_is_sent_once_however_often_the_job_runs(twilio):
    ids = queued(30)
    assert (jobs.deliver_due(), jobs.deliver_due()) == (30, 0)
    assert twilio.account.counts() == {str(one): 1 for one in ids}
    assert {message(one).status for one in ids} == {"sent"}


def test_one_bad_row_never_stops_the_others(twilio, monkeypatch):
    bad, good = queued(2)
    body = message(bad).body
    fill = rendering.with_secrets
    monkeypatch.setattr(
        rendering, "with_secrets", lambda text: 1 / 0 if text == body else fill(text)
    )
    jobs.deliver_due()
    assert twilio.account.counts() == {str(good): 1}
    assert (message(bad).status, message(good).status) == ("queued", "sent")
    (attempt,) = attempts(bad)
    assert (attempt.outcome, attempt.error_code) == ("retry", "not_rendered")


@pytest.mark.parametrize("taken", [True, False])
def test_the_provider_is_asked_about_what_nobody_saw(twilio, taken):
    (one,) = queued()
    twilio.account.answer_with(NAMED["500_after_accept" if taken else "500"])
    assert jobs.deliver_due() == 0
    assert (message(one).status, message(one).needs_attention) == ("uncertain", True)
    assert jobs.resolve_uncertain() == taken
    assert message(one).status == ("sent" if taken else "uncertain")
    assert jobs.deliver_due() == 0
    assert sum(twilio.account.counts().values()) == taken


def test_a_provider_that_does_not_answer_the_question_resolves_nothing(twilio):
    (one,) = queued()
    twilio.account.answer_with(RESET_AFTER_ACCEPT)
    jobs.deliver_due()
    for questions in ("503", "500", "reset"):
        twilio.account.questions = NAMED[questions]
        assert jobs.resolve_uncertain() == 0
    assert message(one).status == "uncertain"


def test_the_same_words_twice_resolve_one_message_each(twilio):
    ids = queued(2, body="Harbour: the same words")
    twilio.account.answer_with(RESET_AFTER_ACCEPT)
    jobs.deliver_due()
    assert [message(one).status for one in ids] == ["uncertain"] * 2
    jobs.resolve_uncertain()
    jobs.resolve_uncertain()
    assert [message(one).status for one in ids] == ["sent"] * 2
    named = {message(one).provider_id for one in ids}
    assert named == set(twilio.account.texts)


def test_a_refusal_by_the_person_is_remembered_and_ends_what_waits(twilio):
    first, second = queued(), queued(due_at=jobs.clock.now().replace(year=2027))
    twilio.account.answer_with(OPTED_OUT)
    jobs.deliver_due()
    assert [(row.address, row.kind) for row in db.session.scalars(sa.select(OptOut))] == [
        (ASHA, "opted_out")
    ]
    assert message(first[0]).status == "failed"
    assert (message(second[0]).status, message(second[0]).error_code) == ("skipped", "opted_out")


def test_the_sixth_refusal_goes_before_people(twilio):
    (one,) = queued(attempts=5)
    twilio.account.answer_with(NAMED["503"])
    jobs.deliver_due()
    row = message(one)
    assert (row.status, row.needs_attention, row.attempts) == ("failed", True, 6)
    assert [attempt.outcome for attempt in attempts(one)] == ["retry"]


def test_no_transaction_is_open_during_the_call(twilio, monkeypatch):
    queued()
    seen = []
    hand_over = channels.send

    def send(one, content):
        seen.append(db.session.registry.has())
        return hand_over(one, content)

    monkeypatch.setattr(channels, "send", send)
    jobs.deliver_due()
    assert seen == [False]
    assert db.session.scalar(sa.select(Message.status)) == "sent"


def test_a_mailbox_that_no_server_need_take_fails_with_a_code(post_office):
    outcome = channels.send(claim("email", address="zo\u00eb@cast.example"), LETTER)
    assert (outcome.kind, outcome.error_code) == ("failed", "not_ascii")


def test_a_domain_in_other_letters_is_written_to(post_office):
    outcome = channels.send(claim("email", address="zoe@m\u00fcnchen.example"), LETTER)
    assert outcome.kind == "sent"
