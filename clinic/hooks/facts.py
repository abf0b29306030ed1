"""What happens to the webhooks themselves."""

from dataclasses import dataclass
from uuid import UUID

from clinic.events.fact import Fact, fact


@dataclass(frozen=True, kw_only=True)
class WebhookFact(Fact):
    webhook_id: UUID


@fact("webhook.created")
class WebhookCreated(WebhookFact):
    pass


@fact("webhook.updated")
class WebhookUpdated(WebhookFact):
    pass


@fact("webhook.deleted")
class WebhookDeleted(WebhookFact):
    pass


@fact("webhook.paused")
class WebhookPaused(WebhookFact):
    why: str  # by_hand, failing or gone


@fact("webhook.resumed")
class WebhookResumed(WebhookFact):
    pass


@fact("webhook.secret_renewed")
class WebhookSecretRenewed(WebhookFact):
    pass
