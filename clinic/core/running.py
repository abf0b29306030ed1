"""The running product, for code behind the doors: its settings, its address, its words."""

from typing import Any

from flask import current_app

from clinic.config import Settings


def registered(what: str) -> Any:
    """What the factory put into the app under that name: handlers, runners, resolvers, gauges."""
    return current_app.extensions[what]


def settings() -> Settings:
    return current_app.config["SETTINGS"]


def public_base_url() -> str:
    """Where people reach the product, without a slash at the end."""
    return current_app.config["PUBLIC_BASE_URL"]


def fill(template: str, **values: Any) -> str:
    """A template without what surrounds a page: the words of a message."""
    return current_app.jinja_env.get_template(template).render(**values)
