"""The running product, for code behind the doors: its settings, its address, its words."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import current_app

from clinic.config import Settings

P = ParamSpec("P")
R = TypeVar("R")


def registered(what: str) -> Any:
    """What the factory put into the app under that name: handlers, runners, resolvers, gauges."""
    return current_app.extensions[what]


def settings() -> Settings:
    return current_app.config["SETTINGS"]


def public_base_url() -> str:
    """Where people reach the product, without a slash at the end."""
    return current_app.config["PUBLIC_BASE_URL"]


def made_by(template: str, macro: str, **values: Any) -> Any:
    """What a macro makes of the values: markup that depends on them alone, not on who is there."""
    return getattr(current_app.jinja_env.get_template(template).module, macro)(**values)


def fill(template: str, **values: Any) -> str:
    """A template without what surrounds a page: the words of a message."""
    environment = current_app.jinja_env
    found = environment.get_template(template)
    # As `render` does, which looks each global up in a chain: that takes as long as a short text.
    context = found.new_context({**environment.globals, **values}, shared=True)
    try:
        return environment.concat(found.root_render_func(context))
    except Exception:
        environment.handle_exception()  # raises it again, as of the template's own line


def in_a_context_of_its_own(call: Callable[P, R]) -> Callable[P, R]:
    """For other threads: what session the call opens ends with it, and it shares none."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with app.app_context():
            return call(*args, **kwargs)

    return run
