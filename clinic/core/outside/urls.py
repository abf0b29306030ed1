"""What an address on the web must look like before anybody calls there."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from clinic.core.errors import N_, Wrong

LONGEST = 500  # characters
USUAL_PORTS = {"https": 443, "http": 80}
FIRST_OPEN_PORT = 1025
BAD = "not_a_url"
# Only what may stand in a name; urlsplit itself lets through what resolvers read differently.
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)(_?{_LABEL}\.)*{_LABEL}\.?")
_V6 = re.compile(r"[0-9a-f:.]{2,45}")
_UNREADABLE = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart. `host` is ASCII, and without brackets."""

    is_encrypted: bool
    host: str
    port: int
    target: str  # path and query, as they go over the line

    @property
    def names(self) -> str:
        """What stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = USUAL_PORTS["https" if self.is_encrypted else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def read(url: str, allows_loopback: bool = False) -> Place:
    """Raises Wrong. `http` is for this machine alone, where that is allowed at all."""
    if not 1 <= len(url) <= LONGEST or _UNREADABLE.search(url):
        raise _wrong()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # brackets that do not close, a port that is no number
        raise _wrong() from None
    host = _ascii(parts.hostname or "")
    is_here = allows_loopback and host in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
        raise Wrong(BAD, N_("Begin with https://."))
    if "@" in parts.netloc:
        raise Wrong(BAD, N_("Leave user name and password out of the address."))
    port = USUAL_PORTS[parts.scheme] if port is None else port
    if port != USUAL_PORTS[parts.scheme] and port < FIRST_OPEN_PORT:
        raise Wrong(BAD, N_("Use port 443, or one above 1024."))
    return Place(parts.scheme == "https", host, port, _target(parts.path, parts.query))


def _wrong() -> Wrong:
    return Wrong(BAD, N_("Enter an address such as https://example.org/hooks."))


def _ascii(host: str) -> str:
    """A name in any script, as resolvers know it. Raises Wrong."""
    if _V6.fullmatch(host) and ":" in host:
        return host
    try:
        plain = host.encode("idna").decode().lower()
    except UnicodeError:
        raise _wrong() from None
    if not _NAME.fullmatch(plain):
        raise _wrong()
    return plain


def _target(path: str, query: str) -> str:
    """Other scripts as percent signs; what is written with such signs already stays."""
    safe = "/%:@!$&'()*+,;=~-._"
    asked = f"?{quote(query, safe=safe + '?')}" if query else ""
    return (quote(path, safe=safe) or "/") + asked
