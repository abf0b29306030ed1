"""What Twilio posts to us, signed: reports about messages, and what people text."""

import heapq
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from twilio.request_validator import RequestValidator

from tests.fakes.twilio_account import Account, Text

COURIERS = 8
TOO_LATE = 30036  # the time it was of use is over


@dataclass(frozen=True, slots=True)
class Callbacks:
    """How a message is reported on. Each status is posted `copies` times."""

    statuses: tuple[str, ...] = ("sent", "delivered")
    error_code: int | None = None  # with the last status
    delay: float = 0.0  # seconds before each post
    copies: int = 1
    out_of_order: bool = False
    left_out: tuple[str, ...] = ()  # fields that the posts lack


DELIVERED = Callbacks()
UNDELIVERED = Callbacks(("sent", "undelivered"), error_code=30003)


def signed_headers(token: str, url: str, form: Mapping[str, str]) -> dict[str, str]:
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": RequestValidator(token).compute_signature(url, dict(form)),
    }


def report_form(text: Text, status: str, error_code: int | None = None) -> dict[str, str]:
    form = {
        "AccountSid": text.account,
        "ApiVersion": "2010-04-01",
        "From": text.sender,
        "MessageSid": text.sid,
        "MessageStatus": status,
        "SmsSid": text.sid,
        "SmsStatus": status,
        "To": text.to,
    }
    if text.service:
        form["MessagingServiceSid"] = text.service
    return {**form, "ErrorCode": str(error_code)} if error_code else form


def inbound_form(
    account: str, from_: str, to: str, body: str, sid: str | None = None, **more: str
) -> dict[str, str]:
    """`more`: what comes with some texts alone, as OptOutType, ButtonPayload, ButtonText."""
    sid = sid or f"SM{uuid.uuid4().hex}"
    return {
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": from_,
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to,
        **more,
    }


@dataclass(order=True, slots=True)
class _Round:
    """The posts about one message that are still to come, the next of them due at `at`."""

    at: float
    number: int
    left: list[tuple[Text, str, int | None]]
    plan: Callbacks


class Post:
    """Delivers to `deliver_to` (a base URL) what is signed for the public address."""

    def __init__(self, account: Account, token: str) -> None:
        self.account = account
        self.token = token
        self.deliver_to: str | None = None
        self._pool = urllib3.PoolManager(maxsize=COURIERS, retries=False, timeout=10)
        self._rounds: list[_Round] = []
        self._numbers = count()
        self._busy = 0
        self._open = True
        self._changed = threading.Condition()
        self._couriers = [threading.Thread(target=self._run, daemon=True) for _ in range(COURIERS)]

    def start(self) -> None:
        for courier in self._couriers:
            courier.start()

    def stop(self) -> None:
        with self._changed:
            self._open = False
            self._rounds.clear()
            self._changed.notify_all()
        for courier in self._couriers:
            courier.join()
        self._pool.clear()

    def report(self, text: Text, plan: Callbacks) -> None:
        """Post each status in its turn; `out_of_order` posts the last one first."""
        statuses, code = plan.statuses, plan.error_code
        if (
            text.valid_until
            and datetime.now(UTC) + timedelta(seconds=plan.delay) > text.valid_until
        ):
            statuses, code = ("undelivered",), TOO_LATE
        elif text.to in self.account.undelivered:
            statuses, code = ("sent", "undelivered"), self.account.undelivered[text.to]
        last = len(statuses) - 1
        posts = [
            (text, status, code if number == last else None)
            for number, status in enumerate(statuses)
            for _ in range(plan.copies)
        ]
        if plan.out_of_order:
            posts.reverse()
        if posts and text.callback:
            self._plan(_Round(time.monotonic() + plan.delay, next(self._numbers), posts, plan))

    def is_quiet(self) -> bool:
        with self._changed:
            return not self._rounds and not self._busy

    def wait_until_quiet(self, seconds: float = 30) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: not self._rounds and not self._busy, seconds):
                raise AssertionError("there are still callbacks to post")

    def send(self, url: str, form: Mapping[str, str], **headers: str) -> tuple[int, str]:
        """Post a signed form now. Returns status and body; 0 when nobody answered."""
        parts = urlsplit(url)
        target, host = url, parts.netloc
        if self.deliver_to:
            base = urlsplit(self.deliver_to)
            target = parts._replace(scheme=base.scheme, netloc=base.netloc).geturl()
        sent = {"Host": host, **signed_headers(self.token, url, form), **headers}
        try:
            answer = self._pool.request("POST", target, body=urlencode(form), headers=sent)
        except urllib3.exceptions.HTTPError as error:
            return 0, str(error)
        return answer.status, answer.data.decode("utf-8", "replace")

    def _plan(self, planned: _Round) -> None:
        with self._changed:
            if self._open:
                heapq.heappush(self._rounds, planned)
            self._changed.notify_all()

    def _run(self) -> None:
        while (due := self._next()) is not None:
            text, status, code = due.left.pop(0)
            self.account.settle(text.sid, status, code)
            form = report_form(text, status, code)
            for name in due.plan.left_out:
                form.pop(name, None)
            answer, _ = self.send(text.callback, form)
            self._note(text, status, answer)
            if due.left:
                self._plan(replace(due, at=time.monotonic() + due.plan.delay))
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _note(self, text: Text, status: str, answer: int) -> None:
        said: dict[str, Any] = {"message_id": text.message_id, "sid": text.sid}
        self.account.note(method="callback", **said, reported=status, status=answer)

    def _next(self) -> _Round | None:
        with self._changed:
            while self._open:
                wait = self._rounds[0].at - time.monotonic() if self._rounds else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._rounds)
                self._changed.wait(wait)
        return None
