"""The real SDK against the stand-in: what it can parse there, it can parse from Twilio."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from urllib.request import Request, urlopen

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.fakes import twilio_account as account
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio, WebhookRefused
from tests.fakes.twilio_posts import UNDELIVERED, Callbacks
from tests.ops.processes import free_port

ASHA, CLINIC = "+447700900001", "+447700900900"
WORDS = "St Mary: your visit is on Tue 24 Nov at 09:00. Reply C to confirm or X to cancel."


class Rebased(TwilioHttpClient):
    """The SDK builds https://api.twilio.com addresses; this puts another base in their place."""

    def __init__(self, base: str, timeout: float = 10) -> None:
        super().__init__(timeout=timeout, max_retries=0)
        self.base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc)
        return super().request(method, urlunsplit(parts), *args, **kwargs)


class Desk:
    """A sender of texts, and a web server for what comes back; it believes only signed posts."""

    def __init__(self, fake: FakeTwilio) -> None:
        self.fake = fake
        self.client = client_of(fake)
        self.got: list[dict[str, str]] = []
        self.answers = 200
        self.public_url = "https://clinic.example"
        self.server = ThreadingHTTPServer(("127.0.0.1", free_port()), _handler_for(self))
        fake.post.deliver_to = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def text(self, to: str = ASHA, client: Client | None = None) -> tuple[str, Any]:
        """Returns our id and what the SDK made of the answer."""
        ours = str(uuid.uuid4())
        callback = f"{self.public_url}/api/v1/twilio/status?m={ours}"
        create = (client or self.client).messages.create
        return ours, create(to=to, from_=CLINIC, body=WORDS, status_callback=callback)

    def reported(self) -> list[str]:
        self.fake.post.wait_until_quiet()
        return [form["MessageStatus"] for form in self.got]

    def close(self) -> None:
        self.client.http_client.session.close()
        self.server.shutdown()
        self.server.server_close()


def _handler_for(desk: Desk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(body, keep_blank_values=True))
            url = f"https://{self.headers['Host']}{self.path}"
            signature = self.headers["X-Twilio-Signature"]
            believed = RequestValidator(TOKEN).validate(url, form, signature)
            desk.got.append(form)
            self.send_response(desk.answers if believed else 403)
            self.end_headers()
            self.wfile.write(b"<Response/>")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler


def client_of(fake: FakeTwilio, token: str = TOKEN, timeout: float = 10) -> Client:
    return Client(ACCOUNT, token, http_client=Rebased(fake.base_url, timeout))


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def desk(twilio: FakeTwilio) -> Iterator[Desk]:
    found = Desk(twilio)
    yield found
    found.close()


def test_the_sdk_sends_and_reads_the_answer(desk: Desk, twilio: FakeTwilio) -> None:
    ours, sent = desk.text()
    assert (sent.status, sent.to, sent.from_, sent.body) == ("queued", ASHA, CLINIC, WORDS)
    assert sent.sid.startswith("SM")
    assert sent.date_sent is None
    assert isinstance(sent.date_created, datetime)
    assert twilio.account.counts() == {ours: 1}


def test_the_sdk_fetches_one_and_misses_another(desk: Desk) -> None:
    _, sent = desk.text()
    fetched = desk.client.messages(sent.sid).fetch()
    assert (fetched.status, fetched.body) == ("sent", WORDS)
    with pytest.raises(TwilioRestException) as missed:
        desk.client.messages("SM" + "0" * 32).fetch()
    assert (missed.value.status, missed.value.code) == (404, 20404)


def test_the_sdk_lists_by_number_and_time_over_pages(desk: Desk) -> None:
    sids = [desk.text()[1].sid for _ in range(7)]
    desk.text(to="+447700900002")
    messages, now = desk.client.messages, datetime.now(UTC)
    assert [one.sid for one in messages.list(to=ASHA, page_size=3)] == sids[::-1]
    assert len(messages.list(to=ASHA, limit=4, page_size=3)) == 4
    assert len(messages.list(date_sent_after=now - timedelta(minutes=1))) == 8
    assert len(messages.list(date_sent=now.date())) == 8
    assert not messages.list(date_sent_after=now + timedelta(minutes=1))
    assert not messages.list(date_sent_before=now - timedelta(days=1))
    assert not messages.list(to="+447700900003")


def test_questions_can_fail_while_sending_works(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.account.questions = account.UNAVAILABLE
    _, sent = desk.text()
    with pytest.raises(TwilioRestException) as failed:
        desk.client.messages(sent.sid).fetch()
    assert failed.value.status == 503
    with pytest.raises(TwilioException):  # of a list, the SDK tells no status
        desk.client.messages.list(to=ASHA)
    twilio.account.questions = account.RESET_BEFORE_ACCEPT
    with pytest.raises(requests.ConnectionError):
        desk.client.messages.list(to=ASHA)


def test_a_wrong_token_is_refused(desk: Desk, twilio: FakeTwilio) -> None:
    stranger = client_of(twilio, token="another")
    with pytest.raises(TwilioRestException) as refused:
        desk.text(client=stranger)
    stranger.http_client.session.close()
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert not twilio.account.counts()


@pytest.mark.parametrize(
    ("mode", "status", "code", "taken"),
    [
        (account.TOO_MANY, 429, 20429, 0),
        (account.UNAVAILABLE, 503, 20503, 0),
        (account.BROKEN, 500, 20500, 0),
        (account.refusal(502), 502, 502, 0),  # the SDK puts the status where no code is
        (account.OPTED_OUT, 400, 21610, 0),
        (account.BAD_NUMBER, 400, 21211, 0),
        (account.BROKEN_AFTER_ACCEPT, 500, 20500, 1),
    ],
)
def test_it_fails_as_told_and_only_so_often(
    desk: Desk, twilio: FakeTwilio, mode: account.Mode, status: int, code: int, taken: int
) -> None:
    twilio.account.answer_with(mode, times=1)
    with pytest.raises(TwilioRestException) as failed:
        desk.text()
    assert (failed.value.status, failed.value.code) == (status, code)
    assert sum(twilio.account.counts().values()) == taken
    desk.text()
    assert sum(twilio.account.counts().values()) == taken + 1


@pytest.mark.parametrize(
    ("mode", "taken"), [(account.RESET_BEFORE_ACCEPT, 0), (account.RESET_AFTER_ACCEPT, 1)]
)
def test_a_reset_is_a_lost_connection(
    desk: Desk, twilio: FakeTwilio, mode: account.Mode, taken: int
) -> None:
    twilio.account.answer_with(mode, times=1)
    with pytest.raises(requests.ConnectionError) as lost:
        desk.text()
    assert "reset by peer" in str(lost.value)
    assert sum(twilio.account.counts().values()) == taken


@pytest.mark.parametrize("accept", [True, False])
def test_a_hang_is_a_time_out(desk: Desk, twilio: FakeTwilio, accept: bool) -> None:
    impatient = client_of(twilio, timeout=0.5)
    twilio.account.answer_with(account.hang(20, accept=accept), times=1)
    with pytest.raises(requests.ReadTimeout):
        desk.text(client=impatient)
    desk.text()
    impatient.http_client.session.close()
    assert sum(twilio.account.counts().values()) == (2 if accept else 1)


def test_a_closed_door_refuses_and_opens_again(desk: Desk, twilio: FakeTwilio) -> None:
    desk.text()
    twilio.refuse()
    for _ in range(2):  # the first may still find its old connection, closed by the other side
        with pytest.raises(requests.ConnectionError) as refused:
            desk.text()
    assert "refused" in str(refused.value)
    twilio.listen()
    desk.text()
    assert sum(twilio.account.counts().values()) == 2


def test_a_number_can_have_an_answer_of_its_own(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.account.numbers["+447700900002"] = account.OPTED_OUT
    with pytest.raises(TwilioRestException):
        desk.text(to="+447700900002")
    desk.text()


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"to": "07700 900001", "from_": CLINIC, "body": "Hello"}, 21211),
        ({"to": ASHA, "body": "Hello"}, 21603),
        ({"to": ASHA, "from_": CLINIC}, 21602),
        ({"to": ASHA, "from_": CLINIC, "body": "a" * 1601}, 21617),
    ],
)
def test_what_the_real_one_cannot_take_is_refused(
    desk: Desk, form: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        desk.client.messages.create(**form)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_reports_are_signed_for_the_public_address(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.callbacks = Callbacks()
    ours, sent = desk.text()
    assert desk.reported() == ["sent", "delivered"]
    assert desk.client.messages(sent.sid).fetch().status == "delivered"
    posted = [one for one in twilio.account.requests if one["method"] == "callback"]
    assert [(one["message_id"], one["status"]) for one in posted] == [(ours, 200), (ours, 200)]


def test_reports_come_doubled_late_and_in_the_wrong_order(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.callbacks = Callbacks(copies=2, out_of_order=True, delay=0.05)
    started = time.monotonic()
    desk.text()
    assert desk.reported() == ["delivered", "delivered", "sent", "sent"]
    assert time.monotonic() - started >= 0.2


def test_a_failed_delivery_is_reported_with_its_code(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.callbacks = UNDELIVERED
    _, sent = desk.text()
    assert desk.reported() == ["sent", "undelivered"]
    assert ["ErrorCode" in form for form in desk.got] == [False, True]
    assert desk.got[1]["ErrorCode"] == "30003"
    assert desk.client.messages(sent.sid).fetch().error_code == 30003


def test_a_report_comes_even_when_the_answer_is_lost(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.callbacks = Callbacks()
    twilio.account.answer_with(account.RESET_AFTER_ACCEPT, times=1)
    with pytest.raises(requests.ConnectionError):
        desk.text()
    assert desk.reported() == ["sent", "delivered"]


def test_a_patient_texts_and_gets_the_answer(desk: Desk, twilio: FakeTwilio) -> None:
    webhook = "https://clinic.example/api/v1/twilio/webhook"
    assert twilio.inbound(webhook, ASHA, CLINIC, "C", sid="SM1") == "<Response/>"
    assert [desk.got[0][name] for name in ("MessageSid", "From", "Body")] == ["SM1", ASHA, "C"]
    desk.answers = 500
    with pytest.raises(WebhookRefused, match="500"):
        twilio.inbound(webhook, ASHA, CLINIC, "")


def test_a_forged_post_is_not_believed(desk: Desk, twilio: FakeTwilio) -> None:
    url = "https://clinic.example/api/v1/twilio/webhook"
    assert twilio.post.send(url, {"Body": "C"})[0] == 200
    assert twilio.post.send(url, {"Body": "C"}, **{"X-Twilio-Signature": "forged"})[0] == 403


def test_nobody_listening_to_a_report_is_noted(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.callbacks = Callbacks(("sent",))
    twilio.post.deliver_to = f"http://127.0.0.1:{free_port()}"
    desk.text()
    twilio.post.wait_until_quiet()
    assert twilio.account.requests[-1]["status"] == 0


def ask(address: str, order: object = None) -> Any:
    data = json.dumps(order).encode() if order is not None else None
    with urlopen(Request(address, data=data), timeout=10) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def wait_for_port(port: int) -> None:
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("it did not open its door again")


def test_as_a_process_of_its_own_it_is_steered_over_http(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "twilio.jsonl"
    command = [sys.executable, "-m", "tests.fakes.twilio", "--port", str(port), "--log", str(log)]
    base = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"ready {base}\n"
            http = Rebased(base)
            messages = Client(ACCOUNT, TOKEN, http_client=http).messages
            ask(f"{base}/_control", {"mode": "500_after_accept", "times": 1})
            with pytest.raises(TwilioRestException):
                messages.create(to=ASHA, from_=CLINIC, body="Hello")
            ask(f"{base}/_control", {"numbers": {ASHA: {"status": 429, "accept": False}}})
            with pytest.raises(TwilioRestException):
                messages.create(to=ASHA, from_=CLINIC, body="Hello")
            assert ask(f"{base}/_counts") == {"": 1}
            assert [one["status"] for one in ask(f"{base}/_log")["requests"]] == [500, 429]
            ask(f"{base}/_control", {"refuse": 0.5, "forget": True})
            with pytest.raises(requests.ConnectionError):
                messages.create(to=ASHA, from_=CLINIC, body="Hello")
            wait_for_port(port)
            messages.create(to=ASHA, from_=CLINIC, body="Hello")
            assert ask(f"{base}/_counts") == {"": 1}
            http.session.close()
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert len(log.read_text().splitlines()) == 3
