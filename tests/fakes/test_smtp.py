"""The stand-in mail server against the standard library's client."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.fakes.smtp import Answer, FakeSmtp


@pytest.fixture
def post_office() -> Iterator[FakeSmtp]:
    with FakeSmtp(hang_seconds=3) as fake:
        yield fake


def post(fake: FakeSmtp, to: str = "asha@example.org", timeout: float = 5) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "clinic@example.org", to, "Your visit, Zoë"
    letter.set_content("See you on Tuesday.\n")
    letter.add_alternative("<p>See you on Tuesday.</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", fake.port, timeout=timeout) as client:
        client.send_message(letter)


def test_a_letter_is_kept_with_its_words(post_office: FakeSmtp) -> None:
    post(post_office)
    [letter] = post_office.to("asha@example.org")
    assert letter.sender == "clinic@example.org"
    assert letter.message["Subject"] == "Your visit, Zoë"
    assert letter.text() == "See you on Tuesday.\n"
    assert "<p>" in letter.text("html")


def test_starttls_is_not_offered(post_office: FakeSmtp) -> None:
    with smtplib.SMTP("127.0.0.1", post_office.port, timeout=5) as client:
        client.ehlo()
        assert not client.has_extn("starttls")


@pytest.mark.parametrize(("answer", "code"), [(Answer.DEFER, 451), (Answer.REJECT, 550)])
def test_a_recipient_is_refused(post_office: FakeSmtp, answer: Answer, code: int) -> None:
    post_office.answer_with(answer, times=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        post(post_office)
    assert refused.value.recipients["asha@example.org"][0] == code
    assert not post_office.letters
    post(post_office)
    assert len(post_office.letters) == 1
    assert post_office.attempts == 2


def test_a_letter_is_put_off_after_it_was_read(post_office: FakeSmtp) -> None:
    post_office.answer_with(Answer.DEFER_DATA, times=1)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        post(post_office)
    assert refused.value.smtp_code == 451
    assert not post_office.letters


@pytest.mark.parametrize(
    ("answer", "error", "kept"),
    [
        (Answer.DROP, smtplib.SMTPServerDisconnected, 0),
        (Answer.DROP_AFTER_DATA, smtplib.SMTPServerDisconnected, 1),
        (Answer.HANG, TimeoutError, 0),
        (Answer.HANG_AFTER_DATA, TimeoutError, 1),
    ],
)
def test_the_answer_is_lost(
    post_office: FakeSmtp, answer: Answer, error: type[Exception], kept: int
) -> None:
    post_office.answer_with(answer, times=1)
    with pytest.raises((error, smtplib.SMTPServerDisconnected)):
        post(post_office, timeout=0.7)
    assert len(post_office.letters) == kept
    post(post_office)
    assert len(post_office.letters) == kept + 1


def test_nobody_listens_for_a_while(post_office: FakeSmtp) -> None:
    post_office.refuse()
    with pytest.raises(ConnectionRefusedError):
        post(post_office)
    post_office.listen()
    post(post_office)
    assert len(post_office.letters) == 1
