"""What is said of the words of messages."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from clinic.core import saying
from clinic.messaging.words import catalogue
from clinic.messaging.words.preview import Preview

CHANNELS = {"sms": _l("SMS"), "whatsapp": _l("WhatsApp"), "email": _l("Email")}
VARIABLES = {
    "organisation": _l("your name"),
    "day": _l("the day of the visit"),
    "time": _l("when it begins"),
    "doctor": _l("with whom"),
    "place": _l("where"),
    "code": _l("the reference of the visit"),
    "reply": _l("how to confirm or cancel by an answer; left out where none can come back"),
    "link": _l("the patient's own link to the visit"),
    "phone": _l("your telephone number"),
    "zone": _l("in which zone the time is"),
    "address": _l("the address of the place"),
}
SAVED = _l("Saved. Messages that are written from now on read so.")
STANDARD = _l("The standard words are back.")
_STATUSES = {
    "not_submitted": _l("not handed in"),
    "unsubmitted": _l("not handed in"),
    "received": _l("handed in"),
    "pending": _l("WhatsApp looks at it"),
    "approved": _l("approved"),
    "rejected": _l("refused"),
    "paused": _l("paused by WhatsApp"),
    "disabled": _l("switched off by WhatsApp"),
}


def title(template: str) -> str:
    return _(catalogue.title_of(template))


def language(code: str) -> str:
    return dict(saying.languages()).get(code, code)


def size(preview: Preview) -> str:
    """Of a text."""
    if not preview.parts:
        return ""
    many = ngettext("%(num)s text", "%(num)s texts", preview.parts)
    return _(
        "%(many)s to each person (%(length)s characters, %(encoding)s)",
        many=many, length=preview.length, encoding=preview.encoding,
    )  # fmt: skip


def status(code: str) -> str:
    return str(_STATUSES.get(code, code))
