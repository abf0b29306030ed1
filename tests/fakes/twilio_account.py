"""What the stand-in's account remembers: each request, each message it took, how often each."""

import json
import re
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.fakes.twilio_contents import Contents

CHAT = "whatsapp:"
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.I)
_ADDRESS = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}")
LONGEST_BODY = 1600
LONGEST_VALID_S = 36_000
LONG_CODE_PER_S = 1  # segments
SMART = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-"})


@dataclass(frozen=True, slots=True)
class Mode:
    """How a request to send is answered. `accept`: the message is taken, whatever is answered."""

    status: int = 201
    code: int | None = None
    accept: bool = True
    wait: float = 0.0  # seconds between taking it and answering
    reset: bool = False  # the connection is torn down instead of an answer


def refusal(status: int, code: int | None = None) -> Mode:
    return Mode(status, code, accept=False)


OK = Mode()
TOO_MANY = refusal(429, 20429)
UNAVAILABLE = refusal(503, 20503)
BROKEN = refusal(500, 20500)
SUSPENDED = refusal(401, 20005)
OUTSIDE_THE_WINDOW = refusal(400, 63016)
QUEUE_FULL = refusal(400, 21611)
OPTED_OUT = refusal(400, 21610)
BAD_NUMBER = refusal(400, 21211)
BROKEN_AFTER_ACCEPT = Mode(500, 20500)
RESET_BEFORE_ACCEPT = Mode(accept=False, reset=True)
RESET_AFTER_ACCEPT = Mode(reset=True)


def hang(seconds: float, *, accept: bool = True) -> Mode:
    return Mode(accept=accept, wait=seconds)


NAMED: dict[str, Mode] = {
    "200": OK,
    "400": BAD_NUMBER,
    "429": TOO_MANY,
    "500": BROKEN,
    "503": UNAVAILABLE,
    "63016": OUTSIDE_THE_WINDOW,
    "21611": QUEUE_FULL,
    "500_after_accept": BROKEN_AFTER_ACCEPT,
    "reset": RESET_BEFORE_ACCEPT,
    "reset_after_accept": RESET_AFTER_ACCEPT,
    "hang": hang(30, accept=False),
    "hang_after_accept": hang(30),
}


@dataclass(slots=True)
class Text:
    """A message the stand-in took."""

    sid: str
    account: str
    to: str
    sender: str
    body: str
    callback: str
    taken_at: datetime
    status: str = "sent"
    error_code: int | None = None
    service: str | None = None  # the messaging service that chose the sender
    valid_until: datetime | None = None  # from then on it is not brought any more
    content: str | None = None  # the template it is of
    variables: str | None = None  # of that, as they came
    is_judged: bool = False  # whether the provider was asked to judge the number

    @property
    def message_id(self) -> str:
        return message_id_of(self.callback)

    def shown(self, **instead: object) -> dict[str, Any]:
        """As the real API shows it; nothing in there names the caller's own id."""
        at = format_datetime(self.taken_at, usegmt=True)
        uri = f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}"
        return {
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": at,
            "date_sent": at,
            "date_updated": at,
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": self.service,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
            **instead,
        }


def message_id_of(callback: str) -> str:
    """The caller's id: the last UUID in its status callback, or the URL itself."""
    found = _UUID.findall(callback)
    return str(uuid.UUID(found[-1])) if found else callback


def complaint_about(form: Mapping[str, str]) -> Mode | None:
    """What the real API would say to a request to send that it cannot take."""
    to, body = form.get("To", ""), form.get("Body", "")
    if not to:
        return refusal(400, 21604)
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return refusal(400, 21603)
    valid = form.get("ValidityPeriod", "1")
    if not valid.isdecimal() or not 1 <= int(valid) <= LONGEST_VALID_S:
        return refusal(400, 21625)
    if not body and not form.get("ContentSid"):
        return refusal(400, 21602)
    if not _ADDRESS.fullmatch(to):
        return BAD_NUMBER
    return refusal(400, 21617) if len(body) > LONGEST_BODY else None


@dataclass(slots=True)
class Account:
    """Thread safe. `log` gets a line of JSON a request, written at once."""

    sid: str
    log: Path | None = None
    mode: Mode = OK
    status: str = "active"
    name: str = "The stand-in"
    is_trial: bool = False
    services: dict[str, str] = field(default_factory=dict)  # messaging services and their numbers
    names: dict[str, list[str]] = field(default_factory=dict)  # of messaging services
    short_codes: list[str] = field(default_factory=list)
    is_smart: bool = False  # plainer letters are put for those that take more parts
    paced: dict[str, float] = field(default_factory=dict)  # segments a second, by sender
    undelivered: dict[str, int] = field(default_factory=dict)  # codes, by number
    contents: Contents = field(default_factory=Contents)
    written_at: dict[str, datetime] = field(default_factory=dict)  # by number: the last text
    questions: Mode = OK  # how a GET is answered: what became of a message
    numbers: dict[str, Mode] = field(default_factory=dict)
    senders: dict[str, Mode] = field(default_factory=dict)  # by what it is to go from
    requests: list[dict[str, Any]] = field(default_factory=list)
    _free_at: dict[str, float] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)
    texts: dict[str, Text] = field(default_factory=dict)
    _next: deque[Mode] = field(default_factory=deque)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def answer_with(self, mode: Mode, times: int | None = None) -> None:
        """From now on, or for the next `times` requests to send (behind those already planned)."""
        with self._lock:
            if times is None:
                self._next.clear()
                self.mode = mode
            else:
                self._next.extend([mode] * times)

    def answer_next(self, modes: Iterable[Mode]) -> None:
        with self._lock:
            self._next.extend(modes)

    def take(self, form: Mapping[str, str]) -> tuple[Mode, Text | None]:
        """Judge a request to send, and keep the message if it is taken."""
        callback = form.get("StatusCallback", "")
        with self._lock:
            planned = self._next.popleft() if self._next else self.mode
            if self.status != "active":
                planned = SUSPENDED
            if not self._is_in_pace(form):
                planned = TOO_MANY
            own = self.senders.get(form.get("From", "")) or self.numbers.get(form.get("To", ""))
            mode = self._complaint(form) or own or planned
            text = self._keep(form, callback) if mode.accept else None
            self._note(
                method="POST",
                to=form.get("To"),
                message_id=message_id_of(callback),
                status=0 if mode.reset else mode.status,
                code=mode.code,
                sid=text.sid if text else None,
            )
        return mode, text

    def _complaint(self, form: Mapping[str, str]) -> Mode | None:
        if wrong := complaint_about(form) or self._unknown(form):
            return wrong
        if code := self.contents.complaint(form):
            return refusal(400, code)
        has_to_be_approved = form["To"].startswith(CHAT) and not self._has_written(form["To"])
        approved = self.contents.is_approved(form.get("ContentSid", ""))
        return OUTSIDE_THE_WINDOW if has_to_be_approved and not approved else None

    def _has_written(self, number: str) -> bool:
        written = self.written_at.get(number)
        return written is not None and datetime.now(UTC) - written < timedelta(hours=24)

    def wrote(self, number: str, ago: timedelta = timedelta(0)) -> None:
        """Somebody has texted, so that words of any kind may go there for a day."""
        self.written_at[number] = datetime.now(UTC) - ago

    def _unknown(self, form: Mapping[str, str]) -> Mode | None:
        service = form.get("MessagingServiceSid")
        return refusal(400, 21701) if service and service not in self.services else None

    def _is_in_pace(self, form: Mapping[str, str]) -> bool:
        """A long code takes so many parts a second, and refuses the rest."""
        sender, moment = form.get("From", ""), time.monotonic()
        rate = self.paced.get(sender)
        if rate is None:
            return True
        if moment < self._free_at.get(sender, 0.0):
            return False
        parts = -(-len(form.get("Body", "")) // 160) or 1
        self._free_at[sender] = moment + parts / rate
        return True

    def _keep(self, form: Mapping[str, str], callback: str) -> Text:
        moment, service = datetime.now(UTC), form.get("MessagingServiceSid")
        valid = timedelta(seconds=int(form.get("ValidityPeriod", LONGEST_VALID_S)))
        said = self.contents.filled(form) if form.get("ContentSid") else form["Body"]
        body = said.translate(SMART) if self.is_smart else said
        text = Text(
            sid=f"SM{uuid.uuid4().hex}",
            account=self.sid,
            to=form["To"],
            sender=form.get("From") or self.services[service or ""],
            body=body,
            callback=callback,
            taken_at=moment,
            service=service,
            content=form.get("ContentSid"),
            variables=form.get("ContentVariables"),
            valid_until=moment + valid,
            is_judged=form.get("RiskCheck") == "enable",
        )
        self.texts[text.sid] = text
        self.taken[text.message_id] += 1
        return text

    def shown(self) -> dict[str, Any]:
        """As the real API shows it, in the fields the SDK reads."""
        at = format_datetime(datetime.now(UTC), usegmt=True)
        return {
            "auth_token": "",
            "date_created": at,
            "date_updated": at,
            "friendly_name": self.name,
            "owner_account_sid": self.sid,
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {},
            "type": "Trial" if self.is_trial else "Full",
            "uri": f"/2010-04-01/Accounts/{self.sid}.json",
        }

    def note(self, **request: object) -> None:
        with self._lock:
            self._note(**request)

    def _note(self, **request: object) -> None:
        line = {"at": datetime.now(UTC).isoformat(), **request}
        self.requests.append(line)
        if self.log:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def settle(self, sid: str, status: str, error_code: int | None) -> None:
        with self._lock:
            self.texts[sid].status, self.texts[sid].error_code = status, error_code

    def find(self, sid: str) -> Text | None:
        with self._lock:
            return self.texts.get(sid)

    def list(self, query: Mapping[str, str]) -> dict[str, Any]:
        """One page, newest first, with the fields the SDK follows from page to page."""
        size = min(int(query.get("PageSize", 50)), 1000)
        page = int(query.get("Page", 0))
        with self._lock:
            found = [text for text in reversed(self.texts.values()) if _is_asked(text, query)]
        shown = [text.shown() for text in found[page * size : (page + 1) * size]]
        path = f"/2010-04-01/Accounts/{self.sid}/Messages.json"

        def uri(number: int) -> str:
            return f"{path}?{urlencode({**query, 'PageSize': size, 'Page': number})}"

        return {
            "messages": shown,
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(len(shown) - 1, 0),
            "uri": uri(page),
            "first_page_uri": uri(0),
            "previous_page_uri": uri(page - 1) if page else None,
            "next_page_uri": uri(page + 1) if (page + 1) * size < len(found) else None,
        }

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self.taken)

    def everything(self) -> dict[str, Any]:
        with self._lock:
            texts = [{**one.shown(), "message_id": one.message_id} for one in self.texts.values()]
            return {
                "requests": [*self.requests],
                "accepted": dict(self.taken),
                "messages": texts,
            }

    def forget(self) -> None:
        with self._lock:
            for kept in (
                self.requests,
                self.taken,
                self.texts,
                self.numbers,
                self.senders,
                self._next,
                self.written_at,
            ):
                kept.clear()
            self.mode = self.questions = OK
            self.status = "active"


def _is_asked(text: Text, query: Mapping[str, str]) -> bool:
    if query.get("To", text.to) != text.to or query.get("From", text.sender) != text.sender:
        return False
    at = text.taken_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    after, before, day = (query.get(name) for name in ("DateSent>", "DateSent<", "DateSent"))
    # Compared as text, as far as the asker is exact: a day, or a second.
    return (
        (not after or at[: len(after)] >= after)
        and (not before or at[: len(before)] <= before)
        and (not day or at[:10] == day[:10])
    )
