"""A message as it is read, and what it costs."""

from dataclasses import dataclass

from clinic.messaging.channels import CHANNELS
from clinic.messaging.words import gsm, rendering
from clinic.messaging.words.rendering import Words


@dataclass(frozen=True, slots=True)
class Preview:
    """As it is read. Of a text `encoding` is `GSM-7` or `UCS-2`, with how many characters of it
    and in how many parts, each of which is paid for; of a letter there are none."""

    channel: str
    subject: str | None
    text: str
    encoding: str | None = None
    length: int | None = None
    parts: int | None = None


def preview_of(words: Words, channel: str) -> Preview:
    text = rendering.with_secrets(words.text)
    if CHANNELS[channel].is_letter:
        return Preview(channel, words.subject, text)
    encoding = "GSM-7" if gsm.is_gsm7(text) else "UCS-2"
    return Preview(channel, None, text, encoding, gsm.units(text), gsm.parts(text))
