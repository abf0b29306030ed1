"""Letters go to the mail server that is meant, and to nobody who stands in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from clinic.messaging import channels, jobs
from clinic.messaging.channels.call import Claim, Content
from clinic.messaging.channels.email import letters, tls
from clinic.messaging.senders import held
from tests.fakes.certificates import PAST, Certificate, authority, certificate
from tests.fakes.smtp import FakeSmtp
from tests.messaging.ledger_helpers import message, queued

LETTER = Content("Choose a new password: https://clinic.example/reset/secret", "A new password")
LOGIN = {"smtp_user": "relay", "smtp_pass": "relay-secret"}


@pytest.fixture(scope="module")
def known() -> Certificate:
    return authority()


@pytest.fixture
def mail_server(set_up, known, tmp_path, monkeypatch) -> Iterator[Callable[..., object]]:
    """One that shows a certificate, and an app in production that has a letter for it."""
    monkeypatch.setattr(letters, "TIMEOUT_S", 5)
    tls._context.cache_clear()

    @contextmanager
    def run(shown: Certificate, at_once: bool = False, **settings: object) -> Iterator[FakeSmtp]:
        with FakeSmtp(certificate=shown.for_server(tmp_path), at_once=at_once) as fake:
            set_up(
                **{
                    "environment": "production",
                    "smtp_host": "localhost",
                    "smtp_port": fake.port,
                    "smtp_ca_file": known.file(tmp_path),
                    "mail_from": "clinic@harbour.example",
                    **({"smtp_tls": True} if at_once else {}),
                    **LOGIN,
                    **settings,
                }
            )
            yield fake

    yield run
    tls._context.cache_clear()


def letter() -> Claim:
    who = (None, "email", "patient", "asha@cast.example", None)
    return Claim(uuid4(), uuid4(), *who, "A new password", "", None, None, 1)


def by_nobody_known() -> Certificate:
    return certificate("localhost", None)


WRONG = {
    "of another name": lambda known: certificate("mail.elsewhere.example", known),
    "signed by itself": lambda _: by_nobody_known(),
    "by a stranger": lambda _: certificate("localhost", authority()),
    "expired": lambda known: certificate("localhost", known, PAST),
}


@pytest.mark.parametrize("at_once", [False, True], ids=["STARTTLS", "at once"])
@pytest.mark.parametrize("shown", WRONG.values(), ids=list(WRONG))
def test_a_certificate_that_proves_nothing_is_told_nothing(mail_server, known, shown, at_once):
    with mail_server(shown(known), at_once) as fake:
        outcome = channels.send(letter(), LETTER)
    assert (outcome.kind, outcome.error_code) == ("held", "untrusted_certificate")
    assert (fake.logins, fake.letters, fake.attempts) == ([], [], 0)


@pytest.mark.parametrize("at_once", [False, True], ids=["STARTTLS", "at once"])
def test_the_right_one_gets_the_login_and_the_letter(mail_server, known, at_once):
    with mail_server(certificate("localhost", known), at_once) as fake:
        assert channels.send(letter(), LETTER).kind == "sent"
    assert fake.logins == [("relay", "relay-secret")]
    assert "/reset/secret" in fake.to("asha@cast.example")[0].text()


def test_without_a_file_the_usual_authorities_vouch(mail_server, known):
    with mail_server(certificate("localhost", known), smtp_ca_file=None) as fake:
        outcome = channels.send(letter(), LETTER)
    assert (outcome.error_code, fake.letters) == ("untrusted_certificate", [])


@pytest.mark.parametrize("at_once", [False, True], ids=["STARTTLS", "at once"])
def test_on_a_developers_machine_any_certificate_will_do(mail_server, at_once):
    own = {"environment": "development", "smtp_ca_file": None}
    with mail_server(by_nobody_known(), at_once, **own) as fake:
        assert channels.send(letter(), LETTER).kind == "sent"
    assert len(fake.letters) == 1


def test_who_is_named_there_must_vouch_there_too(mail_server):
    with mail_server(by_nobody_known(), environment="development") as fake:
        assert channels.send(letter(), LETTER).error_code == "untrusted_certificate"
    assert fake.letters == []


@pytest.mark.parametrize(
    ("port", "said", "at_once"),
    [(465, None, True), (587, None, False), (25, None, False), (2465, True, True),
     (465, False, False)],
)  # fmt: skip
def test_tls_comes_first_on_its_own_port_or_where_it_is_said(set_up, port, said, at_once):
    assert set_up(smtp_port=port, smtp_tls=said).smtp_begins_with_tls is at_once


def test_where_no_tls_is_spoken_nothing_was_taken_and_it_is_tried_again(post_office, set_up):
    set_up(smtp_tls=True)
    outcome = channels.send(letter(), LETTER)
    assert (outcome.kind, outcome.error_code) == ("retry", "no_tls")
    assert post_office.attempts == 0


def test_such_a_letter_is_not_lost_silently(mail_server):
    (one,) = queued(channel="email", address="asha@cast.example", subject="A new password")
    with mail_server(by_nobody_known()):
        jobs.deliver_due()
        assert held.kinds() >= {"email:patient"}
    row = message(one)
    assert (row.status, row.error_code) == ("queued", "untrusted_certificate")
