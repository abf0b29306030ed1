"""create_app(): settings, extensions, doors and subscriptions; nothing else."""

from typing import Any

from flask import Flask, current_app

from clinic import __version__, cli, config, switchboard, timetable
from clinic.appointments.holding import hold
from clinic.config import Settings, providers, unread
from clinic.core import emails, reader
from clinic.core.data import connections, db
from clinic.core.watch import lines
from clinic.core.web import live, strict_json
from clinic.core.work import queue, redis_client
from clinic.events import queries as events
from clinic.events.subscriptions import Subscriptions
from clinic.messaging.delivery import figures as messages
from clinic.messaging.inbound import places
from clinic.messaging.senders.chosen import Senders
from clinic.messaging.templates.approved import Templates
from clinic.messaging.words.own.wordings import Wordings
from clinic.organisations.site.known import Sites
from clinic.organisations.telephones import Telephones
from clinic.reminders.telling import due as reminders

WAITING = (events.gauges, messages.gauges, reminders.gauges)  # what nobody has worked off yet
TRANSLATIONS = config.ROOT / "clinic" / "translations"


def create_app(settings: Settings | None = None, has_doors: bool = True) -> Flask:
    """The whole product as one WSGI application. Raises WrongSetting.

    Without doors it is what jobs need: no routes, and none of the libraries that serve them.
    """
    from_outside = settings is None
    settings = settings or config.load_settings()
    lines.configure_by(settings)
    if not has_doors:
        return _furnished(Flask("clinic", root_path=str(config.ROOT)), settings, from_outside)

    from clinic import doors

    app = doors.new_app(settings)
    _furnished(app, settings, from_outside)
    doors.open_all(app)
    cli.init_app(app)
    return app


def _furnished(app: Flask, settings: Settings, from_outside: bool) -> Flask:
    _configure(app, settings)
    if from_outside:
        unread.tell()
        providers.tell(settings)
    _add_extensions(app)
    _subscribe(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    emails.allow_private_domains()
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
        KNOWN_COOKIE_NAME="__Host-known" if settings.cookies_are_secure else "known",
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


class _Migrations:
    """Flask-Migrate once a command asks for it: alembic is large, and pages have no need of it."""

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        folder = str(config.ROOT / "migrations")
        Migrate(current_app, db.db, directory=folder, render_as_batch=False)
        return getattr(current_app.extensions["migrate"], name)


def _add_extensions(app: Flask) -> None:
    app.json = strict_json.StrictProvider(app)
    db.init_app(app)
    app.extensions["migrate"] = _Migrations()
    redis_client.init_app(app)
    live.init_app(app, switchboard.TOPICS)
    reader.init_app(app, TRANSLATIONS)


def _subscribe(app: Flask) -> None:
    """What rooms below ask of rooms above. It belongs to the app: two in one process may differ."""
    app.extensions |= {
        "subscriptions": Subscriptions.of(switchboard.NOW, switchboard.LATER, switchboard.ALIASES),
        "tasks": dict(switchboard.TASKS),
        "placeholders": dict(switchboard.PLACEHOLDERS),
        "answering": switchboard.ANSWER,
        "again": switchboard.AGAIN,
        "telephones": Telephones(),
        "senders": Senders(),
        "wordings": Wordings(),
        "whatsapp_templates": Templates(),
        "sites": Sites(),
        "gauges": (queue.gauges, hold.gauges, places.gauges, *WAITING),
        "figures": (queue.gauges, *WAITING, live.figures),
    }
