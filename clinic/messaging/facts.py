"""What becomes of messages, and what people write."""

from dataclasses import dataclass
from uuid import UUID

from clinic.events.fact import Fact, fact


@dataclass(frozen=True, kw_only=True)
class MessageFact(Fact):
    message_id: UUID


@fact("message.failed")
class MessageFailed(MessageFact):
    error_code: str | None  # the provider's


@fact("message.skipped")
class MessageSkipped(MessageFact):
    """It cannot go this way, and never went: its address is none or wants none, or nothing is set
    up."""

    error_code: str | None


@fact("message.cancelled")
class MessageCancelled(MessageFact):
    """By somebody, while it waited."""


@fact("message.received")
class MessageReceived(MessageFact):
    pass


@fact("address.opted_out")
class AddressOptedOut(MessageFact):
    """By the message."""


@fact("address.opted_in")
class AddressOptedIn(MessageFact):
    """By the message."""


@dataclass(frozen=True, kw_only=True)
class SenderFact(Fact):
    sender: str  # a number or an address of ours, or a provider
    error_code: str


@fact("sender.held")
class SenderHeld(SenderFact):
    """A fault of ours: what goes by it waits."""


@fact("sender.freed")
class SenderFreed(SenderFact):
    """It is mended."""


@dataclass(frozen=True, kw_only=True)
class SenderIdentityFact(Fact):
    sender_identity_id: UUID


@fact("sender_identity.created")
class SenderIdentityCreated(SenderIdentityFact):
    pass


@fact("sender_identity.updated")
class SenderIdentityUpdated(SenderIdentityFact):
    pass


@fact("sender_identity.verified")
class SenderIdentityVerified(SenderIdentityFact):
    pass


@dataclass(frozen=True, kw_only=True)
class MessageTemplateFact(Fact):
    message_template_id: UUID


@fact("message_template.updated")
class MessageTemplateUpdated(MessageTemplateFact):
    """An organisation says one message in words of its own."""


@fact("message_template.deleted")
class MessageTemplateDeleted(MessageTemplateFact):
    """The product's words are said again."""


@fact("sender_identity.deleted")
class SenderIdentityDeleted(SenderIdentityFact):
    """Nothing is sent from it any more."""


@fact("inbox.hours_updated")
class InboxHoursUpdated(Fact):
    """When somebody is at the desk, and what texts say when nobody is."""

    organisation_id: UUID  # in the payload, too


@dataclass(frozen=True, kw_only=True)
class ConversationFact(Fact):
    conversation_id: UUID


@fact("conversation.claimed")
class ConversationClaimed(ConversationFact):
    """Somebody at the desk answers it, and nobody else need."""


@fact("conversation.attached")
class ConversationAttached(ConversationFact):
    """The desk says whose it is."""

    patient_id: UUID


@fact("conversation.detached")
class ConversationDetached(ConversationFact):
    """It is of whoever has the number again."""


@fact("sender.pointed_here")
class SenderPointedHere(Fact):
    """Somebody had the provider bring here what people write to a sender."""

    kind: str  # of sender: service, number or whatsapp
    sender: str
