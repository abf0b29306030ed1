"""What a way to reach people can do: the rest of the product asks this, never for a name."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from clinic.config import Settings
from clinic.messaging.channels.call import Claim, Content, Outcome

Send = Callable[[Settings, Claim, Content, str], Outcome]  # the last one is our own address
Probe = Callable[[Settings], Outcome]  # `sent` if we may call at all
# To whom, in which words (one of these), since when.
Find = Callable[[Settings, str, Collection[str], datetime], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Channel:
    name: str
    address: Literal["phone", "email"]
    account: str  # whose provider it goes by, and a fault of ours holds with all that does
    probe: Probe
    is_set_up: Callable[[Settings], bool]  # a provider is named
    is_whole: Callable[[Settings], bool]  # and all that it asks for, but for the sender
    sender: Callable[[Settings, str], str]  # our address for an audience; empty if there is none
    send: Send
    reaches: Callable[[str], bool]  # whether it is an address of this kind at all
    is_letter: bool = False  # a subject, paragraphs and HTML; else one line of one text's length
    carries_calendar: bool = False
    heeds_refusals: bool = True  # nothing goes to who wants no texts, or cannot be reached by them
    most_at_once: int | None = None  # calls of one worker; None: as many as it has threads
    find: Find | None = None  # whether the provider knows a message after all
    takes_templates: bool = False  # and nothing else, unless the other side has just written
    prefix: str = ""  # before the address, as the provider writes it
