"""Words of a message: our templates when it is queued, its secrets when it is sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

PLACEHOLDER = re.compile(r"\{(link|code):([a-z_]+):([0-9A-Za-z-]{1,64})\}")
DOTS = "•••"

Resolver = Callable[[str], str]
_resolvers: dict[str, Resolver] = {}


@dataclass(frozen=True, slots=True)
class Words:
    """A rendered template; `subject` and `html` are for e-mail only."""

    text: str
    subject: str | None = None


def subscribe(resolvers: Mapping[str, Resolver]) -> None:
    """Called once by the factory: what each placeholder (`link:visit`) stands for, given its id."""
    _resolvers.clear()
    _resolvers.update(resolvers)


def render(template: str, channel: str, values: Mapping[str, Any]) -> Words:
    """Fill templates/messages/<template>/; texts are one line, letters have a subject."""
    folder = f"messages/{template}"
    if channel != "email":
        return Words(_one_line(_fill(f"{folder}/sms.txt", values)))
    subject = _one_line(_fill(f"{folder}/subject.txt", values))
    return Words(_fill(f"{folder}/body.txt", values).strip() + "\n", subject)


def html_of(text: str) -> str:
    """The letter's HTML form, made of the same words."""
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    page = current_app.jinja_env.get_template("messages/letter.html")
    return page.render(paragraphs=paragraphs)


def _fill(name: str, values: Mapping[str, Any]) -> str:
    return current_app.jinja_env.get_template(name).render(**values)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def with_secrets(text: str) -> str:
    """Put links and codes where their placeholders stand. Only for the moment of sending."""

    def resolve(found: re.Match[str]) -> str:
        resolver = _resolvers.get(f"{found[1]}:{found[2]}")
        return resolver(found[3]) if resolver else DOTS

    return PLACEHOLDER.sub(resolve, text)


def with_dots(text: str) -> str:
    """What staff may read: no link, no code."""
    return PLACEHOLDER.sub(DOTS, text)
