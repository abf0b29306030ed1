"""The open streams of one process, and who of them is rung when something changes.

One thread listens to Redis for all. A ring wakes those who watch its topic, and nobody else.
"""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import redis
import structlog

from clinic.core.errors import N_, Unavailable
from clinic.core.work.connection import connect

log = structlog.get_logger()

CHANNEL = "live"
RESUBSCRIBE_AFTER_S = 1.0
# Pages that are rung at once fetch at once. A few do no harm; more are spread, so that the fetches
# of some hundred boards come one after another and a ring still arrives within a blink.
FEW_PAGES = 20
SPREAD_S_A_PAGE, LONGEST_SPREAD_S = 0.0005, 0.25


def spread(pages: int) -> float:
    """The seconds over which so many pages are rung."""
    return 0.0 if pages < FEW_PAGES else min(pages * SPREAD_S_A_PAGE, LONGEST_SPREAD_S)


class Holder(NamedTuple):
    """Whose page it is, as far as streams are shared out."""

    session: UUID | None = None
    organisation: UUID | None = None


NOBODY = Holder()


class Shares(NamedTuple):
    """How many streams one of them may hold, in this process."""

    session: int
    organisation: int


class Listening(NamedTuple):
    """What a page hears besides its own topic."""

    topic: str = ""  # `kind:key`
    is_told_by_own: bool = False  # what changed there comes with a refresh by its own word, too


NOTHING_ELSE = Listening()


@dataclass(eq=False)
class Client:
    topic: str  # `kind:key`
    word: str  # what its page listens for
    holder: Holder = NOBODY
    beside: Listening = NOTHING_ELSE
    is_replaced: bool = False  # by a younger one of its session
    waiting: set[str] = field(default_factory=set)
    wake: threading.Event = field(default_factory=threading.Event)
    spread_s: float = 0.0  # of the last ring

    def ring(self, what: str, spread_s: float) -> None:
        self.waiting.add(what)
        self.spread_s = spread_s
        self.wake.set()

    def take(self) -> list[str]:
        self.wake.clear()
        taken = set(self.waiting)
        self.waiting -= taken
        if self.beside.is_told_by_own and self.word in taken:
            taken = {self.word}
        return sorted(taken)


def _topics(client: Client) -> set[str]:
    return {client.topic, client.beside.topic} - {""}


def _wake(clients: Collection[Client], what: str) -> None:
    for client in clients:
        client.ring(what, spread(len(clients)))


class Hub:
    """All open streams of this process and the thread that listens for them."""

    def __init__(
        self,
        url: str,
        most: int,
        shares: Shares | None = None,
        echoes: Mapping[str, str] | None = None,
    ) -> None:
        """`echoes`: a ring at the first kind is heard at the second one of the same key, too, as a
        word of that name."""
        self.url = url
        self.most = most  # streams; each holds a thread of the server
        self.shares = shares or Shares(most, most)
        self.echoes = echoes or {}
        self.by_session: dict[UUID, list[Client]] = defaultdict(list)  # the oldest first
        self.by_organisation: Counter[UUID] = Counter()
        self.clients: dict[str, set[Client]] = defaultdict(set)  # by topic
        self.count = 0
        self.tell: Callable[[int], None] = lambda count: None  # whoever counts streams
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.listener: threading.Thread | None = None

    def join(
        self, topic: str, word: str, holder: Holder = NOBODY, beside: Listening = NOTHING_ELSE
    ) -> Client:
        """Raises Unavailable if there are enough, or the server stops.

        A session's share is never refused: its oldest stream ends. Often nobody listens there any
        more, which is noticed by a ping alone.
        """
        with self.lock:
            if self.count >= self.most or self.closing.is_set() or self._has_its_share(holder):
                words = N_("Too many live pages are open. This page still refreshes itself.")
                raise Unavailable(words)
            client = Client(topic, word, holder, beside)
            for one in _topics(client):
                self.clients[one].add(client)
            self._hold(client)
            self._counted(1)
            # Lazily, so that it lives in the server's forked process, not in its parent.
            if self.url and (self.listener is None or not self.listener.is_alive()):
                self.listener = threading.Thread(target=self._listen, daemon=True, name="live")
                self.listener.start()
        return client

    def leave(self, client: Client) -> None:
        """Harmless twice."""
        with self.lock:
            watching = self.clients.get(client.topic, set())
            if client not in watching:
                return
            for one in _topics(client):
                self.clients[one].discard(client)
                if not self.clients[one]:
                    del self.clients[one]
            self._release(client)
            self._counted(-1)

    def close(self) -> None:
        """End every stream."""
        self.closing.set()
        with self.lock:
            for client in self._everybody():
                client.wake.set()

    def _has_its_share(self, holder: Holder) -> bool:
        place = holder.organisation
        return place is not None and self.by_organisation[place] >= self.shares.organisation

    def _hold(self, client: Client) -> None:
        session, organisation = client.holder
        if organisation is not None:
            self.by_organisation[organisation] += 1
        if session is None:
            return
        own = self.by_session[session]
        own.append(client)
        if len(own) > self.shares.session:
            oldest = own.pop(0)
            oldest.is_replaced = True
            oldest.wake.set()

    def _release(self, client: Client) -> None:
        session, organisation = client.holder
        if organisation is not None:
            self.by_organisation[organisation] -= 1
            self.by_organisation += Counter()  # without those that hold none
        if session is not None and not client.is_replaced:
            self.by_session[session].remove(client)
            if not self.by_session[session]:
                del self.by_session[session]

    def _counted(self, change: int) -> None:
        self.count += change
        self.tell(self.count)

    def _everybody(self) -> list[Client]:
        return [client for watching in self.clients.values() for client in watching]

    def _deliver(self, topic: str, what: str) -> None:
        with self.lock:
            watching = self.clients.get(topic, set())
            _wake(watching, what)
            kind, _, key = topic.partition(":")
            echo = self.echoes.get(kind)
            if echo:
                _wake(self.clients.get(f"{echo}:{key}", set()) - watching, echo)

    def _ring_everybody(self) -> None:
        with self.lock:
            for client in self._everybody():
                client.ring(client.word, spread(self.count))

    def _listen(self) -> None:
        while not self.closing.is_set():
            try:
                self._subscribe()
            except (redis.RedisError, OSError) as error:
                log.warning("live_waits_for_redis", error=type(error).__name__)
                self.closing.wait(RESUBSCRIBE_AFTER_S)

    def _subscribe(self) -> None:
        connection = connect(self.url, timeout_s=None)
        if connection is None:
            return
        with connection, connection.pubsub(ignore_subscribe_messages=True) as pubsub:
            pubsub.subscribe(CHANNEL)
            self._ring_everybody()  # rings may have been lost meanwhile: fetch once
            while not self.closing.is_set():
                message = pubsub.get_message(timeout=1.0)
                if message:
                    self._deliver(*json.loads(message["data"]))
