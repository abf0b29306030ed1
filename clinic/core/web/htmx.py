"""One page, two ways to ask for it: whole, or the part that htmx will swap in."""

import hashlib
import json
from collections.abc import Callable, Hashable
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse


def is_partial() -> bool:
    """Did htmx ask for a part (not a boosted page, not a page of the history)?"""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render(page: str, *, partial: str, status: int = 200, **context: Any) -> Response:
    """Render the partial for htmx, the page (which includes the partial) for all others."""
    return answer(render_template(partial if is_partial() else page, **context), status)


def answer(rendered: str, status: int = 200) -> Response:
    """What was rendered for one of the two ways to ask."""
    response = make_response(rendered, status)
    response.vary.add("HX-Request")
    return unless_known(response) if is_refresh() else response


def is_refresh() -> bool:
    """Did a page refresh a part of itself, by a ring or the clock, and nobody touch it?"""
    return is_partial() and request.headers.get("X-Live") == "1"


def part(state: Hashable, render: Callable[[], str]) -> Response:
    """A part whose words follow from `state`: a page that has it costs no rendering."""
    tag = hashlib.sha256(repr(state).encode()).hexdigest()[:32]
    is_known = is_refresh() and request.if_none_match.contains_weak(tag)
    response = make_response("", 304) if is_known else make_response(render())
    response.set_etag(tag, weak=True)
    response.vary.add("HX-Request")
    return response


def unless_known(response: Response) -> Response:
    """Nothing (304) where the browser has it already: it says which by the tag it was given."""
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def done(
    location: str,
    *,
    partial: str,
    toast: str | None = None,
    events: tuple[str, ...] = (),
    **context: Any,
) -> BaseResponse:
    """After a POST that worked: redirect a plain browser, hand htmx the new part."""
    if not is_partial():
        return redirect(location, code=303)
    response = make_response(render_template(partial, **context))
    response.vary.add("HX-Request")
    happened: dict[str, Any] = dict.fromkeys(events, True)
    if toast:
        happened["toast"] = {"text": str(toast)}  # it may be lazy
    return trigger(response, **happened)


def go(location: str) -> BaseResponse:
    """After a POST that leads to another page, for plain browsers and htmx alike."""
    if not is_partial():
        return redirect(location, code=303)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = iri_to_uri(location)  # headers are Latin-1
    return response


def trigger(response: Response, **happened: Any) -> Response:
    if happened:
        response.headers["HX-Trigger"] = json.dumps(happened)
    return response
