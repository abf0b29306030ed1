"""What only a process that answers requests needs: hooks, sign-in, pages and the API."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from apiflask import APIFlask
from flask import Blueprint
from flask_wtf import CSRFProtect

from clinic import __version__, config, page
from clinic.accounts.signin import gate
from clinic.accounts.signin import pages as signin
from clinic.api import wiring
from clinic.config import Settings
from clinic.core import kept
from clinic.core.serving import compressed, proxies
from clinic.core.watch import logging, metrics
from clinic.core.web import assets, nearby, problems, security

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
    "organisations.places",
    "organisations.policies",
    "doctors.directory",
    "doctors.week",
    "doctors.keeping",
    "patients.signup",
    "patients.joining",
    "patients.records",
    "patients.desk",
    "patients.registering",
    "schedules",
    "appointments.booking",
    "appointments.moving",
    "appointments.holding",
    "appointments.steps",
    "appointments.board",
    "appointments.leaving",
    "appointments.outside",
    "reminders.desk",
    "hooks",
    "reminders.rules",
    "messaging.desk",
    "messaging.desk.many",
    "messaging.desk.flow",
    "messaging.threads",
    "messaging.threads.saved",
    "messaging.threads.hours",
    "messaging.inbox",
    "messaging.unsubscribing",
    "messaging.identities",
    "messaging.wording",
    "messaging.readiness",
    "admin",
    "api",
)


class _App(APIFlask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view and no hook is a coroutine: nobody need look at each of them in each request."""
        return func


def new_app(settings: Settings) -> APIFlask:
    app = _App(
        "clinic",
        title=f"{settings.site_name} API",
        version=__version__,
        root_path=str(config.ROOT),
        spec_path=None,  # the pages of api.views serve the document
        docs_path=None,
        json_errors=False,  # core.errors answers for all
    )
    proxies.believe(app, settings)
    logging.init_app(app)
    metrics.init_app(app)
    return app


def open_all(app: APIFlask) -> None:
    """Needs the extensions that the factory gives every process."""
    app.extensions["live"].tell = metrics.STREAMS.set
    nearby.init_app(app)  # before anything is looked up for a name that is not ours
    security.init_app(app)
    app.extensions["csrf"] = CSRFProtect(app)
    gate.init_app(app)
    signin.init_app(app)
    problems.init_app(app)
    kept.init_app(app)
    assets.init_app(app)
    compressed.init_app(app)
    found: dict[str, Blueprint] = {}
    for folder in DOORS:
        door = vars(import_module(f"clinic.{folder}.views"))
        # By name: several folders of a room may share one blueprint.
        found |= {one.name: one for one in door.values() if isinstance(one, Blueprint)}
    for blueprint in found.values():
        app.register_blueprint(blueprint)
    for by_link in ("visit", "unsubscribe"):  # the link is the authority: decision 0039
        app.extensions["csrf"].exempt(found[by_link])
    wiring.init_app(app)
    page.init_app(app)
