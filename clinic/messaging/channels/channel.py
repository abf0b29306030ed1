"""What a way to reach people can do: the rest of the product asks this, never for a name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from clinic.config import Settings
from clinic.messaging.channels.call import Claim, Content, Outcome

Send = Callable[[Settings, Claim, Content, str], Outcome]  # the last one is our own address
Probe = Callable[[Settings], Outcome]  # `sent` if we may call at all
Find = Callable[[Settings, str, str, datetime], list[Outcome]]  # to whom, which words, since when


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
    prefix: str = ""  # before the address, as the provider writes it
