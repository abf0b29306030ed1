"""How a body or a query is read: strictly, and what is wrong told by field, never by its value."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar, get_origin

import pydantic
from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request, g, request
from pydantic import BaseModel
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import UnsupportedMediaType

from clinic.core.errors import N_, FieldError, Invalid, Wrong

M = TypeVar("M", bound=BaseModel)

A_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,60}")

UNKNOWN = N_("Extra inputs are not permitted")  # pydantic's words for one in a body
# What a kind says to people, in the manner of pydantic.
AS_PROGRAMS_READ_IT = {
    "not_a_country": N_("Enter the two letters of a country, such as GB"),
    "unstorable": N_("contains a character that cannot be stored"),
}
# A program may want to tell these apart; all else that a kind refuses is a `value_error`.
BY_THEIR_OWN_CODE = ("phone_country", "phone_is_ours", "phone_kind")


class InvalidInput(Invalid):
    """With one entry for each field: never the value that was sent."""

    title = N_("Some of what you sent is not right")


def unknown(name: str) -> FieldError:
    return FieldError(name if A_NAME.fullmatch(name) else "query", "extra_forbidden", UNKNOWN)


class _StrictAdapter(PydanticAdapter):
    """APIFlask's reading of pydantic models, with our words for what is wrong."""

    def validate_input(self, request: Request, location: str, **kwargs: Any) -> BaseModel:
        kept = g.get("query")
        if location == "query" and type(kept) is self.model_class:
            return kept
        return _read(request, location, self.model_class)


def read_query(model: type[M]) -> M:
    """What a view with this model as its query will be given. Raises InvalidInput."""
    g.query = _read(request, "query", model)
    return g.query


def _read(given: Request, location: str, model: type[M]) -> M:
    try:
        return model.model_validate(_READERS[location](given, model))
    except pydantic.ValidationError as error:
        raise InvalidInput(errors=[_entry(dict(one)) for one in error.errors()]) from None


def _json(given: Request, _model: type[BaseModel]) -> object:
    if given.is_json:
        return given.get_json()
    if given.mimetype or given.content_length:
        raise UnsupportedMediaType
    return {}


def _query(given: Request, model: type[BaseModel]) -> dict[str, Any]:
    """Lists may be repeated or set apart by commas; the model refuses names it does not know."""
    found: dict[str, Any] = given.args.to_dict()
    for name, field in model.model_fields.items():
        for alias in _names(name, field):
            if alias not in given.args:
                continue
            many = get_origin(field.annotation) is list
            values = [part for one in given.args.getlist(alias) for part in one.split(",") if part]
            found[alias] = values if many else given.args[alias]
    return found


def _names(name: str, field: Any) -> list[str]:
    alias = field.validation_alias
    if alias is None:
        return [name]
    return [str(one) for one in getattr(alias, "choices", [alias])]


def _json_or_form(given: Request, model: type[BaseModel]) -> object:
    if given.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return given.form.to_dict()
    return _json(given, model)


def _upload(given: Request, _model: type[BaseModel]) -> dict[str, Any]:
    """The files of a form; or a CSV body, as the file `file`."""
    if given.mimetype == "multipart/form-data":
        return given.files.to_dict()
    if given.mimetype == "text/csv":
        return {"file": FileStorage(BytesIO(given.get_data()))}
    raise UnsupportedMediaType


_READERS: dict[str, Callable[[Request, type[BaseModel]], object]] = {
    "json": _json,
    "query": _query,
    "json_or_form": _json_or_form,
    "files": _upload,
}


def _entry(error: dict[str, Any]) -> FieldError:
    path = ".".join(str(part) for part in error["loc"])
    field, kind = path if A_NAME.fullmatch(path) else "body", str(error["type"])
    wrong = error.get("ctx", {}).get("error")
    if isinstance(wrong, Wrong):
        code = wrong.code if wrong.code in BY_THEIR_OWN_CODE else kind
        words = AS_PROGRAMS_READ_IT.get(wrong.code, wrong.words)
        return FieldError(field, code, words, wrong.values)
    return FieldError(field, kind, _message(kind, str(error["msg"])))


def _message(kind: str, said: str) -> str:
    if kind.startswith("uuid"):
        return N_("Input should be a UUID")  # pydantic's own words quote a character of it
    return said.removeprefix("Value error, ")


registry.register("pydantic", _StrictAdapter)
