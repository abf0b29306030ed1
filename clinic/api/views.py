"""The document of the API, and two ways to read it: served from here, each under its own CSP."""

from flask import Blueprint, Response, jsonify, make_response, render_template

from clinic.api import openapi
from clinic.api.frame import PREFIX
from clinic.core.security import CSP, public

bp = Blueprint("docs", __name__)

# Both readers write styles into the page, and draw icons from data: addresses. Neither runs words
# of a page as a script: that stays forbidden.
READER = CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self'", "img-src 'self' data:"
)
REDOC = f"{READER}; worker-src blob:"


@bp.get(f"{PREFIX}/openapi.json")
@public
def document() -> Response:
    response = jsonify(openapi.document())
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@bp.get("/docs")
@public
def swagger() -> Response:
    script, style = "vendor/swagger-ui-5.35.0.bundle.js", "vendor/swagger-ui-5.35.0.css"
    return _reader(READER, reader="swagger", script=script, style=style)


@bp.get("/redoc")
@public
def redoc() -> Response:
    return _reader(REDOC, reader="redoc", script="vendor/redoc-2.5.4.standalone.js")


def _reader(csp: str, **which: str) -> Response:
    page = render_template("api/reader.html", document=f"{PREFIX}/openapi.json", **which)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = csp
    return response
