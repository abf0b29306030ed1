"""A letter ends as something people can see, whatever the mail server does and whoever it is to."""

from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.messaging import channels, jobs
from clinic.messaging.answers import ANSWERS
from clinic.messaging.channels.call import Claim, Content
from clinic.messaging.channels.email import letters
from clinic.messaging.models import Message
from tests.factories import known_to
from tests.fakes.smtp_stern import CLOSE, HANG, SternSmtp
from tests.reminders.own_helpers import IN_AN_HOUR, made, sent, tick

pytestmark = pytest.mark.usefixtures("in_app")

LETTER = Content("Dear Asha,\n\nsee you.\n", "Your visit", "<p>Dear Asha,</p>")
LOGIN = {"smtp_user": "relay", "smtp_pass": "relay-secret"}


def claim(address="asha@cast.example", **more) -> Claim:
    who = (None, "email", "patient", address, None)
    return Claim(uuid4(), uuid4(), *who, "Your visit", "", None, None, 1, **more)


@pytest.fixture
def sent_through(set_up, monkeypatch):
    """What comes of a letter by a mail server that goes by this script."""
    monkeypatch.setattr(letters, "TIMEOUT_S", 0.3)

    def run(offers=(), config=None, content=LETTER, one=None, **script):
        with SternSmtp(offers, **script) as server:
            set_up(
                smtp_host="127.0.0.1", smtp_port=server.port, mail_from="clinic@harbour.example",
                **(config or {}),
            )  # fmt: skip
            return channels.send(one or claim(), content), server

    return run


REFUSED = [
    # at which command it says what, what that means, and the row that tells people why
    ("GREETING", "421 4.3.2 Too many connections", "retry", "421"),
    ("GREETING", "554 5.7.1 You are on a list", "held", "no_service"),
    ("HELLO", "421 4.7.0 Later", "retry", "broke_off"),  # the client asks again, of nobody
    ("HELLO", "550 5.7.1 Not you", "held", "no_service"),
    ("MAIL", "421 4.3.2 Shutting down", "retry", "421"),
    ("MAIL", "451 4.3.0 Later", "retry", "451"),
    ("MAIL", "452 4.3.1 No room", "retry", "452"),
    ("MAIL", "530 5.7.0 Sign in first", "held", "530"),
    ("MAIL", "553 5.1.8 Not your address", "held", "sender_refused"),
    ("MAIL", "552 5.3.4 Larger than we take", "failed", "too_large"),
    ("RCPT", "421 4.3.2 Shutting down", "retry", "421"),
    ("RCPT", "450 4.2.1 Come back, greylisted", "retry", "450"),
    ("RCPT", "452 4.2.2 The mailbox is full", "retry", "452"),
    ("RCPT", "550 5.1.1 No such mailbox", "failed", "550"),
    ("RCPT", "554 5.1.1 No such mailbox", "failed", "550"),
    ("RCPT", "550 5.2.2 The mailbox is full", "failed", "552"),
    ("RCPT", "550 5.7.1 Blocked by a list", "failed", "policy"),
    ("RCPT", "554 5.7.1 Relay access denied", "failed", "policy"),
    ("RCPT", "571", "failed", "571"),
    ("DATA", "421 4.3.2 Shutting down", "retry", "421"),
    ("DATA", "451 4.3.0 Later", "retry", "451"),
    ("DATA", "554 5.5.1 No valid recipients", "failed", "554"),
    ("LETTER", "421 4.3.2 Shutting down", "retry", "421"),
    ("LETTER", "451 4.7.1 Later", "retry", "451"),
    ("LETTER", "552 5.3.4 Larger than we take", "failed", "too_large"),
    ("LETTER", "552 5.2.2 The mailbox is full", "failed", "552"),
    ("LETTER", "554 Looks like spam", "failed", "554"),
    ("LETTER", "250 OK", "sent", None),
    ("QUIT", "421 Go away", "sent", None),
    ("QUIT", CLOSE, "sent", None),
    ("QUIT", HANG, "sent", None),
]


@pytest.mark.parametrize(("command", "said", "kind", "code"), REFUSED)
def test_a_mail_server_refuses_at_any_command(sent_through, command, said, kind, code):
    outcome, server = sent_through(**{command: said})
    assert (outcome.kind, outcome.error_code) == (kind, code)
    assert len(server.letters) == (command in ("LETTER", "QUIT"))
    assert code is None or code in ANSWERS or code.isdecimal()


@pytest.mark.parametrize("how", [HANG, CLOSE, "what?"])
@pytest.mark.parametrize("command", ["GREETING", "HELLO", "MAIL", "RCPT"])
def test_who_breaks_off_before_the_letter_has_taken_nothing(sent_through, command, how):
    outcome, server = sent_through(**{command: how})
    assert (outcome.kind, outcome.error_code) == ("retry", "broke_off")
    assert server.letters == []


@pytest.mark.parametrize(
    "script", [{"MIDDLE": CLOSE}, {"LETTER": HANG}, {"LETTER": CLOSE}, {"LETTER": "what?"}], ids=str
)
def test_who_breaks_off_after_it_may_have_taken_it(sent_through, script):
    outcome, _ = sent_through(**script)
    assert outcome.kind == "uncertain"
    assert outcome.error_code


@pytest.mark.parametrize(
    ("offers", "said", "kind", "code"),
    [
        (("AUTH PLAIN LOGIN",), "535 5.7.8 Wrong password", "held", "535"),
        (("AUTH PLAIN LOGIN",), "550 Not you", "held", "login_refused"),
        (("AUTH PLAIN LOGIN",), "454 4.7.0 Later", "retry", "454"),
        (("AUTH PLAIN LOGIN",), CLOSE, "retry", "broke_off"),
        (("AUTH GSSAPI",), "235 OK", "held", "no_auth"),
        ((), "235 OK", "held", "no_auth"),
    ],
)
def test_a_sign_in_that_fails(sent_through, offers, said, kind, code):
    outcome, server = sent_through(offers, LOGIN, AUTH=said)
    assert (outcome.kind, outcome.error_code) == (kind, code)
    assert server.letters == []
    assert "relay-secret" not in str(outcome)


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ("454 4.7.0 Not now", "retry", "454"),
        ("502 5.5.1 Not here", "held", "no_starttls"),
        (CLOSE, "retry", "broke_off"),
    ],
)
def test_encryption_that_does_not_come_about(sent_through, said, kind, code):
    outcome, server = sent_through(("STARTTLS",), STARTTLS=said)
    assert (outcome.kind, outcome.error_code) == (kind, code)
    assert server.letters == []


def test_a_letter_larger_than_the_server_takes_is_not_read_out(sent_through):
    refusal = "552 5.3.4 Message size exceeds fixed limit"
    outcome, server = sent_through(("SIZE 10",), MAIL=refusal)
    assert (outcome.kind, outcome.error_code) == ("failed", "too_large")
    assert [line for line in server.heard if "size=" in line]


# --- what stands in it


def test_its_id_is_ours_under_our_domain_and_it_has_a_date(sent_through):
    one = claim()
    outcome, server = sent_through(one=one)
    written = message_from_bytes(server.letters[0], policy=policy.default)
    assert written["Message-ID"] == f"<{one.id}@harbour.example>" == outcome.provider_id
    assert parsedate_to_datetime(written["Date"]).tzinfo
    kinds = [part.get_content_type() for part in written.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html"]
    assert written["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    ("mail_from", "domain"),
    [
        ("Harbour Clinic <clinic@harbour.example>", "harbour.example"),
        ("klinik@m\u00fcnchen.example", "xn--mnchen-3ya.example"),
        (f"clinic@{'long.' * 20}example", f"{'long.' * 20}example"),
    ],
)
def test_whatever_our_address_is(sent_through, mail_from, domain):
    one = claim(expires_at=None)
    with_own = Claim(**{name: getattr(one, name) for name in one.__slots__} | {"sender": mail_from})
    outcome, server = sent_through(one=with_own)
    written = message_from_bytes(server.letters[0], policy=policy.default)
    assert written["Message-ID"].strip() == f"<{one.id}@{domain}>"
    assert len(outcome.provider_id) <= 64
    assert str(one.id) in outcome.provider_id


def test_a_way_out_is_one_tap_for_mail_programs(sent_through):
    content = Content("No more: https://x.example/u", "Notice", way_out="https://x.example/u")
    _, server = sent_through(content=content)
    written = message_from_bytes(server.letters[0], policy=policy.default)
    assert written["List-Unsubscribe"] == "<https://x.example/u>"
    assert written["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


# --- whoever it is to, and whatever is said


ANY = st.text(st.characters(), max_size=40)
ADDRESSES = st.one_of(
    ANY.map(lambda text: f"{text}@cast.example"),
    ANY.map(lambda text: f"asha@{text}"),
    st.emails(),
    st.builds("{}@{}".format, ANY, ANY),
)
ENDS = {"sent", "failed"}


@settings(
    max_examples=120, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(ADDRESSES, ANY, ANY)
@example("asha@cast.example\r\nBcc: all@cast.example", "Visit", "Dear Asha")
@example("a@x.example, b@cast.example", "Visit", "Dear Asha")
@example("<asha@cast.example>", "Visit", "Dear Asha")
@example("Asha <asha@cast.example>", "Visit", "Dear Asha")
@example("asha@cast.example", "\ud800", "Dear Asha")
@example("asha@cast.example", "Visit", "\ud800")
@example("asha@cast.example", "\r\n\r\n", "")
@example("asha@.example", "Visit", ".")
@example("@", "", "")
def test_any_address_subject_and_words_end_as_sent_or_failed(post_office, address, subject, text):
    post_office.letters.clear()
    outcome = channels.send(claim(address), Content(text, subject, f"<p>{text}</p>"))
    assert outcome.kind in ENDS, outcome
    assert (outcome.kind == "failed") == bool(outcome.error_code)
    assert (
        outcome.error_code is None
        or outcome.error_code in ANSWERS
        or (outcome.error_code.isdecimal())
    )
    for letter in post_office.letters:
        (there,) = letter.recipients
        name, _, domain = address.rpartition("@")
        assert there == f"{name}@{domain.encode('idna').decode()}"  # it alone
        assert letter.message["Bcc"] is None
    assert len(post_office.letters) == (outcome.kind == "sent")


def test_what_cannot_be_written_is_said_the_next_way(cast, post_office):
    known_to(cast.harbour, cast.asha)
    key = made(cast.esha, patient_id=cast.asha.patient_id, method="email")
    tick(IN_AN_HOUR)
    let_it_be_to(sent(key)[0].id, "asha@cast..example")
    with clock.travelled(IN_AN_HOUR):
        jobs.deliver_due()
        events.deliver_due()
        events.deliver_due()
    assert post_office.letters == []
    found = sorted((one.channel, one.status, one.error_code) for one in sent(key))
    assert found == [("email", "failed", "not_written"), ("sms", "queued", None)]


@transactional
def let_it_be_to(message_id, address):
    db.session.get_one(Message, message_id).address = address
