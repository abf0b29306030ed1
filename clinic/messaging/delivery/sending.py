"""One worker's run: claim, begin as many as there are free threads, settle what ended, again."""

import math
import time
from collections import Counter, deque
from collections.abc import Collection, Mapping

import sqlalchemy as sa
import structlog

from clinic.core import running
from clinic.core.work import crash
from clinic.messaging import channels
from clinic.messaging.channels.call import Claim
from clinic.messaging.delivery import ledger, settling
from clinic.messaging.delivery.calling import Calls, Ended
from clinic.messaging.delivery.ledger import Begun
from clinic.messaging.senders import held
from clinic.messaging.statuses import OutcomeKind

log = structlog.get_logger()

SETTLE_EVERY_S = 0.05
PAUSE_S = 0.1  # when a sender's bucket is empty, or nothing is due while calls are being made
PACE_S = 2.0  # a claim takes what ended in the last so many seconds: what a few seconds can send
WITHOUT_DATABASE_S = 1  # until outcomes are tried to be written again
LONGEST_WAIT_S = 60  # for the last calls: a lease
HELD_FOR_S = 1.0  # what another worker was told of our account, this one knows a second later
TAKEN = ("sent", "delivered")


def send_due(seconds: float) -> int:
    """Send what is due, each once, and begin no call after so many seconds.

    Returns how many a provider took.
    """
    settings = running.settings()
    with Calls(settings.message_threads, settings.message_batch) as calls:
        run = _Run(calls, settings.message_batch, time.monotonic() + seconds)
        try:
            while run.goes_on():
                run.begin()
                run.settle()
        finally:
            run.end()
        if run.taken and not channels.calls_out():
            log.info("messages_into_the_development_inbox", count=run.taken)
        return run.taken


def send_one(kinds: Collection[str]) -> bool:
    """Let one message of these kinds through, whatever holds them. Whether it was taken."""
    with Calls(1, 1) as calls:
        run = _Run(calls, 1, time.monotonic() + LONGEST_WAIT_S)
        try:
            run.claims = ledger.claim_due(1, kinds)
            run.begin_those(calls.room())
        finally:
            run.end()
        return run.taken > 0


class _Run:
    """What one worker has in its hands."""

    def __init__(self, calls: Calls, batch: int, until: float) -> None:
        self.calls = calls
        self.batch = batch
        self.until = until
        self.claims: list[Claim] = []  # of one claim, not begun
        self.held_until = math.inf  # when another worker had better have them
        self.resting: dict[str, float] = {}  # kinds whose sender's bucket was empty, and until when
        self.pace: deque[tuple[float, int]] = deque()  # how many calls ended, and when
        self.ended: list[Ended] = []  # not settled
        self.looks_again_at = 0.0
        self.nothing_is_due = False
        self.taken = 0
        self.held: frozenset[str] = frozenset()  # kinds that a fault of ours holds
        self.held_known_until = 0.0
        self.has_met = False

    def goes_on(self) -> bool:
        if time.monotonic() >= self.until:
            return False
        return bool(self.calls.in_flight or self.ended or not self.nothing_is_due)

    def begin(self) -> None:
        """Begin what may go out now, at most as many as there are threads without a call."""
        while self.looks_again_at <= time.monotonic() < self.until:
            room = self.calls.room()
            self._let_go(room)
            if not room or (not self.claims and not self._claim(room)):
                return
            self.nothing_is_due = False
            self.begin_those(room)

    def begin_those(self, room: Mapping[str, int]) -> None:
        """Begin what was claimed, as far as there is room."""
        if not self.claims:
            return
        begun = _begin(self.claims, room)
        self.claims = begun.later
        # Meanwhile others have their turn, however many of these have waited longer.
        self.resting |= dict.fromkeys(begun.dry, time.monotonic() + PAUSE_S)
        if begun.begun:
            crash.point("after_begin")
            self.calls.make(begun.begun)

    def _let_go(self, room: Mapping[str, int]) -> None:
        """Letters for which there is no room must not keep texts waiting, nor the other way; and
        what a slow provider leaves lying here another worker may begin."""
        finds_room = not room or any(claim.channel in room for claim in self.claims)
        if self.claims and (not finds_room or time.monotonic() > self.held_until):
            ledger.give_back(self.claims)
            self.claims = []

    def _claim(self, room: Mapping[str, int]) -> bool:
        kinds = self._kinds_of(room)
        self.claims = ledger.claim_due(self._how_many(room), kinds) if kinds else []
        if self.claims:
            crash.point("after_claim")
            to_begin = crash.hurried(ledger.TO_BEGIN).total_seconds()
            self.held_until = time.monotonic() + to_begin * 0.8
            return True
        self.nothing_is_due = len(kinds) == len(set(ledger.kinds()) - self.held)
        wait = PAUSE_S if self.nothing_is_due or self.resting else SETTLE_EVERY_S
        self.looks_again_at = time.monotonic() + wait
        return False

    def _kinds_of(self, room: Mapping[str, int]) -> list[str]:
        """Of the channels that have room, but for senders whose bucket was empty just now, or that
        a fault of ours holds."""
        moment = time.monotonic()
        if moment >= self.held_known_until:
            self.held, self.held_known_until = held.kinds(), moment + HELD_FOR_S
        self.resting = {kind: until for kind, until in self.resting.items() if until > moment}
        kinds = (kind for kind in ledger.kinds() if kind.partition(":")[0] in room)
        return [kind for kind in kinds if kind not in self.resting and kind not in self.held]

    def _how_many(self, room: Mapping[str, int]) -> int:
        """What is held and not begun waits for its lease to end, should this worker be killed."""
        while self.pace and self.pace[0][0] < time.monotonic() - PACE_S:
            self.pace.popleft()
        lately = sum(many for _, many in self.pace)
        return min(self.batch, max(lately, *room.values()))

    def settle(self) -> None:
        """Wait for calls that end, a moment at most, and write down what came of them."""
        if self.calls.in_flight:
            new = self.calls.ended(SETTLE_EVERY_S)
            self.taken += sum(outcome.kind in TAKEN for _, outcome in new)
            self.ended += new
            self.pace.append((time.monotonic(), len(new)))
            self.has_met |= any(outcome.kind == OutcomeKind.HELD for _, outcome in new)
        elif self.ended:  # a row that somebody else is changing
            time.sleep(SETTLE_EVERY_S)
        elif not self.nothing_is_due:  # all buckets are empty
            time.sleep(PAUSE_S)
        if self.ended:
            self.ended = _settle(self.ended)
        if self.has_met:
            self._stop_those_held()

    def _stop_those_held(self) -> None:
        """What was claimed before a fault of ours was met is not sent after it."""
        self.has_met, self.held_known_until = False, 0.0
        ledger.give_back(self.claims)
        self.claims = []

    def end(self) -> None:
        """Let go of what was not begun, and see the last calls through."""
        until = time.monotonic() + LONGEST_WAIT_S
        try:
            ledger.give_back(self.claims)
        finally:
            while (self.calls.in_flight or self.ended) and time.monotonic() < until:
                self.settle()


def _begin(claims: list[Claim], room: Mapping[str, int]) -> Begun:
    """One bad row never stops the others: what cannot begin together begins one by one."""
    try:
        return ledger.begin(claims, room)
    except sa.exc.OperationalError:
        raise  # the database is away: so it is for each of them
    except Exception as error:
        log.error("messages_not_begun", count=len(claims), exc_info=error)
    now, later = _with_room(claims, room)
    alone = [_begin_alone(claim) for claim in now]
    begun = [claim for one in alone for claim in one.begun]
    dry = frozenset[str]().union(*(one.dry for one in alone))
    return Begun(begun, sum(one.waiting for one in alone), later, dry)


def _with_room(claims: list[Claim], room: Mapping[str, int]) -> tuple[list[Claim], list[Claim]]:
    """The first that fit, and the others."""
    now: list[Claim] = []
    later: list[Claim] = []
    by_channel: Counter[str] = Counter()
    for claim in claims:
        has_room = by_channel[claim.channel] < room.get(claim.channel, 0)
        fits = has_room and len(now) < max(room.values())
        by_channel[claim.channel] += fits
        (now if fits else later).append(claim)
    return now, later


def _begin_alone(claim: Claim) -> Begun:
    try:
        return ledger.begin([claim], {claim.channel: 1})
    except Exception as error:  # claimed again when its lease ends
        log.error("message_not_begun", message_id=str(claim.id), exc_info=error)
        return Begun([], 0, [])


def _settle(ended: list[Ended]) -> list[Ended]:
    """Returns what must be settled again. What cannot be settled together is one by one; a row
    that cannot even so stays `sending`, and becomes uncertain.
    """
    try:
        return settling.settle(ended).busy
    except sa.exc.OperationalError as error:
        log.warning("outcomes_wait", count=len(ended), error=type(error).__name__)
        time.sleep(WITHOUT_DATABASE_S)
        return ended
    except Exception as error:
        log.error("outcomes_not_settled", count=len(ended), exc_info=error)
    if len(ended) == 1:
        return []
    return [again for one in ended for again in _settle([one])]
