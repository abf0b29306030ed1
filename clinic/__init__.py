"""The clinic's front door: find a doctor, book, be seen."""

from apiflask import APIFlask
from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from clinic import config, switchboard, timetable
from clinic.config import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> APIFlask:
    """The whole product as one WSGI application. Raises WrongSetting."""
    settings = settings or config.load_settings()
    app = APIFlask(
        __name__,
        title=f"{settings.site_name} API",
        version=__version__,
        root_path=str(config.ROOT),
        spec_path=None,  # the pages of api.views serve the document
        docs_path=None,
        json_errors=False,  # core.errors answers for all
    )
    _configure(app, settings)
    _add_extensions(app)
    _open_rooms(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    from clinic.core import emails, logging

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
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
    )
    if settings.behind_proxies:
        hops = settings.behind_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


def _engine_options(settings: Settings) -> dict[str, object]:
    # An error's text carries no values: they would put patients into the logs.
    shared: dict[str, object] = {"echo": settings.sql_echo, "hide_parameters": True}
    if settings.sqlite:
        return shared
    return {
        **shared,
        "pool_pre_ping": True,
        "pool_size": 20,
        "max_overflow": 20,
        "connect_args": {
            "options": "-c timezone=utc -c statement_timeout=30s -c lock_timeout=20s",
            "connect_timeout": 5,
        },
    }


def _add_extensions(app: Flask) -> None:
    from clinic.accounts import signing
    from clinic.core import (
        assets,
        db,
        errors,
        live,
        logging,
        metrics,
        queue,
        redis_client,
        security,
        strict_json,
    )
    from clinic.core import views as core
    from clinic.events import queries as events
    from clinic.messaging import queries as messages

    app.json = strict_json.StrictProvider(app)
    logging.init_app(app)
    metrics.init_app(app)
    db.init_app(app)
    Migrate(app, db.db, directory=str(config.ROOT / "migrations"), render_as_batch=False)
    redis_client.init_app(app)
    live.init_app(app, switchboard.WATCHERS)
    security.init_app(app)
    app.extensions["csrf"] = CSRFProtect(app)
    signing.init_app(app)
    Babel(app, default_locale="en_GB", default_timezone="UTC")
    errors.init_app(app)
    assets.init_app(app)
    metrics.gauge_source(queue.gauges)
    metrics.gauge_source(events.gauges)
    metrics.gauge_source(messages.gauges)
    core.readiness_source(messages.gauges)


def _open_rooms(app: APIFlask) -> None:
    from clinic import cli, page
    from clinic.accounts.account_views import bp as account
    from clinic.accounts.lock_views import bp as lock
    from clinic.accounts.recovery_views import bp as recovery
    from clinic.accounts.security_views import bp as security
    from clinic.accounts.signup_views import bp as signup
    from clinic.accounts.user_views import bp as users
    from clinic.accounts.views import bp as accounts
    from clinic.admin.views import bp as admin
    from clinic.api import wiring as api
    from clinic.api.twilio import bp as twilio
    from clinic.appointments.board_views import board_bp
    from clinic.appointments.link_views import link_bp
    from clinic.appointments.views import bp as appointments
    from clinic.core.views import bp as core
    from clinic.doctors.views import bp as doctors
    from clinic.events import service, tasks
    from clinic.messaging import receiving, rendering
    from clinic.messaging.inbox_views import bp as inbox
    from clinic.messaging.views import bp as messaging
    from clinic.organisations.views import bp as organisations
    from clinic.patients.views import bp as patients
    from clinic.schedules.views import bp as schedules

    for room in (
        core,
        accounts,
        recovery,
        lock,
        account,
        security,
        users,
        signup,
        organisations,
        doctors,
        patients,
        schedules,
        appointments,
        board_bp,
        link_bp,
        messaging,
        inbox,
        admin,
    ):
        app.register_blueprint(room)
    app.register_blueprint(twilio)
    app.extensions["csrf"].exempt(twilio)  # machines sign their posts instead
    rendering.subscribe(switchboard.PLACEHOLDERS)
    receiving.subscribe(switchboard.ANSWER)
    service.subscribe(switchboard.NOW, switchboard.LATER)
    tasks.subscribe(switchboard.TASKS)
    api.init_app(app)
    page.init_app(app)
    cli.init_app(app)
