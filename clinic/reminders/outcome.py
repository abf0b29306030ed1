"""What became of a reminder, as its messages say: in the words of a statement."""

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.data.db import is_sqlite
from clinic.messaging.models import Message
from clinic.reminders.models import Reminder


def key_of_message() -> sa.ColumnElement[str]:
    """`reminder:` and the id, as its message has it: by its unique index one row for each."""
    if not is_sqlite():
        return sa.literal("reminder:") + sa.cast(Reminder.id, sa.String)
    digits = sa.type_coerce(Reminder.id, sa.String)  # 32 of them, without the dashes
    parts = [sa.func.substr(digits, at, many) for at, many in _GROUPS]
    return sa.literal("reminder:") + sum(("-" + part for part in parts[1:]), parts[0])


_GROUPS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


def _has(*statuses: str) -> sa.ColumnElement[bool]:
    of_it = sa.and_(_Told.about_id == Reminder.id, _Told.direction == "out")
    return sa.exists().where(of_it, _Told.status.in_(statuses))


_Told = aliased(Message)
# What became of it. Messages tell that alone: each report of a provider writes one row. Of what
# goes to many it is sent as soon as one has left.
STATUS = sa.case(
    (Reminder.status == "queued", sa.func.coalesce(Message.status, Reminder.status)),
    (Reminder.status != "sent", Reminder.status),
    (_has("sent", "delivered"), "sent"),
    (_has("queued", "sending"), "queued"),
    (_has("uncertain"), "uncertain"),
    (_has("failed"), "failed"),
    else_="skipped",
)
