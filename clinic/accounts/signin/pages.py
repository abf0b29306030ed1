"""A form whose cookie is gone, or whose person has changed since, is led on: never sent in circles.

The token that a form carries is good for one session of one browser. A form that has lost it does
nothing; what it was about goes along where its view says how (`when_lost`).
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, make_response, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from clinic.accounts.signin import words
from clinic.core.web import htmx, problems
from clinic.core.web.security import EVERYONE, local_path


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, _lead_on)


def _lead_on(_error: CSRFError) -> Response:
    if problems.wants_json():
        return problems.answer(400, words.not_sent(), words.open_again(), "bad_request")
    if current_user.is_authenticated:
        problem = words.signed_in_as(current_user.full_name)
        again = _of_view("shows_again")
        return _refusal(again(problem)) if again else _page(problem)
    if _is_open() or current_user.is_locked:
        return _page(words.open_again())
    leads_back = _of_view("leads_back")
    following = leads_back() if leads_back else _where_it_stood()
    return htmx.go(url_for("accounts.login", next=following))


def _refusal(answer: Response) -> Response:
    """Whatever the page shows, the form was not taken; unless it leads to where all is done."""
    if answer.status_code == 200 or answer.status_code >= 400:
        answer.status_code = 400
    return answer


def _of_view(name: str) -> Callable[..., Any] | None:
    return getattr(current_app.view_functions.get(request.endpoint or ""), name, None)


def _is_open() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return EVERYONE in getattr(view, "access", ())


def _where_it_stood() -> str:
    """The page that the browser says the form was on, or the form's own address."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc == request.host:
        return local_path(f"{referrer.path}?{referrer.query}".rstrip("?"), "/")
    adapter = current_app.create_url_adapter(request)
    try:
        if adapter:
            adapter.match(request.path, method="GET")
            return local_path(request.full_path.rstrip("?"), "/")
    except HTTPException:
        pass
    return "/"


def _page(detail: str) -> Response:
    if htmx.is_partial():
        return problems.answer(400, words.not_sent(), detail, "bad_request")
    said = {"title": words.not_sent(), "detail": detail, "again": _where_it_stood()}
    page = render_template("errors/error.html", status=400, **said)
    return make_response(page, 400)
