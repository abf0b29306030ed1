"""Whether who asks sits at this machine: the socket says so, whatever the headers claim."""

import ipaddress

import structlog
from flask import Flask, abort, request

from clinic.core import running

log = structlog.get_logger()

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
SAID_BY_PROXIES = ("HTTP_FORWARDED", "HTTP_X_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def peer() -> str:
    """The address at the other end of the socket, before any proxy's word for another."""
    replaced = request.environ.get("werkzeug.proxy_fix.orig", {})
    return replaced.get("REMOTE_ADDR") or request.environ.get("REMOTE_ADDR", "")


def is_peer_local() -> bool:
    """This machine asks, and for itself: a proxy on it asks for the world, and says so."""
    return _is_loopback(peer()) and not was_forwarded()


def was_forwarded() -> bool:
    return any(name.startswith(SAID_BY_PROXIES) for name in request.environ)


def is_host_local() -> bool:
    """No page of another site can have sent it: such a page has a name of its own."""
    return _without_port(request.host) in LOCAL_NAMES


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host


def init_app(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    if settings.development and not settings.hosts:
        app.before_request(_refuse_other_names)


def _refuse_other_names() -> None:
    """Else a page elsewhere could have its own name lead here, and read what it is shown."""
    if is_host_local() or _without_port(request.host) == running.settings().public_host:
        return
    log.warning("other_host_refused", remedy="name it in TRUSTED_HOSTS")
    abort(400)
