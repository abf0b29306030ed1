"""How our templates stand at WhatsApp."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from clinic.core import running
from clinic.core.data.db import db
from clinic.messaging import channels
from clinic.messaging.channels.contents import REJECTED
from clinic.messaging.senders import chosen
from clinic.messaging.templates import definitions
from clinic.messaging.templates.approved import APPROVED, SOURCE
from clinic.messaging.templates.definitions import Definition
from clinic.messaging.templates.models import WhatsAppTemplate

NOT_SUBMITTED = "not_submitted"
SETTLED = (APPROVED, REJECTED, "paused", "disabled")  # until somebody does something about it
CHANNEL = "whatsapp"


@dataclass(frozen=True, slots=True)
class Standing:
    """One of our texts in one language; `status` is the provider's, or NOT_SUBMITTED."""

    template: str
    form: str
    language: str
    status: str
    reason: str
    checked_at: datetime | None

    @property
    def is_approved(self) -> bool:
        return self.status == APPROVED


def wanted() -> list[tuple[Definition, str]]:
    """Each text in each language that the product speaks, English first."""
    spoken = (SOURCE, *sorted(running.registered("languages") - {SOURCE}))
    return [(one, language) for language in spoken for one in definitions.DEFINITIONS]


def standing() -> list[Standing]:
    """The newest of each, and what was never handed in."""
    rows: Sequence[WhatsAppTemplate] = db.session.scalars(
        sa.select(WhatsAppTemplate)
        .where(WhatsAppTemplate.organisation_id.is_(None))
        .order_by(WhatsAppTemplate.created_at)
    ).all()
    newest = {(row.template, row.form, row.language): row for row in rows}
    return [_standing(one, language, newest) for one, language in wanted()]


def _standing(
    one: Definition, language: str, newest: dict[tuple[str, str, str], WhatsAppTemplate]
) -> Standing:
    row = newest.get((one.template, one.form, language))
    if row is None:
        return Standing(one.template, one.form, language, NOT_SUBMITTED, "", None)
    return Standing(one.template, one.form, language, row.status, row.reason, row.checked_at)


def missing() -> int | None:
    """How many texts cannot go by WhatsApp outside of 24 hours; None where nothing goes by it."""
    sends = CHANNEL in chosen.ways_of_any() and channels.calls_out(CHANNEL)
    return sum(not one.is_approved for one in standing()) if sends else None
