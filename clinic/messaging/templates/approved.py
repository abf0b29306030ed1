"""Which templates WhatsApp has approved.

Read again after some seconds, by each process: no message costs a statement for it.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db, transactional
from clinic.messaging.templates.models import WhatsAppTemplate

GOOD_FOR_S = 5.0
APPROVED = "approved"
SOURCE = "en"  # for whom there is none in their own language


@dataclass(frozen=True, slots=True)
class Approved:
    content_sid: str
    form: str
    variables: tuple[str, ...]


Key = tuple[UUID | None, str, str]  # organisation, template, language
Known = Mapping[Key, Mapping[str, Approved]]  # by form


class Templates:
    """Those of one app."""

    def __init__(self) -> None:
        self._known: Known = {}
        self._until = 0.0  # of the monotonic clock
        self._lock = threading.Lock()

    def all(self) -> Known:
        with self._lock:
            if time.monotonic() >= self._until:
                self._known, self._until = _read(), time.monotonic() + GOOD_FOR_S
            return self._known

    def forget(self) -> None:
        with self._lock:
            self._until = 0.0


@transactional
def _read() -> Known:
    columns = ("organisation_id", "template", "language", "form", "content_sid", "variables")
    rows = db.session.execute(
        sa.select(*(getattr(WhatsAppTemplate, name) for name in columns))
        .where(WhatsAppTemplate.status == APPROVED)
        .order_by(WhatsAppTemplate.created_at)
    )
    found: dict[Key, dict[str, Approved]] = defaultdict(dict)
    for row in rows:  # the newest of several is the last
        key = (row.organisation_id, row.template, row.language)
        found[key][row.form] = Approved(row.content_sid, row.form, tuple(row.variables))
    return dict(found)


def templates() -> Templates:
    return running.registered("whatsapp_templates")


def of(organisation_id: UUID | None, template: str, language: str) -> Mapping[str, Approved]:
    """By form: the organisation's own before all others, its language before English."""
    known = templates().all()
    for tag in (language, language.partition("-")[0], SOURCE):
        for owner in (organisation_id, None):
            if found := known.get((owner, template, tag)):
                return found
    return {}
