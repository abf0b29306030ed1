"""Calls at once: each in a thread that holds neither a connection nor a session meanwhile."""

import queue
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

import structlog

from clinic.core import running
from clinic.core.data.db import db
from clinic.core.work import crash
from clinic.messaging import channels
from clinic.messaging.channels.call import Claim, Content, Outcome
from clinic.messaging.templates import filled
from clinic.messaging.words import rendering, unsubscribing

T = TypeVar("T")
R = TypeVar("R")
Ended = tuple[Claim, Outcome]

log = structlog.get_logger()

WAVE = 8  # calls that one commit begins: what it takes to start them is when a death loses most
NOT_MADE = Outcome("retry", error_code="not_rendered")


class Calls:
    """Calls to providers, as many at once as there are `threads`.

    What a call must know it is given; it reads nothing. No call waits for a thread, so that it
    begins when its message does: its lease was measured for the call alone.
    """

    def __init__(self, threads: int, batch: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="call")
        self._send = running.in_a_context_of_its_own(_send)
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()
        # Where there is no provider at all, nobody is waited for.
        self._most, self._wave = (threads, WAVE) if channels.calls_out() else (batch, batch)
        self._of_channel: Counter[str] = Counter()

    @property
    def in_flight(self) -> int:
        return self._of_channel.total()

    def room(self) -> dict[str, int]:
        """How many calls may begin together now, by the channels that have any room."""
        free = min(self._wave, self._most - self.in_flight)
        room = dict.fromkeys(channels.CHANNELS, free)
        for name, one in channels.CHANNELS.items():
            if one.most_at_once and channels.calls_out(name):
                room[name] = min(free, one.most_at_once - self._of_channel[name])
        return {name: many for name, many in room.items() if many > 0}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A call that outlives every deadline is left to itself; its message becomes uncertain.
        self._threads.shutdown(wait=self.in_flight == 0, cancel_futures=True)

    def make(self, claims: Sequence[Claim]) -> None:
        """Begin the calls of messages that are `sending`; each ends, whatever comes of it."""
        self._of_channel.update(claim.channel for claim in claims)
        for claim in claims:
            content = _content(claim)
            if content is None:
                self._ended.put((claim, NOT_MADE))
            elif channels.calls_out(claim.channel):
                self._threads.submit(self._call, claim, content)
            else:
                self._call(claim, content)
        db.session.remove()  # a resolver of secrets may have read

    def _call(self, claim: Claim, content: Content) -> None:
        outcome = Outcome("uncertain", error_code="broken")
        try:
            outcome = self._send(claim, content)
        except Exception as error:  # a fault of ours; whether it was before or after, who knows
            log.error("message_not_sent", message_id=str(claim.id), exc_info=error)
            outcome = Outcome("uncertain", error_code=type(error).__name__[:40])
        finally:
            self._ended.put((claim, outcome))

    def ended(self, within: float) -> list[Ended]:
        """What ends in so many seconds; earlier if nothing is left to wait for."""
        found: list[Ended] = []
        until = time.monotonic() + within
        while self.in_flight and (left := until - time.monotonic()) > 0:
            try:
                found.append(self._ended.get(timeout=left))
            except queue.Empty:
                break
            self._of_channel[found[-1][0].channel] -= 1
        return found


def _send(claim: Claim, content: Content) -> Outcome:
    outcome = channels.send(claim, content)
    crash.point("after_send")
    return outcome


def _content(claim: Claim) -> Content | None:
    """None if it cannot be filled: nothing was sent, so it is tried again as after a refusal, and
    goes before people after the last try."""
    try:
        if not claim.is_free and channels.calls_out(claim.channel):
            return filled.content_of(claim) or Content("")
        if not channels.CHANNELS[claim.channel].is_letter:
            return Content(rendering.with_secrets(claim.body))
        body = unsubscribing.with_way_out(claim.body, claim.template, claim.id, claim.language)
        html = rendering.html_of(body, claim.language)
        way_out = unsubscribing.way_out(claim.template, claim.id)
        return Content(rendering.with_secrets(body), claim.subject or "", html, way_out=way_out)
    except Exception as error:
        log.error("message_not_rendered", message_id=str(claim.id), exc_info=error)
        return None


def ask_at_once(ask: Callable[[T], R], about: Sequence[T], most: int) -> list[R]:
    """The answers to questions that are asked in up to `most` threads, in their order."""
    with ThreadPoolExecutor(most, thread_name_prefix="ask") as threads:
        return list(threads.map(running.in_a_context_of_its_own(ask), about))
