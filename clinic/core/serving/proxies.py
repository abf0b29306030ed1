"""Whom the other end of a socket may speak for.

`X-Forwarded-For` and `-Proto` count if a proxy says them that was announced. From anybody else they
are a visitor's own words. The app alone decides it: gunicorn believes nobody (gunicorn.conf.py).
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from clinic.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def believe(app: Flask, settings: Settings) -> None:
    """Let what announced proxies say of a visitor stand in the request."""
    if not settings.proxy_hops:
        return
    plain, hops = app.wsgi_app, settings.proxy_hops
    believed = ProxyFix(plain, x_for=hops, x_proto=hops)
    app.wsgi_app = _choosing(settings.proxies, believed, plain)  # type: ignore[assignment, method-assign]


def _choosing(
    proxies: Sequence[IPv4Network | IPv6Network],
    believed: "WSGIApplication",
    plain: "WSGIApplication",
) -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    @functools.lru_cache(maxsize=256)  # every request of a proxy asks
    def is_proxy(given: str) -> bool:
        try:
            address = ip_address(given)
        except ValueError:  # a unix socket has no address
            return False
        # A socket that listens to both kinds writes 127.0.0.1 as ::ffff:127.0.0.1.
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in proxies)

    def choose(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        app = believed if is_proxy(environ.get("REMOTE_ADDR") or "") else plain
        return app(environ, start)

    return choose
