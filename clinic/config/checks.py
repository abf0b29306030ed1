"""What is wrong with settings, in words for who starts the product."""

import ipaddress
import re
import ssl
from itertools import filterfalse
from pathlib import Path

from clinic.config import providers
from clinic.config.secrets import SECRETS, weakness
from clinic.config.settings import TWILIO, Settings, listed

MEANT = "or ALLOW_DEV_EXPOSED=1 if that is meant"
FEWEST_FOR_PAGES = 32  # threads of a worker that no open stream may take


def check(settings: Settings) -> list[str]:
    """Return what is wrong, each line beginning with the setting's name."""
    problems = []
    scheme = settings.database.partition("://")[0]
    if scheme not in ("sqlite", "postgresql+psycopg"):
        problems.append(
            f"DATABASE_URL: {scheme!r} is not supported; use postgresql:// or sqlite://"
        )
    if settings.server_threads - settings.live_streams_per_worker < FEWEST_FOR_PAGES:
        problems.append(
            f"LIVE_STREAMS_PER_WORKER: must leave {FEWEST_FOR_PAGES} of SERVER_THREADS "
            f"({settings.server_threads}) for pages; raise SERVER_THREADS with it"
        )
    unknown = sorted(filterfalse(_is_country, settings.countries_texted))
    if unknown:
        problems.append(f"SMS_COUNTRIES: not the two letters of a country: {', '.join(unknown)}")
    if settings.smtp_ca_file and not _holds_certificates(settings.smtp_ca_file):
        problems.append("SMTP_CA_FILE: name a file of certificates in PEM that can be read")
    problems += _check_proxies(settings)
    problems += providers.check(settings)
    if settings.production:
        problems += _check_production(settings)
    if settings.development and not settings.allow_dev_exposed:
        problems += _check_development(settings)
    return problems


def _is_country(code: str) -> bool:
    from phonenumbers import SUPPORTED_REGIONS  # of which not every start has need

    return code in SUPPORTED_REGIONS


def _holds_certificates(path: Path) -> bool:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:  # of which SSLError is one
        return False
    return True


def _check_development(settings: Settings) -> list[str]:
    """Its inbox holds everybody's reset links, and its demo logins are known."""
    problems = []
    if not is_local(settings.server_host):
        problems.append(
            "SERVER_HOST: in development whoever reaches the port reads the inbox and signs in as "
            f"anybody; set ENVIRONMENT=production, {MEANT}"
        )
    if settings.public_base_url and not is_local(settings.public_host):
        problems.append(
            "PUBLIC_BASE_URL: development is not for others (its demo logins are known); set "
            f"ENVIRONMENT=production, {MEANT}"
        )
    return problems


def is_local(host: str) -> bool:
    """A name or an address of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_proxies(settings: Settings) -> list[str]:
    try:
        networks = [
            ipaddress.ip_network(one, strict=False) for one in listed(settings.trusted_proxies)
        ]
    except ValueError as error:
        return [f"TRUSTED_PROXIES: {error}; write addresses or networks, such as 172.16.0.0/12"]
    if any(network.prefixlen == 0 for network in networks):
        return ["TRUSTED_PROXIES: names everybody, so that visitors could choose their address"]
    if networks and not settings.proxy_hops:
        return ["BEHIND_PROXIES: is 0, and TRUSTED_PROXIES names some; leave out one of the two"]
    return []


def _check_production(settings: Settings) -> list[str]:
    problems = providers.doubts(settings)
    for name in SECRETS:
        given = getattr(settings, name)
        parts = listed(given) if name == "field_encryption_keys" else [given]
        fault = next(filter(None, map(weakness, parts or [""])), None)
        if fault:
            problems.append(f"{name.upper()}: {fault}")
    if settings.webhook_secret and (fault := weakness(settings.webhook_secret)):
        problems.append(f"WEBHOOK_SECRET: {fault}")
    faults = {
        "DEBUG: must be off in production": settings.debug,
        "DATABASE_URL: production needs PostgreSQL 15 or newer": settings.sqlite,
        "REDIS_URL: missing": not settings.redis_url,
        "PUBLIC_BASE_URL: must be the public https:// address": (
            not settings.public_base_url.startswith("https://")
        ),
        "TRUSTED_HOSTS: name the host names the clinic is reached by": not settings.hosts,
        f"TWILIO_API_BASE: must be {TWILIO} in production; say TWILIO_REGION for another one": (
            settings.twilio_api_base != TWILIO
        ),
        "PASSWORD_ROUNDS: at least 12 in production": settings.password_rounds < 12,
        "CORS_ORIGINS: each must be one https://host, without * and without a path": (
            not all(map(_is_https_origin, settings.origins))
        ),
        "S3_ENDPOINT_URL: must be an https:// address": (
            bool(settings.s3_endpoint_url) and not settings.s3_endpoint_url.startswith("https://")
        ),
    }
    return problems + [problem for problem, applies in faults.items() if applies]


def _is_https_origin(origin: str) -> bool:
    """As a browser names it: `https://host` or `https://host:port`."""
    return re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?", origin) is not None
