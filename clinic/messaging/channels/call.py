"""What one call to a provider is made of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out: placeholders already filled, nothing of it is stored."""

    text: str
    subject: str = ""
    html: str = ""
    template: str = ""  # the provider's id of one that goes in place of the text
    variables: str = ""  # of that, as JSON
    way_out: str = ""  # where its reader says that no more of its kind shall come


@dataclass(frozen=True, slots=True)
class Claim:
    """A message in the hands of this worker; `number` counts its attempts."""

    id: UUID
    token: UUID
    organisation_id: UUID | None
    channel: str
    audience: str
    address: str
    sender: str | None  # the organisation's own; None: what the settings name
    subject: str | None
    body: str
    calendar: str | None
    about_id: UUID | None
    number: int
    language: str = "en"
    expires_at: datetime | None = None  # of no use from then on
    template: str = ""  # its name here
    variables: dict[str, str] | None = None
    is_free: bool = True  # words of our own may go there now
    parts: int = 1  # of a text
    is_known: bool = True  # its owner has proven the address, or our own people typed it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call. `kind` is an OutcomeKind, or delivered or skipped."""

    kind: str
    provider_id: str | None = None
    error_code: str | None = None
    sender: str | None = None
