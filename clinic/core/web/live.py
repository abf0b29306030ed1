"""Doorbells to open pages, by server-sent events.

A ring names what changed and carries no data: the page fetches it again through the usual
permission check. One Redis subscription a process fans out to bounded per-client sets.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import redis
import structlog
from flask import Flask, Response, current_app

from clinic.access.actor import Actor
from clinic.access.visible import Column, Visible
from clinic.core.data.db import after_commit, db, is_there
from clinic.core.errors import N_, Unavailable
from clinic.core.work import redis_client

log = structlog.get_logger()

CHANNEL = "live"
PING_EVERY_S = 3.0
RECHECK_EVERY_S = 15.0
COALESCE_S = (0.05, 0.25)  # jitter, so that a hundred pages do not fetch in the same instant
MOST_STREAMS = 96  # below the server's 128 threads: pages must always find one
RESUBSCRIBE_AFTER_S = 1.0


class Topic(NamedTuple):
    """A kind of thing that pages watch."""

    key: Column  # of the thing
    visible: Visible
    word: str  # what changes there; its pages listen for `sse:<word>`


@dataclass(eq=False)
class Client:
    topic: str  # `kind:key`
    word: str  # what its page listens for
    waiting: set[str] = field(default_factory=set)
    wake: threading.Event = field(default_factory=threading.Event)

    def ring(self, what: str) -> None:
        self.waiting.add(what)
        self.wake.set()

    def take(self) -> list[str]:
        self.wake.clear()
        taken = sorted(self.waiting)
        self.waiting -= set(taken)
        return taken


class Hub:
    """All open streams of this process and the thread that listens for them."""

    def __init__(self, url: str, topics: dict[str, Topic]) -> None:
        self.url = url
        self.topics = topics
        self.clients: set[Client] = set()
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.listener: threading.Thread | None = None

    def join(self, kind: str, key: str) -> Client:
        with self.lock:
            if len(self.clients) >= MOST_STREAMS or self.closing.is_set():
                words = N_("Too many live pages are open. This page still refreshes itself.")
                raise Unavailable(words)
            client = Client(f"{kind}:{key}", self.topics[kind].word)
            self.clients.add(client)
            # Lazily, so that it lives in the server's forked process, not in its parent.
            if self.url and (self.listener is None or not self.listener.is_alive()):
                self.listener = threading.Thread(target=self._listen, daemon=True, name="live")
                self.listener.start()
        return client

    def leave(self, client: Client) -> None:
        with self.lock:
            self.clients.discard(client)

    def _deliver(self, topic: str, what: str) -> None:
        with self.lock:
            for client in self.clients:
                if topic == client.topic:
                    client.ring(what)

    def _ring_everybody(self) -> None:
        with self.lock:
            for client in self.clients:
                client.ring(client.word)

    def _listen(self) -> None:
        while not self.closing.is_set():
            try:
                self._subscribe()
            except (redis.RedisError, OSError) as error:
                log.warning("live_waits_for_redis", error=type(error).__name__)
                self.closing.wait(RESUBSCRIBE_AFTER_S)

    def _subscribe(self) -> None:
        connection = redis_client.connect(self.url, timeout_s=None)
        if connection is None:
            return
        with connection, connection.pubsub(ignore_subscribe_messages=True) as pubsub:
            pubsub.subscribe(CHANNEL)
            self._ring_everybody()  # rings may have been lost meanwhile: fetch once
            while not self.closing.is_set():
                message = pubsub.get_message(timeout=1.0)
                if message:
                    self._deliver(*json.loads(message["data"]))


def init_app(app: Flask, topics: dict[str, Topic]) -> None:
    """`topics` by the kind that stands in their addresses: `/live/<kind>/<key>`."""
    app.extensions["live"] = Hub(app.config["SETTINGS"].redis_url, topics)


def shut_down(app: Flask | None = None) -> None:
    """End every stream of this process: a stopping server must not wait for open pages."""
    hub: Hub = (app or current_app).extensions["live"]
    hub.closing.set()
    for client in list(hub.clients):
        client.wake.set()


def ring(topic: str, what: str) -> None:
    """Tell the pages that watch `topic` (`kind:id`) that `what` changed, after the commit."""
    after_commit(f"ring:{topic}:{what}", lambda: _publish(topic, what))


def _publish(topic: str, what: str) -> None:
    connection = redis_client.client()
    if connection is None:
        return
    try:
        connection.publish(CHANNEL, json.dumps([topic, what]))
    except redis.RedisError as error:  # the page's own poll finds the change
        redis_client.report_failure()
        log.warning("ring_lost", error=type(error).__name__)


def may_watch(actor: Actor, kind: str, key: str) -> bool:
    topic: Topic | None = current_app.extensions["live"].topics.get(kind)
    return topic is not None and is_there(topic.key == UUID(key), topic.visible.to(actor))


def stream(kind: str, key: str, still_may: Callable[[], bool]) -> Response:
    """An endless answer. `still_may` is asked again every 15 s, in a context of its own."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    hub: Hub = app.extensions["live"]
    client = hub.join(kind, key)
    db.session.remove()  # an open page must not hold a database connection
    response = Response(_events(app, hub, client, still_may), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: hub.leave(client))
    return response


def _events(app: Flask, hub: Hub, client: Client, still_may: Callable[[], bool]) -> Iterator[str]:
    yield "retry: 2000\n\n"
    check_at = time.monotonic() + RECHECK_EVERY_S
    while not hub.closing.is_set():
        rung = client.wake.wait(PING_EVERY_S)
        if time.monotonic() >= check_at:
            with app.app_context():
                if not still_may():
                    return
            check_at = time.monotonic() + RECHECK_EVERY_S
        if not rung:
            yield ": ping\n\n"
            continue
        time.sleep(random.uniform(*COALESCE_S))  # noqa: S311 - jitter
        for what in client.take():
            yield f"event: {what}\ndata: \n\n"
