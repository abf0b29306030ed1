"""What is done with messages that wait, or did not arrive: stopped, or sent again, many at once."""

from dataclasses import replace
from typing import Annotated, Any, Self
from uuid import UUID, uuid4

from flask import request
from pydantic import Field, model_validator

from clinic.access.roles import READ_MESSAGES
from clinic.api.frame import In, Out, Resource, actor, example, honours_key
from clinic.api.messaging.ledger.messages import FoundIn, MessageDetailOut, told, wanted
from clinic.core import fingerprints
from clinic.core.data.paging import Paging
from clinic.core.errors import N_, Wrong
from clinic.core.web.security import access
from clinic.messaging.desk import queries, service
from clinic.messaging.desk.many import service as many
from clinic.messaging.desk.many import words
from clinic.messaging.desk.queries import NOT_ARRIVED

bp = Resource("many_messages", tag="Messages")

ID = "2b3c4d5e-6f70-4812-93a4-b5c6d7e8f901"
SENT = {"id": ID, "message_id": "4d5e6f70-8192-4a34-95c6-d7e8f9012345"}
REFUSED = {
    "id": "3c4d5e6f-7081-4923-a4b5-c6d7e8f90123",
    "code": "begun",
    "reason": "The visit has begun, so this would come too late.",
}


class ResendManyIn(In):
    """Named ones, or the newest 500 that a filter finds; one of the two."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=many.MOST)] | None = None
    found: FoundIn | None = Field(None, description="Without a status: those that did not arrive")

    model_config = example({"ids": [ID]})

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.ids is None) == (self.found is None):
            raise Wrong("one_of_two", N_("Name the messages, or say what is to be found."))
        return self


class ResentOneOut(Out):
    id: UUID
    message_id: UUID = Field(description="The new message")

    model_config = example(SENT)


class NotResentOut(Out):
    id: UUID
    code: str
    reason: str

    model_config = example(REFUSED)


class ResentOut(Out):
    sent: list[ResentOneOut]
    refused: list[NotResentOut]
    is_all: bool = Field(description="false where a filter finds more than 500")

    model_config = example(
        {
            "sent": [SENT],
            "refused": [REFUSED],
            "is_all": True,
        }
    )


@bp.post("/messages/resend")
@access(*READ_MESSAGES)
@honours_key
@bp.input(ResendManyIn)
@bp.output(ResentOut)
def resend(json_data: ResendManyIn) -> dict[str, Any]:
    """Send many again, each as if it was asked for alone.

    What is no longer true is refused with its reason, and keeps no other from going. At most 500.
    With the same Idempotency-Key nothing goes out a second time.
    """
    ids, is_all = _which(json_data)
    done = many.resend(ids, actor(), _turn())
    return {
        "sent": [{"id": old, "message_id": new} for old, new in done.sent.items()],
        "refused": [
            {"id": one.message_id, "code": one.why, "reason": words.reason(one)}
            for one in done.refused
        ],
        "is_all": is_all,
    }


def _which(asked: ResendManyIn) -> tuple[list[UUID], bool]:
    if asked.found is None:
        return asked.ids or [], True
    narrow = wanted(asked.found)
    statuses = narrow.statuses or sorted(NOT_ARRIVED)
    found = queries.messages(
        actor(), replace(narrow, direction="out", statuses=statuses), Paging(many.MOST)
    )
    return [one.id for one in found.items], found.next_cursor is None


def _turn() -> str:
    """The same for a retry with the same key, whoever else uses that key."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        return uuid4().hex
    return fingerprints.fingerprint(f"{actor().user_id}:{key}")[: many.LONGEST_TURN]


@bp.post("/messages/<uuid:message_id>/cancel")
@access(*READ_MESSAGES)
@bp.output(MessageDetailOut)
def cancel(message_id: UUID) -> dict[str, Any]:
    """Stop one that waits. 409 `cannot_cancel` says in `errors` why not."""
    service.cancel(message_id, actor())
    return told(queries.story(actor(), message_id))
