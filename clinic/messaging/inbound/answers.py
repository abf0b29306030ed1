"""A text as it came, and what is said to it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from clinic.messaging.heard.meaning import Meaning
from clinic.messaging.inbound.places import Place


@dataclass(frozen=True, slots=True)
class Inbound:
    """As the provider posted it; `address` is the sender's E.164 number."""

    sid: str
    address: str
    to: str
    body: str
    channel: str = "sms"
    opt_out: str = ""  # OptOutType: the provider took it for its own word, and answers an SMS
    payload: str = ""  # of a tapped button
    button: str = ""  # what stands on it
    service: str = ""  # the messaging service that the number texted belongs to
    media: int = 0  # pictures and the like that came along


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` goes back in TwiML; empty says nothing. `for_people` puts it before the desk.

    `listed` are the visits that a list in the text names, in its order: the next text may say "2B".
    `is_step` says that something was done.
    """

    text: str
    about_id: UUID | None = None
    organisation_id: UUID | None = None
    for_people: bool = False
    listed: tuple[UUID, ...] = ()
    is_step: bool = False
    # The text asks which of them it is for; or the only one, with whose desk they go on talking.
    places: tuple[Place, ...] = ()
    is_nobodys: bool = False  # until that is said, no desk reads it
    is_strangers: bool = False  # it was the number of somebody whom an organisation wrote to
    desks: tuple[UUID, ...] = ()  # nobody knows the number: each of these reads a copy


SILENCE = Answer("")
Answering = Callable[[str, Meaning], Answer]
