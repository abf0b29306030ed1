"""What colleagues did while somebody typed: two answers to one question are one too many."""

from uuid import UUID

from clinic.access.actor import Actor
from clinic.core.errors import N_
from clinic.messaging.errors import Meanwhile
from clinic.messaging.models import Conversation
from clinic.messaging.threads import queries, service

REPLIED = N_("%(name)s has replied meanwhile. Read it, then send yours if it is still needed.")
ANSWERS = N_("%(name)s answers this now. Send your reply if it is still needed.")


def mark(conversation_id: UUID, claimed_by: UUID | None, actor: Actor) -> str:
    """Of what a page shows: which colleague answers it, and what one of them said last."""
    replied = _reply_of_another(conversation_id, actor)
    claimed = claimed_by if claimed_by != actor.user_id else None
    return f"{claimed or ''}:{replied[0] if replied else ''}"


def refuse_if_overtaken(found: Conversation, seen: str | None, actor: Actor) -> None:
    """`seen` is the mark of the page. Who typed longer is asked once, and decides. Raises
    Meanwhile."""
    if seen is None:
        return
    seen_claim, _, seen_reply = seen.partition(":")
    replied = _reply_of_another(found.id, actor)
    if replied and str(replied[0]) != seen_reply:
        raise Meanwhile(REPLIED, replied[1])
    claimed = found.claimed_by
    if claimed and claimed != actor.user_id and str(claimed) != seen_claim:
        raise Meanwhile(ANSWERS, service.name_of(claimed))


def _reply_of_another(conversation_id: UUID, actor: Actor) -> tuple[UUID, str] | None:
    last = queries.last_reply(conversation_id)
    return (last[0], last[2]) if last and last[1] != actor.user_id else None
