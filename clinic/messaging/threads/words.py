"""What the inbox says: of whom, since when, and what was done."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from clinic.core import saying
from clinic.messaging.desk import words as desk_words
from clinic.messaging.threads import queries
from clinic.messaging.words import gsm

SHOWN = {
    queries.NEEDS_REPLY: _l("Needs a reply"),
    queries.MINE: _l("Mine"),
    queries.ALL: _l("All"),
}
CHANNELS = desk_words.CHANNELS
CLAIMED = _l("You answer this now.")
RELEASED = _l("Anybody can answer this now.")
CLOSED = _l("Closed. It comes back when they write again.")
WROTE_MEANWHILE = _l("They wrote meanwhile, so it stays open.")
REOPENED = _l("Open again.")
READ = _l("Marked as read.")

moment = saying.moment
title = desk_words.title
reason = desk_words.reason


def waits(since: datetime, zone: ZoneInfo) -> str:
    return _("Waits since %(when)s", when=saying.moment(since, zone))


def unread(count: int) -> str:
    return ngettext("%(num)s unread", "%(num)s unread", count)


def length(text: str) -> str:
    """`45 characters, 1 text`, of a reply with all that goes before it."""
    many = ngettext("%(num)s character", "%(num)s characters", len(text))
    parts = gsm.parts(text)
    texts = ngettext("%(num)s text", "%(num)s texts", parts)
    return _("%(characters)s, %(texts)s", characters=many, texts=texts)
