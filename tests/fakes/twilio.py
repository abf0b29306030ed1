"""A stand-in Twilio over HTTP, for the real SDK.

In a test: `with FakeTwilio() as twilio:`, then `TWILIO_API_BASE=twilio.base_url`. As a process of
its own: `python -m tests.fakes.twilio --port N --log FILE`, steered through `POST /_control`:

    {"mode": "503", "times": 3}             a name of NAMED, or the fields of Mode
    {"numbers": {"+447700900001": {"status": 400, "code": 21610, "accept": false}}}
    {"questions": "503"}                    how GET is answered from now on
    {"latency": 0.05}                       seconds before every answer
    {"callbacks": {"copies": 2, "out_of_order": true}}      the fields of Callbacks; null for none
    {"deliver_to": "http://127.0.0.1:5000"}    post there what is signed for the public address
    {"token": "another"}                    the old one is revoked
    {"account": "suspended"}                or active again
    {"keys": {"SK1": "its secret"}}         API keys that may sign in
    {"services": {"MG...": "+447700900900"}}    messaging services, each with its number
    {"holdings": {"numbers": {"+447700900900": {}}}}    what is in the account: fields of Holdings
    {"undelivered": {"+447700900001": 30034}}   reported so, by code
    {"wrote": ["whatsapp:+447700900001"]}   who has texted just now
    {"templates": "approved"}               what becomes of those that wait
    {"refuse": 5}                           listen to nobody for so many seconds
    {"forget": true}                        start anew

`GET /_log` tells every request, `GET /_counts` how often each message was taken.
"""

import argparse
import base64
import contextlib
import json
import signal
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tests.fakes.twilio_account import NAMED, Account, Mode, Text
from tests.fakes.twilio_holdings import Holdings
from tests.fakes.twilio_posts import Callbacks, Post, inbound_form
from tests.ops.processes import free_port

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "a token of the stand-in Twilio"


class WebhookRefused(AssertionError):
    """The webhook answered an inbound text with something else than 200."""


class FakeTwilio:
    """The account, the server in front of it, and what it posts. Steer it while it runs."""

    def __init__(
        self, port: int = 0, log: Path | None = None, account: str = ACCOUNT, token: str = TOKEN
    ) -> None:
        self.port = port or free_port()
        self.token = token
        self.account = Account(account, log)
        self.holdings = Holdings(self.account)
        self.post = Post(self.account, token)
        self.callbacks: Callbacks | None = None
        self.latency = 0.0  # seconds before every answer
        self.stopped = threading.Event()
        self._server: _Server | None = None
        self.keys: dict[str, str] = {}  # API keys, and their secrets

    def change_token(self, token: str) -> None:
        """Whoever signs in with the old one is refused from now on; posts are signed by the new."""
        self.token = self.post.token = token

    def knows(self, authorization: str | None) -> bool:
        """Whether somebody signs in by the token, or by one of the keys."""
        logins = {self.account.sid: self.token, **self.keys}
        known = (base64.b64encode(f"{who}:{word}".encode()) for who, word in logins.items())
        return authorization in {f"Basic {one.decode()}" for one in known}

    def is_token(self, authorization: str | None) -> bool:
        """To a key everything is open but the account itself."""
        login = base64.b64encode(f"{self.account.sid}:{self.token}".encode()).decode()
        return authorization == f"Basic {login}"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.post.start()
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.refuse()
        self.post.stop()

    def listen(self) -> None:
        if self._server is None and not self.stopped.is_set():
            self._server = _Server(self)

    def refuse(self, seconds: float | None = None) -> None:
        """Close the door and every open connection, for some seconds or until `listen()`."""
        server, self._server = self._server, None
        if server:
            server.close()
        if seconds is not None:
            timer = threading.Timer(seconds, self.listen)
            timer.daemon = True
            timer.start()

    def inbound(
        self, webhook_url: str, from_: str, to: str, body: str, sid: str | None = None, **more: str
    ) -> str:
        """Text something to the clinic. Returns the TwiML; raises WebhookRefused."""
        form = inbound_form(self.account.sid, from_, to, body, sid, **more)
        self.account.wrote(from_)
        status, answer = self.post.send(webhook_url, form)
        if status != 200:
            raise WebhookRefused(f"{status}: {answer[:500]}")
        return answer

    def reported(self, text: Text) -> None:
        if self.callbacks:
            self.post.report(text, self.callbacks)

    def control(self, order: dict[str, Any]) -> None:
        """What `POST /_control` says, in one go."""
        if order.get("forget"):
            self.account.forget()
        if "mode" in order:
            self.account.answer_with(_mode(order["mode"]), order.get("times"))
        if "questions" in order:
            self.account.questions = _mode(order["questions"])
        for number, mode in order.get("numbers", {}).items():
            self.account.numbers[number] = _mode(mode)
        if "callbacks" in order:
            wanted = order["callbacks"]
            for name in ("statuses", "left_out"):
                if wanted and name in wanted:
                    wanted[name] = tuple(wanted[name])
            self.callbacks = None if wanted is None else Callbacks(**wanted)
        self._account_is(order)
        self.latency = order.get("latency", self.latency)
        self.post.deliver_to = order.get("deliver_to", self.post.deliver_to)

    def _account_is(self, order: dict[str, Any]) -> None:
        if "token" in order:
            self.change_token(order["token"])
        self.account.status = order.get("account", self.account.status)
        self.keys |= order.get("keys", {})
        self.account.services |= order.get("services", {})
        self.account.undelivered |= order.get("undelivered", {})
        self.holdings.take(order.get("holdings", {}))
        for number in order.get("wrote", ()):
            self.account.wrote(number)
        if "templates" in order:
            self.account.contents.decide(order["templates"])


def _mode(wanted: str | dict[str, Any]) -> Mode:
    return NAMED[wanted] if isinstance(wanted, str) else Mode(**wanted)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, fake: FakeTwilio) -> None:
        super().__init__(("127.0.0.1", fake.port), _Handler)
        self.fake = fake
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.spare(request)
        super().shutdown_request(request)

    def spare(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed, or torn off on purpose, is nothing to complain about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet, or delayed acknowledgements cost 40 ms each
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        fake, where = self.server.fake, urlsplit(self.path)
        if where.path == "/_log":
            return self._say(200, fake.account.everything())
        if where.path == "/_counts":
            return self._say(200, fake.account.counts())
        if not self._may():
            return None
        mode = fake.account.questions
        fake.account.note(method="GET", path=self.path, status=mode.status)
        fake.stopped.wait(fake.latency + mode.wait)
        if mode.reset:
            return self._tear()
        if mode.status >= 400:
            return self._complain(mode.status, mode.code)
        return self._tell(where)

    def _tell(self, where: SplitResult) -> None:
        fake = self.server.fake
        if where.path == self._account() + ".json":
            if not fake.is_token(self.headers.get("Authorization")):
                return self._complain(401, 20003)
            return self._say(200, fake.account.shown())
        if where.path.startswith("/v1/Content"):
            known = fake.account.contents.told(where.path)
            return self._say(200, known) if known else self._complain(404, 20404)
        if fake.holdings.is_of(where.path):
            known = fake.holdings.told(where.path, dict(parse_qsl(where.query)))
            return self._say(200, known) if known else self._complain(404, 20404)
        if fake.account.status != "active":
            return self._complain(401, 20005)
        if where.path == self._messages() + ".json":
            return self._say(200, fake.account.list(dict(parse_qsl(where.query))))
        sid = where.path.removeprefix(self._messages() + "/").removesuffix(".json")
        text = fake.account.find(sid)
        return self._say(200, text.shown()) if text else self._complain(404, 20404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_control":
            return self._obey(json.loads(body))
        if not self._may():
            return None
        fake = self.server.fake
        if self.path.startswith("/v1/Content"):
            status, said = fake.account.contents.take(self.path, json.loads(body))
            fake.account.note(method="POST", path=self.path, status=status)
            return (
                self._complain(status, said) if isinstance(said, int) else self._say(status, said)
            )
        if fake.holdings.is_of(self.path):
            fake.account.note(method="POST", path=self.path)
            changed = fake.holdings.change(self.path, _posted(self.headers, body))
            return self._say(200, changed) if changed else self._complain(404, 20404)
        if self.path != self._messages() + ".json":
            return self._complain(404, 20404)
        return self._send(_posted(self.headers, body))

    def _send(self, form: dict[str, str]) -> None:
        fake = self.server.fake
        mode, text = fake.account.take(form)
        if text:
            fake.reported(text)
        fake.stopped.wait(fake.latency + mode.wait)
        if mode.reset:
            return self._tear()
        if text is None or mode.status >= 400:
            return self._complain(mode.status, mode.code)
        # The real API has only queued it when it answers.
        return self._say(mode.status, text.shown(status="queued", date_sent=None))

    def _obey(self, order: dict[str, Any]) -> None:
        self.server.fake.control(order)
        if "refuse" in order:
            self.server.spare(self.connection)  # for the answer, when the door is closed
            self.server.fake.refuse(order["refuse"])
            self.close_connection = True
        self._say(200, {})

    def _account(self) -> str:
        return f"/2010-04-01/Accounts/{self.server.fake.account.sid}"

    def _messages(self) -> str:
        return f"{self._account()}/Messages"

    def _may(self) -> bool:
        if self.server.fake.knows(self.headers.get("Authorization")):
            return True
        self._complain(401, 20003)
        return False

    def _complain(self, status: int, code: int | None) -> None:
        said = {"code": code, "message": f"Complaint {code} of the stand-in", "status": status}
        self._say(status, said if code else {"message": "No code", "status": status})

    def _say(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _tear(self) -> None:
        """End the connection with a reset, as a broken proxy does, instead of a goodbye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for end in (self.rfile, self.wfile, self.connection):
            end.close()
        raise ConnectionResetError

    def log_message(self, format: str, *args: object) -> None:
        """The account keeps its own log."""


def _posted(headers: Any, body: bytes) -> dict[str, Any]:
    """Newer parts of the API take JSON."""
    if "json" in headers.get("Content-Type", ""):
        return json.loads(body)
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--log", type=Path)
    options.add_argument("--account", default=ACCOUNT)
    options.add_argument("--token", default=TOKEN)
    chosen = options.parse_args()
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)  # in every thread that starts from here on
    with FakeTwilio(chosen.port, chosen.log, chosen.account, chosen.token) as twilio:
        sys.stdout.write(f"ready {twilio.base_url}\n")
        sys.stdout.flush()
        signal.sigwait(ending)


if __name__ == "__main__":
    main()
