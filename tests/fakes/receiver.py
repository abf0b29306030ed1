"""A stand-in for what stands at an address that a person typed: it takes, and answers as told.

`with Receiver() as there:` listens on this machine; `there.answers = [503, 200]` are its next
statuses, the last of them from then on. A function of the socket stands for whoever does not speak
as a server should.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

Rude = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Taken:
    line: str  # the first one: method, target, version
    headers: dict[str, str]  # names in small letters
    body: bytes


@dataclass
class Receiver:
    answers: list[int] = field(default_factory=lambda: [200])
    body: bytes = b"thank you"
    more: str = ""  # header lines, each with its end
    rude: Rude | None = None
    context: ssl.SSLContext | None = None
    taken: list[Taken] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join(5)

    @property
    def url(self) -> str:
        scheme = "https" if self.context else "http"
        return f"{scheme}://localhost:{self.port}/hooks"

    def _serve(self) -> None:
        while True:
            try:
                there, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(there,), daemon=True).start()

    def _answer(self, there: socket.socket) -> None:
        with contextlib.suppress(OSError), there:
            there.settimeout(10)
            if self.context:
                there = self.context.wrap_socket(there, server_side=True)
            with there:
                self.taken.append(_read(there))
                if self.rude:
                    self.rude(there)
                    return
                status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                head = f"HTTP/1.1 {status} So\r\nContent-Length: {len(self.body)}\r\n{self.more}"
                there.sendall(f"{head}\r\n".encode() + self.body)


def _read(there: socket.socket) -> Taken:
    with there.makefile("rb") as file:
        line = file.readline().decode().strip()
        headers = {}
        while text := file.readline().decode().strip():
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        return Taken(line, headers, file.read(int(headers.get("content-length", 0))))


def hangs(there: socket.socket) -> None:
    """Says nothing until the other side goes."""
    there.recv(1)


def drips(there: socket.socket) -> None:
    """A byte now and then, each of them well within any time-out of its own."""
    there.sendall(b"HTTP/1.1 200 So\r\n")
    while True:
        there.sendall(b"X")
        time.sleep(0.05)


def drips_body(there: socket.socket) -> None:
    there.sendall(b"HTTP/1.1 200 So\r\nContent-Length: 60000\r\n\r\n")
    while True:
        there.sendall(b"x")
        time.sleep(0.05)


def never_ends(there: socket.socket) -> None:
    there.sendall(b"HTTP/1.1 200 So\r\n\r\n")
    while True:
        there.sendall(b"x" * 65536)


def many_headers(there: socket.socket) -> None:
    there.sendall(b"HTTP/1.1 200 So\r\n")
    while True:
        there.sendall(b"X-More: " + b"x" * 8000 + b"\r\n")


def small_chunks(there: socket.socket) -> None:
    there.sendall(b"HTTP/1.1 200 So\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        there.sendall(b"1;" + b"e" * 1000 + b"\r\nx\r\n")


def goes_on(there: socket.socket) -> None:
    """100 Continue for ever."""
    while True:
        there.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def no_http(there: socket.socket) -> None:
    there.sendall(b"220 mail.example ESMTP\r\n")


def hangs_up(there: socket.socket) -> None:
    return


def hangs_up_early(there: socket.socket) -> None:
    there.sendall(b"HTTP/1.1 200 So\r\nContent-Length: 60000\r\n\r\nhalf")
