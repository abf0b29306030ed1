"""Keep that somebody agreed to texts, or took it back. A row each time, which nothing changes."""

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, must_be_writing
from clinic.messaging.consents.models import TextConsent
from clinic.messaging.consents.vocabulary import Agreed


def remember(address: str, agreed: Agreed) -> None:
    """Of one number, E.164. Belongs inside the command that takes the number."""
    remember_all([address], agreed)


def remember_all(addresses: Collection[str], agreed: Agreed) -> None:
    rows: list[dict[str, Any]] = [
        {
            "address": address,
            "organisation_id": agreed.organisation_id,
            "is_given": True,
            "how": agreed.how,
            "words": agreed.words,
            "language": agreed.language,
            "shown": agreed.shown,
            "by_user_id": agreed.by,
        }
        for address in dict.fromkeys(addresses)
    ]
    _insert(rows)


def take_back(
    address: str, channel: str | None, organisation_id: UUID | None, how: str, by: UUID | None
) -> None:
    """They want no texts any more: of that organisation, or of all."""
    one = {"address": address, "channel": channel, "organisation_id": organisation_id}
    _insert([{**one, "is_given": False, "how": how, "by_user_id": by}])


def give_again(
    address: str, channel: str | None, organisation_id: UUID | None, how: str, by: UUID | None
) -> None:
    """They want texts after all."""
    one = {"address": address, "channel": channel, "organisation_id": organisation_id}
    _insert([{**one, "is_given": True, "how": how, "by_user_id": by}])


def _insert(rows: list[dict[str, Any]]) -> None:
    must_be_writing()
    if rows:
        moment = clock.now()
        given = [{"id": uuid4(), "at": moment, **row} for row in rows]
        db.session.execute(sa.insert(TextConsent), given)
