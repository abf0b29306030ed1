"""Which language the answer to a request is read in, and how its sentences are found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user

SOURCE = "en"  # the language of the code: it needs no catalogue
LOCALE = "en_GB"  # how days and times are said in it


def init_app(app: Flask, translations: Path) -> None:
    """`translations` holds a folder `<language>/LC_MESSAGES` for each catalogue."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations)
    app.extensions["languages"] = frozenset(
        found.parent.parent.name for found in translations.glob("*/LC_MESSAGES/messages.mo")
    )
    babel = Babel(app, default_locale=LOCALE, default_timezone="UTC", locale_selector=_language)
    babel.domain_instance = sentences = _Sentences()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: sentences.get_translations().ugettext(text),
        ngettext=lambda one, many, num: sentences.get_translations().ungettext(one, many, num),
        newstyle=True,
    )
    # Jinja's own `_` looks gettext up for each sentence and calls it: this is the same, at once.
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"]


class _Sentences(Domain):
    """The catalogue, looked for once a request and language: a page has dozens of sentences."""

    def get_translations(self) -> NullTranslations:
        if not g:
            return super().get_translations()
        locale = get_locale()
        known: Any = g.get("catalogue")
        # Whoever forces another language meanwhile has another object for it.
        if known is None or known[0] is not locale:
            known = g.catalogue = (locale, super().get_translations())
        return known[1]


def _language() -> str | None:
    """The person's own, else what the browser asks for; English without any other.

    Nobody is looked up before there is a choice.
    """
    known: frozenset[str] = current_app.extensions["languages"]
    if not known or not has_request_context():
        return None
    found = next((code for code in _wanted() if code == SOURCE or code in known), None)
    return found if found in known else None


def _wanted() -> Iterator[str]:
    """What is asked for, the best first: of a region's language also the plain one."""
    own = _own()
    for tag in [own] if own else [tag for tag, quality in request.accept_languages if quality > 0]:
        yield tag.replace("-", "_")
        yield tag.partition("-")[0].lower()


def languages() -> tuple[str, ...]:
    """What whoever asks may write in: their own, translated or not, and that of the page."""
    page = get_locale()
    return tuple(one for one in (_own(), page and page.language) if one)


def _own() -> str | None:
    try:
        return getattr(current_user, "language", None)
    except Exception:
        # Whatever failed, the page that says so must not fail with it.
        return None
