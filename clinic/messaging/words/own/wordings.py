"""Which words an organisation has of its own.

Each process looks after some seconds whether any have changed, and reads them again if so: no
message costs a statement for it.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db, transactional
from clinic.messaging.words.own.models import MessageTemplate

GOOD_FOR_S = 5.0
SOURCE = "en"  # what is said where the product does not speak the language


@dataclass(frozen=True, slots=True)
class Own:
    body: str
    subject: str | None = None


Key = tuple[UUID, str, str, str]  # organisation, template, channel, language


class Wordings:
    """Those of one app."""

    def __init__(self) -> None:
        self._known: Mapping[Key, Own] = {}
        self._version: Any = None
        self._until = 0.0  # of the monotonic clock
        self._lock = threading.Lock()

    def all(self) -> Mapping[Key, Own]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._known, self._version = _read(self._known, self._version)
                self._until = time.monotonic() + GOOD_FOR_S
            return self._known

    def forget(self) -> None:
        """Whoever has changed them sees it at once; other processes some seconds later."""
        with self._lock:
            self._until = 0.0


@transactional
def _read(known: Mapping[Key, Own], version: Any) -> tuple[Mapping[Key, Own], Any]:
    ends = (
        sa.func.max(MessageTemplate.updated_at),
        sa.func.count(),
        sa.func.sum(MessageTemplate.version),
    )
    now = tuple(db.session.execute(sa.select(*ends)).one())
    if now == version:
        return known, version
    names = ("organisation_id", "template", "channel", "language", "body", "subject")
    rows = db.session.execute(sa.select(*(getattr(MessageTemplate, name) for name in names)))
    return {tuple(row[:4]): Own(row.body, row.subject) for row in rows}, now


def wordings() -> Wordings:
    return running.registered("wordings")


def of(organisation_id: UUID | None, template: str, channel: str, language: str) -> Own | None:
    """In that language; else in English, where that is what would be said. WhatsApp says what
    texts say, unless it has words of its own."""
    if organisation_id is None or not (known := wordings().all()):
        return None
    ways = (channel, "sms") if channel == "whatsapp" else (channel,)
    for tag in _tags(language):
        for way in ways:
            if own := known.get((organisation_id, template, way, tag)):
                return own
    return None


def _tags(language: str) -> tuple[str, ...]:
    short = language.partition("-")[0]
    spoken = running.registered("languages")
    return (language, short) if short in spoken or short == SOURCE else (language, short, SOURCE)
