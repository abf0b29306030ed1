"""A small HTTP client with keep-alive, many times at once, bounded in time and count."""

import itertools
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

HOST = "clinic.test"
TIMEOUT_S = 60
_addresses = itertools.cycle(f"10.7.{high}.{low}" for high in range(64) for low in range(256))


@dataclass(slots=True)
class Load:
    """What came of it. Latencies in seconds, sorted."""

    seconds: float
    latencies: list[float]
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    def quantile_ms(self, share: float) -> float:
        return self.latencies[min(self.count - 1, int(self.count * share))] * 1000


def merged(loads: Sequence[Load]) -> Load:
    """Of rounds that ran one after another."""
    return Load(
        sum(load.seconds for load in loads),
        sorted(latency for load in loads for latency in load.latencies),
        sum((load.statuses for load in loads), Counter()),
    )


def request(path: str, cookie: str = "", form: dict[str, str] | None = None) -> bytes:
    """The bytes of a request as a browser behind the proxy sends it."""
    body = urlencode(form).encode() if form is not None else b""
    headers = {"Accept": "text/html", "X-Forwarded-For": "127.0.0.1"}
    if cookie:
        headers["Cookie"] = cookie
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return _raw("GET" if form is None else "POST", path, headers, body)


def api_request(path: str, bearer: str = "", body: Any = None, key: str = "") -> bytes:
    """The same of a program. Each has an address of its own: limits go by it without a token."""
    headers = {"Accept": "application/json", "X-Forwarded-For": next(_addresses)}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    if key:
        headers["Idempotency-Key"] = key
    if body is None:
        return _raw("GET", path, headers, b"")
    headers["Content-Type"] = "application/json"
    return _raw("POST", path, headers, json.dumps(body).encode())


def _raw(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "X-Forwarded-Proto: https"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, raw: bytes) -> tuple[int, bytes]:
        """Send one request; return the status and the body."""
        head, body = self.exchange(raw)
        return int(head[9:12]), body

    def exchange(self, raw: bytes) -> tuple[bytes, bytes]:
        """Send one request; return the answer's head and its body."""
        self.socket.sendall(raw)
        received = b""
        while (split := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head, body = received[:split], [received[split + 4 :]]
        missing = _length(head) - len(body[0])
        while missing > 0:
            body.append(self._more())
            missing -= len(body[-1])
        return head, b"".join(body)

    def _more(self) -> bytes:
        part = self.socket.recv(262144)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part

    def close(self) -> None:
        self.socket.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


def drive(port: int, requests: Iterable[bytes], clients: int, seconds: float = 600) -> Load:
    """Send the requests over `clients` connections until they or the seconds are used up."""
    source: Iterator[bytes] = iter(requests)
    ready = threading.Barrier(clients + 1)
    ends: list[float] = []

    def work(_: int) -> list[tuple[int, float]]:
        connection, done = Connection(port), []
        ready.wait(TIMEOUT_S)
        stop_at = time.perf_counter() + seconds
        for raw in source:  # shared: taking the next of a list or a cycle is atomic
            began = time.perf_counter()
            status, _body = connection.ask(raw)
            now = time.perf_counter()
            done.append((status, now - began))
            if now >= stop_at:
                break
        ends.append(time.perf_counter())
        connection.close()
        return done

    with ThreadPoolExecutor(clients) as pool:
        working = [pool.submit(work, number) for number in range(clients)]
        ready.wait(TIMEOUT_S)
        began = time.perf_counter()
        answers = [answer for one in working for answer in one.result()]
    latencies = sorted(latency for _, latency in answers)
    return Load(max(ends) - began, latencies, Counter(status for status, _ in answers))
