"""The health of the system, in lights."""

from dataclasses import dataclass
from datetime import timedelta

from clinic.core import clock
from clinic.core.work import queue, redis_client
from clinic.events import queries as events
from clinic.messaging.delivery import figures
from clinic.reminders import sending

OK, WARNING, DANGER = "ok", "warning", "danger"
LATE_S, VERY_LATE_S = 60, 300


@dataclass(frozen=True, slots=True)
class Light:
    name: str
    value: str
    level: str


def health() -> list[Light]:
    """One light each for what must work so that no reminder is lost."""
    ledger, outbox = figures.gauges(), events.gauges()
    return [
        _scheduler(),
        _redis(),
        _age("Oldest due message", ledger["messages_oldest_due_seconds"]),
        _age("Oldest due reminder", _reminder_age()),
        _count("Messages that failed, unseen", ledger["messages_failed_unseen"], WARNING),
        _count("Messages uncertain", ledger["messages_uncertain"], WARNING),
        _age("Oldest waiting event", outbox["event_deliveries_oldest_seconds"]),
        _count("Events set aside", outbox["event_deliveries_set_aside"], DANGER),
        _count("Background tasks failed", outbox["background_tasks_failed"], WARNING),
        *_providers(),
    ]


def _scheduler() -> Light:
    beat = queue.last_beat("scheduler")
    if beat is None:
        return Light("Scheduler", "never seen", DANGER)
    age = clock.now() - beat
    level = OK if age < timedelta(seconds=30) else DANGER
    return Light("Scheduler", f"{max(0, int(age.total_seconds()))} s ago", level)


def _redis() -> Light:
    return (
        Light("Redis", "answers", OK) if redis_client.answers() else Light("Redis", "down", DANGER)
    )


def _reminder_age() -> float:
    oldest = sending.oldest_due()
    return max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0


def _age(name: str, seconds: float) -> Light:
    level = OK if seconds < LATE_S else WARNING if seconds < VERY_LATE_S else DANGER
    if seconds < LATE_S:
        return Light(name, f"{int(seconds)} s", level)
    return Light(name, f"{int(seconds // 60)} min late", level)


def _count(name: str, count: float, level: str) -> Light:
    return Light(name, str(int(count)), level if count else OK)


def _providers() -> list[Light]:
    words = {"sms": "SMS provider", "email": "Mail server"}
    return [
        Light(words[channel], "set up" if there else "not set up", OK if there else WARNING)
        for channel, there in figures.is_configured().items()
    ]
