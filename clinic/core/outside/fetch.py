"""One call to an address that a person typed. Everything that goes out by such an address goes
through here: feeds of calendars, receivers of events.

The name is looked up once, every address of it must be public, and one of exactly those is called:
a name that is answered otherwise a second time leads nowhere else. No redirect is followed, no
proxy of the environment is asked, and all of it together ends after `seconds`.
"""

import http.client
import os
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from clinic.core.errors import Wrong
from clinic.core.outside import addresses, urls
from clinic.core.outside.line import Deadline, Line, Resolver, TooLarge, in_time, look_up
from clinic.core.outside.urls import Place

SECONDS = 5.0
MOST_BYTES = 64 * 1024
HEAD_BYTES = 64 * 1024  # of what stands before the body of an answer
MOST_TRIED = 4  # addresses of a name


class Failed(Exception):
    """No answer came. `code` says why: one of the constants below."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


BAD_ADDRESS = "bad_address"  # not https, or written in a way that is not allowed
UNKNOWN_NAME = "unknown_name"
NOT_PUBLIC = "not_public"
REFUSED = "refused"  # nobody listens there
BAD_CERTIFICATE = "bad_certificate"
TOO_SLOW = "too_slow"
BROKEN = "broken"  # hung up, or did not speak HTTP


@dataclass(frozen=True, slots=True)
class Call:
    url: str
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Limits:
    seconds: float = SECONDS
    most_bytes: int = MOST_BYTES  # of the body of an answer; the rest is not read
    allows_loopback: bool = False  # this machine itself, by http too: never in production


@dataclass(frozen=True, slots=True)
class Answer:
    """Of any status, redirects among them. `is_whole` is false where more would have come."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes
    is_whole: bool


USUAL = Limits()


def fetch(call: Call, limits: Limits = USUAL, resolve: Resolver = look_up) -> Answer:
    """Raises Failed."""
    deadline = Deadline(limits.seconds)
    try:
        place = urls.read(call.url, limits.allows_loopback)
        written = _written(call, place)
        found = _addresses(place, limits, deadline, resolve)
        with _connected(place, found, deadline) as there:
            line = Line(there, deadline, limits.most_bytes + HEAD_BYTES)
            line.send(written)
            return _answer(line, call.method, limits.most_bytes)
    except Wrong:
        raise Failed(BAD_ADDRESS) from None
    except TimeoutError:
        raise Failed(TOO_SLOW) from None
    except ssl.SSLCertVerificationError:
        raise Failed(BAD_CERTIFICATE) from None
    except ConnectionRefusedError:
        raise Failed(REFUSED) from None
    except (OSError, http.client.HTTPException, ValueError):
        raise Failed(BROKEN) from None


def _addresses(
    place: Place, limits: Limits, deadline: Deadline, resolve: Resolver
) -> Sequence[str]:
    """All of a name, once. One that is not public spoils the others. Raises Failed."""
    try:
        found = list(dict.fromkeys(in_time(lambda: resolve(place.host, place.port), deadline)))
    except TimeoutError:
        raise
    except (OSError, UnicodeError):
        raise Failed(UNKNOWN_NAME) from None
    if not found:
        raise Failed(UNKNOWN_NAME)
    is_here = limits.allows_loopback and all(map(addresses.is_loopback, found))
    if not is_here and not (place.is_encrypted and all(map(addresses.is_public, found))):
        raise Failed(NOT_PUBLIC)
    return found[:MOST_TRIED]


def _connected(place: Place, found: Sequence[str], deadline: Deadline) -> socket.socket:
    """To the first that listens; the certificate must be of the name that was asked for."""
    there = _first_open(place, found, deadline)
    if not place.is_encrypted:
        return there
    try:
        there.settimeout(deadline.left())
        context = _trusting(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        return context.wrap_socket(there, server_hostname=place.host.rstrip("."))
    except BaseException:
        there.close()
        raise


def _first_open(place: Place, found: Sequence[str], deadline: Deadline) -> socket.socket:
    for number, address in enumerate(found):
        patience = deadline.left() / (
            len(found) - number
        )  # one that is dead leaves the others some
        try:
            return socket.create_connection((address, place.port), patience)
        except OSError:
            if number == len(found) - 1:
                raise
    raise ConnectionRefusedError


@lru_cache(maxsize=4)
def _trusting(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """Whom the machine trusts: OpenSSL reads both from the environment, and that takes 20 ms."""
    return ssl.create_default_context()


def _written(call: Call, place: Place) -> bytes:
    headers = {
        "Host": place.names,
        "Accept-Encoding": "identity",  # nothing that swells when it is unpacked
        "Connection": "close",
        **call.headers,
    }
    if call.body or call.method != "GET":
        headers["Content-Length"] = str(len(call.body))
    lines = [f"{call.method} {place.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if any("\r" in one or "\n" in one for one in lines):
        raise ValueError("a line break in a header")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + call.body


def _answer(line: Line, method: str, most_bytes: int) -> Answer:
    response = http.client.HTTPResponse(line, method=method)  # type: ignore[arg-type]
    try:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        body, is_whole = _body(response, most_bytes)
        return Answer(response.status, headers, body, is_whole)
    finally:
        response.close()


def _body(response: http.client.HTTPResponse, most_bytes: int) -> tuple[bytes, bool]:
    """At most so many bytes."""
    kept = bytearray()
    try:
        while len(kept) <= most_bytes and (piece := response.read1(16 * 1024)):
            kept += piece
    except TooLarge:  # in its framing: chunks of a byte each
        return bytes(kept[:most_bytes]), False
    # What was announced and did not come: it hung up early.
    return bytes(kept[:most_bytes]), len(kept) <= most_bytes and not response.length
