from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out: placeholders already filled, nothing of it is stored."""

    text: str
    subject: str = ""
    html: str = ""
