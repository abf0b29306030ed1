"""The document of the API, and two ways to read it: served from here, each under its own CSP."""

from flask import Blueprint, Response, abort, jsonify, make_response, render_template

from clinic.api import openapi
from clinic.api.frame import PREFIX
from clinic.core import running
from clinic.core.web.security import CSP, public

bp = Blueprint("docs", __name__)

# Both readers write styles into the page, and draw icons from data: addresses. Neither runs words
# of a page as a script: that stays forbidden.
READER = CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self'", "img-src 'self' data:"
)
REDOC = f"{READER}; worker-src blob:"


@bp.before_request
def _only_where_it_is_shown() -> None:
    """To attackers it is a map: production shows it where API_DOCS says so."""
    if not running.settings().shows_api_docs:
        abort(404)


@bp.get(f"{PREFIX}/openapi.json")
@public
def document() -> Response:
    response = jsonify(openapi.document())
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@bp.get("/docs")
@public
def swagger() -> Response:
    return _reader("swagger", READER)


@bp.get("/redoc")
@public
def redoc() -> Response:
    return _reader("redoc", REDOC)


def _reader(name: str, csp: str) -> Response:
    page = render_template("api/reader.html", document=f"{PREFIX}/openapi.json", reader=name)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = csp
    return response
