"""`flask doctor`: whether the settings, the database, Redis and, asked for, messaging are well."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import click
import sqlalchemy as sa

from clinic.config import Settings
from clinic.core import running
from clinic.core.data.db import db
from clinic.core.errors import N_
from clinic.core.work import heartbeat, redis_client
from clinic.messaging.channels import CHANNELS
from clinic.messaging.proving import seen
from clinic.messaging.proving.checks import Check, State
from clinic.messaging.proving.prove import prove_these, senders_of
from clinic.messaging.senders import chosen

SYSTEM = "system"
_SIGNS = {State.OK: "ok", State.WARNING: "WARNING", State.DANGER: "DANGER", State.UNKNOWN: "?"}


def examine(with_messaging: bool, newest_revision: str) -> list[Check]:
    """`newest_revision`: what the database should be at."""
    settings = running.settings()
    found = list(_of_system(settings, newest_revision))
    if with_messaging and not any(one.name == "database" and one.state != "ok" for one in found):
        found += _of_messaging()
    return found


def _of_system(settings: Settings, newest_revision: str) -> Iterator[Check]:
    yield _told("settings", State.OK, N_("The settings of %(environment)s are whole."),
                environment=settings.environment)  # fmt: skip
    yield _database(newest_revision)
    if redis_client.answers():
        yield _told("redis", State.OK, N_("Redis answers."))
    else:
        yield _told("redis", State.DANGER if settings.production else State.WARNING,
                    N_("Redis does not answer at REDIS_URL."),
                    remedy=N_("Start it: workers and live pages wait for it."))  # fmt: skip
    yield from _workers(settings)


def _database(newest_revision: str) -> Check:
    try:
        version = db.session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return _told("database", State.DANGER, N_("The database does not answer, or is empty."),
                     remedy=N_("Look at DATABASE_URL, then: flask init-db"))  # fmt: skip
    if version != newest_revision:
        return _told("database", State.DANGER,
                     N_("The database is at revision %(version)s, not %(newest)s."),
                     N_("Run: flask init-db"), version=version, newest=newest_revision)  # fmt: skip
    words = N_("The database answers, at revision %(version)s.")
    return _told("database", State.OK, words, version=version)


def _workers(settings: Settings) -> Iterator[Check]:
    try:
        alive = heartbeat.signs()[heartbeat.WORKER].alive
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return
    if alive:
        yield _told("workers", State.OK, N_("%(number)s workers run."), number=alive)
        return
    state = State.DANGER if settings.production else State.WARNING
    yield _told("workers", state, N_("No worker runs: no message leaves."), N_("Run: flask worker"))


def _told(name: str, state: State, words: str, remedy: str = "", **values: Any) -> Check:
    return Check(name, SYSTEM, state, words, values, remedy)


def _of_messaging() -> list[Check]:
    """Of the settings' senders, and of those that organisations have of their own."""
    known = seen.known(None)
    whose: set[UUID | None] = {organisation for organisation, _ in chosen.senders().all()}
    by_channel = {
        name: list(
            dict.fromkeys(
                sender
                for organisation in (None, *sorted(whose, key=str))
                for sender in senders_of(name, organisation)
            )
        )
        for name in CHANNELS
    }
    db.session.remove()
    return prove_these(by_channel, known)


def as_json(checks: Iterable[Check]) -> str:
    return json.dumps([_plain(one) for one in checks], indent=2, ensure_ascii=False)


def _plain(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "channel": check.channel,
        "state": str(check.state),
        "about": check.about,
        "sentence": sentence(check),
        "remedy": _filled(check.remedy, check),
        "link": check.link,
    }


def sentence(check: Check) -> str:
    return _filled(check.words, check)


def _filled(words: str, check: Check) -> str:
    return (words % check.values if check.values else words).strip()


def show(checks: Iterable[Check]) -> None:
    for one in checks:
        click.echo(f"{_SIGNS[one.state]:<8} {one.channel:<9} {sentence(one)}")
        if one.remedy and one.state is not State.OK:
            click.echo(f"{'':<18} -> {_filled(one.remedy, one)}")


def is_bad(checks: Iterable[Check]) -> bool:
    return any(one.state is State.DANGER for one in checks)
