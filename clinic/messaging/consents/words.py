"""What stands below a field for a mobile number."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from clinic.core import saying
from clinic.messaging.consents.vocabulary import ONE_WAY, READ_OUT, Agreed, is_key, key_for
from clinic.messaging.senders import chosen

FIELD = "text_words"  # of a form: the key of the words it showed

# By family and version. Whoever changes one adds a version, and raises it in the vocabulary.
_SENTENCES = {
    "us-1": _l(
        "By giving your number you agree to texts from %(clinic)s about appointments:"
        " confirmations, reminders, changes and codes, usually 2 to 4 for each. Message and data"
        " rates may apply. You need not agree to be seen."
    ),
    "eu-1": _l(
        "%(clinic)s texts this number about appointments: confirmations, reminders, changes and"
        " codes. Nothing else, and no advertising."
    ),
    "in-1": _l(
        "By giving your number you agree that %(clinic)s sends SMS and WhatsApp messages about"
        " appointments to it, also if it is registered for Do Not Disturb: confirmations,"
        " reminders, changes and codes."
    ),
    "any-1": _l(
        "By giving your number you agree to texts from %(clinic)s about appointments:"
        " confirmations, reminders, changes and codes, usually 2 to 4 for each. Your provider may"
        " charge for them."
    ),
}
_TO_STOP = _l("Reply STOP to end them, HELP for help.")
_TO_STOP_ONE_WAY = _l("To end them, tell us, or say so in your account.")
_READ_OUT = _l(
    "May %(clinic)s text this number about your appointments: confirmations, reminders and"
    " changes, usually 2 to 4 for each? Your provider may charge for them. You can end it at any"
    " time, by replying STOP or by telling us, and you are seen here either way."
)


class Site(Protocol):
    """Whose texts."""

    @property
    def name(self) -> str: ...
    @property
    def country(self) -> str | None: ...
    @property
    def organisation_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Shown:
    key: str
    text: str


def below_a_number(site: Site, is_read_out: bool = False) -> Shown:
    """The words of now, in the reader's language."""
    can_reply = chosen.can_reply(site.organisation_id, "sms", "patient")
    key = key_for(site.country, can_reply, is_read_out)
    return Shown(key, _said(key, site.name))


def agreed(site: Site, key: str | None, how: str, by: UUID | None = None) -> Agreed | None:
    """To the words of `key`, which a form or a program has shown; None if it showed none."""
    if not key or not is_key(key):
        return None
    return Agreed(
        how, site.organisation_id, key, _said(key, site.name), saying.locale().language, by
    )


def _said(key: str, clinic: str) -> str:
    family, version, *kind = key.split("-")
    if READ_OUT in kind:
        return str(_READ_OUT % {"clinic": clinic})
    sentence = _SENTENCES[f"{family}-{version}"] % {"clinic": clinic}
    return f"{sentence} {_TO_STOP_ONE_WAY if ONE_WAY in kind else _TO_STOP}"
