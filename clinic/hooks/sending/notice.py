"""Who runs the organisation hears by e-mail that a webhook was paused by itself."""

from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa

from clinic.access.roles import RUN_OWN_ORGANISATION
from clinic.accounts.models import User
from clinic.core import running
from clinic.core.data.db import db
from clinic.hooks.models import Webhook
from clinic.messaging.queueing.messages import NewMessage, queue_messages
from clinic.messaging.words.rendering import placeholder
from clinic.organisations.models import Organisation

TEMPLATE = "webhook_paused"
PAGE = "/admin/webhooks/"


def tell_admins(webhook: Webhook) -> None:
    """Within the command that pauses it."""
    name = db.session.get_one(Organisation, webhook.organisation_id).name
    values = {
        "organisation": name,
        "host": urlsplit(webhook.url).hostname or "",  # the path may hold a secret of theirs
        "why": webhook.pause_reason,
        "link": placeholder("link:webhook", webhook.id),
    }
    queue_messages(
        [
            NewMessage(
                organisation_id=webhook.organisation_id,
                channel="email",
                address=row.email,
                template=TEMPLATE,
                values=values,
                language=row.language,
                about_id=webhook.id,
                dedupe_key=f"webhook:{webhook.id}:{webhook.paused_at:%Y%m%dT%H%M%S}:{row.id}",
                is_known=True,
            )
            for row in db.session.execute(_admins(webhook))
        ]
    )


def page_link(key: str) -> str:
    """What stands for the placeholder; who opens it logs in. Raises ValueError for no id."""
    return f"{running.public_base_url()}{PAGE}{UUID(key)}"


def _admins(webhook: Webhook) -> sa.Select[*tuple[object, ...]]:
    return sa.select(User.id, User.email, User.language).where(
        User.organisation_id == webhook.organisation_id,
        User.role.in_(sorted(RUN_OWN_ORGANISATION)),
        User.is_active,
        User.email.is_not(None),
    )
