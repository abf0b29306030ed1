"""Where an account is signed in, browsers and programs alike; and how one ends that."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from flask_login import current_user
from pydantic import Field

from clinic.accounts.own import queries as own_queries
from clinic.accounts.own.queries import Door
from clinic.accounts.own.security import service as security
from clinic.accounts.vocabulary import device_of
from clinic.api.frame import Out, PageOf, PageQuery, Resource, actor, example, page
from clinic.core.web.security import signed_in

bp = Resource("sessions", tag="Authentication")

FIREFOX = {
    "id": "5a8f5d0e-3c0b-4a37-9c56-0d6f1b9f7a21",
    "kind": "browser",
    "name": "Firefox",
    "system": "Windows",
    "is_current": False,
    "created_at": "2026-11-16T06:30:00Z",
    "last_seen_at": "2026-11-16T09:12:00Z",
}


class SessionOut(Out):
    id: UUID
    kind: Literal["browser", "program"]
    name: str | None = Field(description="Of the browser; of a program what it calls itself")
    system: str | None = Field(description="What a browser runs on")
    is_current: bool = Field(description="Whose token asks")
    created_at: datetime
    last_seen_at: datetime = Field(description="Noted once a minute")

    model_config = example(FIREFOX)


class SessionPage(PageOf[SessionOut]):
    model_config = example({"items": [FIREFOX], "next_cursor": None})


@bp.get("/auth/sessions")
@signed_in
@bp.input(PageQuery, location="query")
@bp.output(SessionPage)
def index(query_data: PageQuery) -> dict[str, Any]:
    """Browsers and programs that are signed in to one's own account, who came last first."""
    found = own_queries.page_of_doors(current_user.id, current_user.session_id, query_data.paging)
    return page(found.of(lambda doors: [_told(door) for door in doors]))


def _told(door: Door) -> dict[str, Any]:
    device = device_of(door.agent)
    return {
        "id": door.id,
        "kind": "program" if door.is_program else "browser",
        "name": device.name if device else None,
        "system": device.system if device else None,
        "is_current": door.is_this,
        "created_at": door.since,
        "last_seen_at": door.seen,
    }


@bp.delete("/auth/sessions/<uuid:session_id>")
@signed_in
@bp.doc(responses={204: "Ended at once, with all its tokens"})
def end(session_id: UUID) -> tuple[str, int]:
    """Sign out one browser or program of one's own; also this one."""
    security.end_own(current_user.id, session_id, actor())
    return "", 204


@bp.post("/auth/sessions/end-others")
@signed_in
@bp.doc(responses={204: "Whoever else was signed in is out; the tokens in use stay"})
def end_others() -> tuple[str, int]:
    """Sign out every other browser and program."""
    security.end_others(current_user.id, current_user.session_id, actor())
    return "", 204
