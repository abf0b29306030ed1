"""Doorbells to open pages, by server-sent events.

A ring names what changed and carries no data: the page fetches it again through the usual
permission check. One Redis subscription a process fans out to those who watch (`hub.py`).
"""

import json
import math
import random
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple
from uuid import UUID

import structlog
from flask import Flask, Response, current_app

from clinic.access.actor import Actor
from clinic.access.visible import Column, Visible
from clinic.core.data.db import db, is_there
from clinic.core.web.live.hub import (
    CHANNEL,
    NOBODY,
    NOTHING_ELSE,
    Client,
    Holder,
    Hub,
    Listening,
    Shares,
)
from clinic.core.work import redis_client
from clinic.core.work.redis_client import Errand

log = structlog.get_logger()

PING_EVERY_S = 3.0
RECHECK_EVERY_S = 15.0
BACK_AFTER_MS = 60_000  # who had to make room: its page polls as often
# Whoever made the change gets the answer first: a region that is fetched before it would take away
# the very form whose answer is on its way, and with it where the keyboard was.
ANSWER_FIRST_S = 0.05
COUNTS = "waiting"  # the kind of topic that rings when something new waits for people
COALESCE_S = 0.25  # between two rings of one page: what changes meanwhile is told by the second


class Topic(NamedTuple):
    """A kind of thing that pages watch."""

    key: Column  # of the thing
    visible: Visible
    word: str  # what changes there; its pages listen for `sse:<word>`
    echo: str = ""  # another kind: who watches it by the same key hears of changes here
    tells_counts: bool = False  # its refresh brings the counts of what waits along


def init_app(app: Flask, topics: dict[str, Topic]) -> None:
    """`topics` by the kind that stands in their addresses: `/live/<kind>/<key>`."""
    settings = app.config["SETTINGS"]
    app.extensions["live"] = Hub(
        settings.redis_url,
        settings.live_streams_per_worker,
        # Processes do not count together: each has its part.
        Shares(
            session=math.ceil(settings.live_streams_per_session / settings.server_workers),
            organisation=math.ceil(
                settings.live_streams_per_organisation / settings.server_workers
            ),
        ),
        {kind: topic.echo for kind, topic in topics.items() if topic.echo},
    )
    app.extensions["topics"] = topics


def shut_down(app: Flask | None = None) -> None:
    """End every stream of this process: a stopping server must not wait for open pages."""
    hub: Hub = (app or current_app).extensions["live"]
    hub.close()


def figures() -> dict[str, float]:
    """Of this process."""
    hub: Hub = current_app.extensions["live"]
    return {"live_streams_open": hub.count, "live_streams_most": hub.most}


def ring(topic: str, what: str) -> None:
    """Tell the pages that watch `topic` (`kind:id`) that `what` changed, after the commit."""
    said = json.dumps([topic, what])
    # A lost one: the page's own poll finds the change.
    errand = Errand(lambda pipe: pipe.publish(CHANNEL, said), lost="ring_lost")
    redis_client.send_after_commit(f"ring:{topic}:{what}", errand)


def may_watch(actor: Actor, kind: str, key: str) -> bool:
    topic: Topic | None = current_app.extensions["topics"].get(kind)
    return topic is not None and is_there(topic.key == UUID(key), topic.visible.to(actor))


def counts_beside(actor: Actor, kind: str) -> Listening:
    """What waits where the actor works rings at every page of who may watch it: no page needs a
    stream more for it."""
    topics: dict[str, Topic] = current_app.extensions["topics"]
    if kind == COUNTS or not topics[COUNTS].visible.shows_any(actor):
        return NOTHING_ELSE
    return Listening(f"{COUNTS}:{actor.organisation_id}", topics[kind].tells_counts)


def stream(
    kind: str,
    key: str,
    still_may: Callable[[], bool],
    holder: Holder = NOBODY,
    beside: Listening = NOTHING_ELSE,
) -> Response:
    """An endless answer. `still_may` is asked again every 15 s, in a context of its own."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    hub: Hub = app.extensions["live"]
    client = hub.join(f"{kind}:{key}", app.extensions["topics"][kind].word, holder, beside)
    db.session.remove()  # an open page must not hold a database connection
    response = Response(_events(app, hub, client, still_may), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: hub.leave(client))
    return response


def _events(app: Flask, hub: Hub, client: Client, still_may: Callable[[], bool]) -> Iterator[str]:
    yield "retry: 2000\n\n"
    check_at = time.monotonic() + RECHECK_EVERY_S
    quiet_until = 0.0
    while not hub.closing.is_set():
        rung = client.wake.wait(PING_EVERY_S)
        if client.is_replaced:
            yield f"retry: {BACK_AFTER_MS}\n\n"
            return
        if time.monotonic() >= check_at:
            with app.app_context():
                if not still_may():
                    return
            check_at = time.monotonic() + RECHECK_EVERY_S
        if not rung:
            yield ": ping\n\n"
            continue
        jitter = random.uniform(0, client.spread_s)  # noqa: S311 - no secret
        hub.closing.wait(max(ANSWER_FIRST_S + jitter, quiet_until - time.monotonic()))
        quiet_until = time.monotonic() + COALESCE_S
        for what in client.take():
            yield f"event: {what}\ndata: \n\n"
