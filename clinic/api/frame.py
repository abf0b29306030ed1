"""What all resources of the JSON API share: strict input, plain output, one way to say no."""

import functools
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from pydantic import BaseModel, ConfigDict, Field

from clinic.access.actor import Actor
from clinic.api.reading import InvalidInput, unknown
from clinic.core.data import idempotency
from clinic.core.data.idempotency import Key
from clinic.core.data.paging import LONGEST_CURSOR, MOST, USUAL, Page, Paging
from clinic.core.errors import Forbidden
from clinic.core.fields import PhoneNumber
from clinic.organisations import queries as organisations

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")
Answering = Callable[[Callable[P, object]], Callable[P, ResponseReturnValue]]

PREFIX = "/api/v1"


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
        raise InvalidInput(errors=[unknown(name) for name in request.args])


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
