"""create_app(): settings, extensions, doors and subscriptions; nothing else."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from apiflask import APIFlask
from flask import Blueprint, Flask, current_app
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from clinic import __version__, cli, config, page, switchboard, timetable
from clinic.accounts.signin import gate
from clinic.api import wiring
from clinic.config import Settings
from clinic.core import emails, reader
from clinic.core.data import connections, db
from clinic.core.watch import logging, metrics, unread
from clinic.core.web import assets, live, problems, security, strict_json
from clinic.core.work import queue, redis_client
from clinic.events import queries as events
from clinic.events.subscriptions import Subscriptions
from clinic.messaging.delivery import figures as messages

# Folders with a door: every blueprint of their `views.py` is opened, in this order.
DOORS = (
    "core.watch",
    "accounts.signin",
    "accounts.recovery",
    "accounts.own",
    "accounts.own.security",
    "accounts.people",
    "accounts.opening",
    "organisations",
    "doctors",
    "patients.signup",
    "schedules",
    "appointments.booking",
    "appointments.steps",
    "appointments.board",
    "appointments.outside",
    "messaging.desk",
    "messaging.inbox",
    "admin",
    "api",
)

TRANSLATIONS = config.ROOT / "clinic" / "translations"


class _App(APIFlask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view and no hook is a coroutine: nobody need look at each of them in each request."""
        return func


def create_app(settings: Settings | None = None) -> APIFlask:
    """The whole product as one WSGI application. Raises WrongSetting."""
    from_outside = settings is None
    settings = settings or config.load_settings()
    app = _App(
        "clinic",
        title=f"{settings.site_name} API",
        version=__version__,
        root_path=str(config.ROOT),
        spec_path=None,  # the pages of api.views serve the document
        docs_path=None,
        json_errors=False,  # core.errors answers for all
    )
    _configure(app, settings)
    if from_outside:
        unread.tell()
    _add_extensions(app)
    _subscribe(app)
    _open_doors(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    emails.allow_private_domains()
    logging.configure(
        settings.log_level, None if settings.environment == "testing" else settings.log_dir
    )
    fallbacks = [key for key in settings.secret_key_fallbacks.split(",") if key]
    app.config.update(
        SETTINGS=settings,
        VERSION=__version__,
        SITE_NAME=settings.site_name,
        TICKS=timetable.TICKS,
        PUBLIC_BASE_URL=settings.public_base_url.rstrip("/") or f"http://127.0.0.1:{settings.port}",
        DEBUG=settings.debug,
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=fallbacks or None,
        SESSION_COOKIE_NAME="__Host-session" if settings.cookies_are_secure else "session",
        SESSION_COOKIE_SECURE=settings.cookies_are_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=settings.hosts or None,
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still works
        WTF_CSRF_SSL_STRICT=False,  # the token is checked; a proxy may strip the referrer
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=connections.options(settings),
    )
    if settings.behind_proxies:
        hops = settings.behind_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


class _Migrations:
    """Flask-Migrate once a command asks for it: alembic is large, and pages have no need of it."""

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        folder = str(config.ROOT / "migrations")
        Migrate(current_app, db.db, directory=folder, render_as_batch=False)
        return getattr(current_app.extensions["migrate"], name)


def _add_extensions(app: Flask) -> None:
    app.json = strict_json.StrictProvider(app)
    logging.init_app(app)
    metrics.init_app(app)
    db.init_app(app)
    app.extensions["migrate"] = _Migrations()
    redis_client.init_app(app)
    live.init_app(app, switchboard.TOPICS)
    security.init_app(app)
    app.extensions["csrf"] = CSRFProtect(app)
    gate.init_app(app)
    reader.init_app(app, TRANSLATIONS)
    problems.init_app(app)
    assets.init_app(app)


def _subscribe(app: Flask) -> None:
    """What rooms below ask of rooms above. It belongs to the app: two in one process may differ."""
    app.extensions |= {
        "subscriptions": Subscriptions.of(switchboard.NOW, switchboard.LATER, switchboard.ALIASES),
        "tasks": dict(switchboard.TASKS),
        "placeholders": dict(switchboard.PLACEHOLDERS),
        "answering": switchboard.ANSWER,
        "gauges": (queue.gauges, events.gauges, messages.gauges),
        "figures": (messages.gauges,),
    }


def _open_doors(app: APIFlask) -> None:
    found: dict[str, Blueprint] = {}
    for folder in DOORS:
        door = vars(import_module(f"clinic.{folder}.views"))
        # By name: several folders of a room may share one blueprint.
        found |= {one.name: one for one in door.values() if isinstance(one, Blueprint)}
    for blueprint in found.values():
        app.register_blueprint(blueprint)
    wiring.init_app(app)
    page.init_app(app)
    cli.init_app(app)
