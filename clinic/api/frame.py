"""What all resources of the JSON API share: strict input, plain output, one way to say no."""

import functools
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Annotated, Any, Generic, ParamSpec, TypeVar, get_origin
from uuid import UUID

import pydantic
from apiflask import APIBlueprint
from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import UnsupportedMediaType

from clinic.access.actor import Actor
from clinic.core.data import idempotency
from clinic.core.data.idempotency import Key
from clinic.core.data.paging import LONGEST_CURSOR, MOST, USUAL, Page, Paging
from clinic.core.errors import N_, FieldError, Forbidden, Invalid, Wrong
from clinic.core.fields import PhoneNumber
from clinic.organisations import queries as organisations

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
P = ParamSpec("P")
R = TypeVar("R")
Answering = Callable[[Callable[P, object]], Callable[P, ResponseReturnValue]]

PREFIX = "/api/v1"
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


class Resource(APIBlueprint):
    """A file of the API: its routes begin with /api/v1, and a slash at their end is optional."""

    def __init__(self, name: str, tag: str) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix=PREFIX, tag=tag)
        self.before_request(_refuse_stray_query)

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        options.setdefault("strict_slashes", False)
        super().add_url_rule(rule, *args, **options)

    def input(  # type: ignore[override]
        self, model: type[BaseModel], location: str = "json", **options: Any
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """A view without one for the query takes none: `_refuse_stray_query`."""
        as_told = super().input(model, location, **options)
        if location != "query":
            return as_told
        return lambda view: _reads_query(as_told(view))

    def output(  # type: ignore[override]
        self, model: Any, status_code: int = 200, **options: Any
    ) -> Answering:
        """The view returns what it found, of its own type; this makes the answer of it."""
        as_told = super().output(model, status_code, **options)
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return as_told  # type: ignore[return-value]
        return lambda view: as_told(_written(view, model, status_code))  # type: ignore[return-value]


def _reads_query(view: Callable[P, R]) -> Callable[P, R]:
    view.reads_query = True  # type: ignore[attr-defined]
    return view


def _refuse_stray_query() -> None:
    """A filter that is passed over gives an answer to another question."""
    if not request.args or request.endpoint is None:
        return
    if not hasattr(current_app.view_functions[request.endpoint], "reads_query"):
        raise InvalidInput(errors=[_unknown(name) for name in request.args])


def _unknown(name: str) -> FieldError:
    return FieldError(name if A_NAME.fullmatch(name) else "query", "extra_forbidden", UNKNOWN)


def _written(
    view: Callable[P, object], model: type[BaseModel], status_code: int
) -> Callable[P, object]:
    """The view with its answer written by pydantic: without a dict of it on the way to the text."""

    @functools.wraps(view)
    def write(*args: P.args, **kwargs: P.kwargs) -> object:
        found = view(*args, **kwargs)
        if isinstance(found, Response | tuple):
            return found
        return Response(text_of(model, found), status_code, mimetype="application/json")

    return write


def text_of(model: type[BaseModel], found: object) -> str:
    """To the byte what jsonify() makes of it, which ends in a new line and is ASCII throughout."""
    told = found if isinstance(found, BaseModel) else model.model_validate(found)
    text = told.model_dump_json(by_alias=True, ensure_ascii=True)
    return text.replace("\x7f", "\\u007f") + "\n"  # which pydantic counts as printable


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


class In(BaseModel):
    """A body or a query: what is not named is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def example(value: Mapping[str, Any]) -> ConfigDict:
    """For `model_config`: what the document shows; a test reads it back through the model."""
    return ConfigDict(json_schema_extra={"examples": [dict(value)]})


class Out(BaseModel):
    """An answer, made of a dict or of any object with these attributes."""

    model_config = ConfigDict(from_attributes=True)


# Becomes E.164. Numbers without a country code are read as the clinics' own country's.
Phone = Annotated[str, PhoneNumber(country=organisations.default_country)]
# The same, whose use a command judges, which knows what was kept before.
WrittenPhone = Annotated[str, PhoneNumber(country=organisations.default_country, use=None)]


class PageQuery(In):
    limit: int = Field(USUAL, ge=1, le=MOST, description="How many items at most")
    cursor: str | None = Field(
        None, max_length=LONGEST_CURSOR, description="`next_cursor` of the page before"
    )

    @property
    def paging(self) -> Paging:
        return Paging(self.limit, self.cursor)


class PageOf(Out, Generic[T]):
    """Subclass it with a name for each kind of item, so that the document can name it."""

    items: list[T]
    next_cursor: str | None = Field(description="Ask again with `cursor`; null on the last page")


def page(found: Page[Any]) -> dict[str, Any]:
    return {"items": found.items, "next_cursor": found.next_cursor}


def honours_key(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that answers a retry with the same Idempotency-Key as it did before."""
    view.honours_key = True  # type: ignore[attr-defined]
    return view


def actor() -> Actor:
    return current_user.actor


def own_organisation() -> UUID:
    """Raises Forbidden for whoever belongs to none."""
    organisation_id = current_user.organisation_id
    if organisation_id is None:
        raise Forbidden
    return organisation_id


def once(command: Callable[[], UUID | str], body: BaseModel) -> str:
    """The id that `command` returns, or returned before to this user and `Idempotency-Key`."""
    return idempotency.once(idempotency_key(body), lambda: str(command()))


def idempotency_key(body: BaseModel) -> Key | None:
    """For a command that minds it itself. The address counts as the body does: what was asked of
    one doctor's hours is not the answer to the same of another's."""
    return idempotency.key_of(
        current_user.id,
        str(request.endpoint)[:80],
        request.headers.get("Idempotency-Key"),
        {"body": body.model_dump_json()},
        address=f"{request.method} {request.path.rstrip('/')}",
    )
