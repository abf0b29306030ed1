"""The OpenAPI document: what APIFlask finds in the code, and what holds for every operation."""

import copy
from typing import Any

from apiflask import APIFlask
from flask import current_app

from clinic.api import naming
from clinic.api.frame import PREFIX
from clinic.api.messaging import described
from clinic.core.web.security import EVERYONE, SIGNED_IN

VERBS = ("get", "post", "put", "patch", "delete")
LONGEST_WORD = 40  # of what stands in a path and is no id
PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `error_id` stands in the header X-Request-ID and in the log, too.",
    "required": ["type", "title", "status", "detail", "instance", "error_id", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "error_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
    "example": {
        "type": "urn:clinic:problem:slot_taken",
        "title": "That time was just taken",
        "status": 409,
        "detail": "That time was just taken",
        "instance": "/api/v1/appointments",
        "error_id": "3f6c1e0b9d2a4c58b7e1f00d5ac21a77",
        "errors": [],
    },
}
WORDS = {
    "400": "Malformed, or not valid: `errors` names the fields",
    "401": "No token, or one that is not valid any more",
    "403": "Your role cannot do this",
    "404": "Absent, or somebody else's",
    "405": "This address does not take that method",
    "409": "It contradicts what is there: taken, twice, or no longer possible",
    "413": "Larger than is taken",
    "415": "Send application/json",
    "429": "Too many; wait for Retry-After seconds",
    "503": "Try again after Retry-After seconds; nothing was changed",
}
WAITING = {"description": "Seconds to wait", "schema": {"type": "integer"}}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "A retry with the same key and body at the same address gets the first answer, for 24"
        " hours. With another body, or at another address of this operation: 409 `key_reused`."
    ),
    "schema": {"type": "string", "maxLength": 80},
}
SIGNED = {
    "name": "X-Signature",
    "in": "header",
    "required": True,
    "description": "The hex HMAC-SHA256 of the raw body, made with the secret both sides know",
    "schema": {"type": "string", "maxLength": 64},
}
ABOUT = """\
What the pages do, for programs. Times are ISO 8601 with an offset. Log in at
`/api/v1/auth/login` and send `Authorization: Bearer <access_token>`. Lists come in pages:
follow `next_cursor`. Errors are `application/problem+json`.

Left out so far: conversations. Hours are published a window at a time, where the page takes several
days at once. Left to the pages: the links of a visit (whoever logs in has the same steps by its
id), the links of letters (a mail program posts to them), the lock of an idle screen (tokens end by
themselves), calendar files, live refreshes, the photo itself, the first steps of a new clinic and
the health of the system."""


def configure(app: APIFlask) -> None:
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_200_RESPONSE=False,
        AUTO_OPERATION_ID=True,
        DESCRIPTION=ABOUT,
        SECURITY_SCHEMES={
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        },
    )
    app.extensions["openapi"] = None


def document() -> dict[str, Any]:
    """Made once a process."""
    made = current_app.extensions["openapi"]
    if made is None:
        made = current_app.extensions["openapi"] = _make(current_app)  # type: ignore[arg-type]
    return made


def _make(app: APIFlask) -> dict[str, Any]:
    for blueprint in app.blueprints.values():  # APIFlask expects its own kind alone
        if not hasattr(blueprint, "enable_openapi"):
            blueprint.enable_openapi = False  # type: ignore[attr-defined]
    found: dict[str, Any] = app._get_spec("json")  # type: ignore[assignment]
    found["servers"] = [{"url": "/"}]
    found["tags"] = list({tag["name"]: tag for tag in found["tags"]}.values())
    found["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    paths = {path: item for path, item in found["paths"].items() if path.startswith(PREFIX)}
    found["paths"] = paths
    for path, item in paths.items():
        endpoints = {
            verb: _endpoint(app, verb, item[verb]["operationId"]) for verb in VERBS if verb in item
        }
        for verb, endpoint in endpoints.items():
            verbs = list(endpoints.values()).count(endpoint)
            name = naming.operation_id(endpoint, verb, path.removeprefix(PREFIX), verbs)
            item[verb]["operationId"] = name
            _complete(app.view_functions[endpoint], verb, item[verb])
    paths.update(_by_the_provider())
    return naming.hoist(found)


def _by_the_provider() -> dict[str, Any]:
    """Two posts that no program of a clinic's makes: signed instead of with a token."""
    found = copy.deepcopy(described.PATHS)
    for item in found.values():
        for status in described.REFUSALS:
            item["post"]["responses"].setdefault(status, _problem(status))
    return {f"{PREFIX}{path}": item for path, item in found.items()}


def _complete(view: Any, verb: str, operation: dict[str, Any]) -> None:
    access: frozenset[str] = getattr(view, "access", frozenset())
    if EVERYONE not in access:
        operation["security"] = [{"bearer": []}]
    if getattr(view, "honours_key", False):
        operation["parameters"].append(KEY)
    if "Webhooks" in operation["tags"]:
        operation["parameters"].append(SIGNED)
    for parameter in operation["parameters"]:
        if parameter["in"] == "path" and parameter["name"].endswith("_id"):
            parameter["schema"] = {"type": "string", "format": "uuid"}  # APIFlask says string
        elif parameter["in"] == "path" and parameter["schema"] == {"type": "string"}:
            parameter["schema"] = {"type": "string", "maxLength": LONGEST_WORD}
    _say_who(operation, access)
    for status in _errors(verb, operation, access):
        operation["responses"].setdefault(status, _problem(status))


def _endpoint(app: APIFlask, verb: str, operation_id: str) -> str:
    name = operation_id.removeprefix(f"{verb}_")
    return next(known for known in app.view_functions if known.replace(".", "_") == name)


def _say_who(operation: dict[str, Any], access: frozenset[str]) -> None:
    roles = sorted(access - {EVERYONE, SIGNED_IN})
    if roles:
        told = operation.get("description", "")
        operation["description"] = f"{told}\n\nFor: {', '.join(roles)}.".strip()


def _errors(verb: str, operation: dict[str, Any], access: frozenset[str]) -> list[str]:
    statuses = ["400", "404", "405", "429", "503"]
    if EVERYONE not in access:
        statuses += ["401", "403"]
    elif "Authentication" in operation.get("tags", ()):
        statuses += ["401", "403", "409"]
    elif "Webhooks" in operation.get("tags", ()):
        statuses.append("401")
    if verb != "get":
        statuses += ["409", "413", "415"]
    return sorted(set(statuses))


def _problem(status: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": WORDS[status],
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    if status in ("429", "503"):
        answer["headers"] = {"Retry-After": WAITING}
    return answer
