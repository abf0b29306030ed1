"""The ledger as a table, page by page: as long as it is, it is never held whole."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.access.actor import Actor
from clinic.core.data.db import db
from clinic.core.data.paging import Paging
from clinic.messaging.desk import queries
from clinic.messaging.desk.narrowing import Filter
from clinic.messaging.desk.queries import Line

AT_ONCE = 500
Names = Callable[[Sequence[Line]], dict[UUID, str]]
Said = Callable[[str | None], str]


def rows(
    actor: Actor, asked: Filter, zone: ZoneInfo, names: Names, title: Said, reason: Said
) -> Iterator[list[str]]:
    """Newest first. Times are those of the zone, as spreadsheets read them."""
    cursor = None
    while True:
        page = queries.messages(actor, asked, Paging(AT_ONCE, cursor))
        who = names(page.items)
        db.session.rollback()  # whoever reads slowly keeps no connection
        for line in page.items:
            yield [
                *(_time(moment, zone) for moment in (line.created_at, line.due_at)),
                *(line.direction, line.channel, title(line.template), who[line.id], line.address),
                *(line.status, reason(line.error_code), str(line.tries)),
                *(_time(moment, zone) for moment in (line.sent_at, line.settled_at)),
            ]
        cursor = page.next_cursor
        if cursor is None:
            return


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else ""
