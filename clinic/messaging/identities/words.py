"""What is said of senders."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.messaging.identities.queries import Sender

KINDS = {
    "messaging_service": _l("Messaging service"),
    "long_code": _l("Telephone number"),
    "toll_free": _l("Toll-free number"),
    "short_code": _l("Short code"),
    "alphanumeric": _l("Name, which nobody can answer"),
    "whatsapp": _l("WhatsApp number"),
    "email": _l("Email address"),
}
CHANNELS = {"sms": _l("SMS"), "whatsapp": _l("WhatsApp"), "email": _l("Email")}
ADDED = _l("Added. Verify it next: until then nothing goes from it.")
CODE_SENT = _l("A code is on its way there. It works for 15 minutes.")
VERIFIED = _l("Verified.")
REMOVED = _l("Nothing goes from it any more.")


def in_use(sender: Sender) -> str:
    channel = CHANNELS[sender.channel]
    return _(
        "Your %(channel)s messages go from %(value)s now.", channel=channel, value=sender.value
    )


def told(sender: Sender) -> str:
    """What it is able to, in one line."""
    said = [
        str(KINDS[sender.kind]),
        _("answers come back") if sender.can_reply else _("nobody can answer"),
        _("%(rate)s a second", rate=f"{sender.rate:g}"),
    ]
    return ", ".join(said)
