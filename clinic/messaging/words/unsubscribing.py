"""How the reader of a letter says that no more of its kind shall come: a link of its own."""

import base64
import hmac
from uuid import UUID

from clinic.core import running, saying
from clinic.core.errors import N_, NotFound
from clinic.messaging.words import rendering
from clinic.messaging.words.catalogue import REFUSABLE

BYTES = 16  # of the id, and as many of its proof: 43 characters in base64


def token_of(message_id: UUID) -> str:
    """Of the letter, so that no address stands in a link; the same for ever, so it is not kept."""
    return base64.urlsafe_b64encode(message_id.bytes + _proof(message_id)).rstrip(b"=").decode()


def _proof(message_id: UUID) -> bytes:
    key = running.settings().link_key.encode()
    return hmac.digest(key, f"unsubscribe:{message_id}".encode(), "sha256")[:BYTES]


def letter_of(token: str) -> UUID:
    """Raises NotFound for what we have not made."""
    try:
        said = base64.urlsafe_b64decode(f"{token}=".encode("ascii"))
    except ValueError:
        raise NotFound from None
    if len(said) != 2 * BYTES:
        raise NotFound
    message_id = UUID(bytes=said[:BYTES])
    if not hmac.compare_digest(said[BYTES:], _proof(message_id)):
        raise NotFound
    return message_id


def link_of(key: str) -> str:
    """A resolver of `{link:unsubscribe:<message>}`. Raises ValueError for what is no id."""
    return f"{running.public_base_url()}/unsubscribe/{token_of(UUID(key))}"


def way_out(template: str, message_id: UUID) -> str:
    """The link of a letter that may be refused; empty of others."""
    return link_of(str(message_id)) if template in REFUSABLE else ""


def with_way_out(body: str, template: str, message_id: UUID, language: str) -> str:
    """A letter's words with the link at their end, as the placeholder it is until then."""
    if template not in REFUSABLE:
        return body
    link = rendering.placeholder("link:unsubscribe", message_id)
    with saying.in_language(language):
        words = saying.sentences()(N_("No more emails like this:"))
    return f"{body.rstrip()}\n\n{words} {link}\n"
