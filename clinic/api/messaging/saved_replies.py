"""Saved replies: words that a front desk needs often."""

from typing import Annotated, Any
from uuid import UUID

from clinic.access.roles import READ_MESSAGES
from clinic.api.frame import (
    In,
    Out,
    PageOf,
    PageQuery,
    Resource,
    actor,
    example,
    honours_key,
    once,
    page,
)
from clinic.core.fields import Line, Text
from clinic.core.web.security import access
from clinic.messaging.threads.saved import service
from clinic.messaging.threads.saved.service import Saved

bp = Resource("saved_replies", tag="Messages")

WORDS = {"title": "Parking", "body": "Dear {name}, park behind {clinic}."}
SAVED = {"id": "9d1f0c52-8d2e-4f0c-9b57-6a1f64b5c7ac", **WORDS}


class SavedReplyIn(In):
    title: Annotated[str, Line(60, least=1)]
    body: Annotated[str, Text(1000, least=1)]

    model_config = example(WORDS)


class SavedReplyOut(Out):
    id: UUID
    title: str
    body: str

    model_config = example(SAVED)


class SavedReplyPage(PageOf[SavedReplyOut]):
    model_config = example({"items": [SAVED], "next_cursor": None})


@bp.get("/saved-replies")
@access(*READ_MESSAGES)
@bp.input(PageQuery, location="query")
@bp.output(SavedReplyPage)
def index(query_data: PageQuery) -> dict[str, Any]:
    """Those of your organisation, by title."""
    return page(service.page(actor(), query_data.paging))


@bp.post("/saved-replies")
@access(*READ_MESSAGES)
@honours_key
@bp.input(SavedReplyIn)
@bp.output(SavedReplyOut, 201)
def create(json_data: SavedReplyIn) -> Saved:
    """Keep words. `{name}`, `{clinic}`, `{phone}` and `{link}` are filled in when they are sent."""
    new = once(lambda: service.save(json_data.title, json_data.body, actor()), json_data)
    return service.one(actor(), UUID(new))


@bp.get("/saved-replies/<uuid:reply_id>")
@access(*READ_MESSAGES)
@bp.output(SavedReplyOut)
def show(reply_id: UUID) -> Saved:
    """One of them."""
    return service.one(actor(), reply_id)


@bp.put("/saved-replies/<uuid:reply_id>")
@access(*READ_MESSAGES)
@bp.input(SavedReplyIn)
@bp.output(SavedReplyOut)
def update(reply_id: UUID, json_data: SavedReplyIn) -> Saved:
    """Other words. 409 where another one has the title."""
    service.save(json_data.title, json_data.body, actor(), reply_id)
    return service.one(actor(), reply_id)


@bp.delete("/saved-replies/<uuid:reply_id>")
@access(*READ_MESSAGES)
@bp.doc(responses={204: "Deleted"})
def delete(reply_id: UUID) -> tuple[str, int]:
    """Delete it."""
    service.delete(reply_id, actor())
    return "", 204
