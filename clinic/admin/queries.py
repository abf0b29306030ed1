"""The health of the system, in lights."""

from dataclasses import dataclass
from enum import StrEnum

from clinic.access.actor import Actor
from clinic.accounts.noticed import queries as noticed
from clinic.accounts.noticed.queries import Refused
from clinic.appointments.holding import hold
from clinic.core import clock, running
from clinic.core.work import heartbeat, redis_client
from clinic.events import queries as events
from clinic.hooks import queries as hooks
from clinic.messaging.delivery import figures
from clinic.messaging.inbound import places
from clinic.messaging.senders import held
from clinic.messaging.senders.held import Standing
from clinic.messaging.templates import queries as templates
from clinic.reminders.telling import due

OK, WARNING, DANGER = "ok", "warning", "danger"
LATE_S, VERY_LATE_S = 60, 300
MANY_REFUSED, VERY_MANY_REFUSED = 100, 1000  # sign-ins, in an hour
MANY_FOR_NOBODY = 5  # texts, in a week
MANY_LOCKED, VERY_MANY_LOCKED = 1, 10  # accounts, in an hour


class Name(StrEnum):
    WEB = "web"
    WORKERS = "workers"
    SCHEDULER = "scheduler"
    REDIS = "redis"
    OLDEST_MESSAGE = "oldest_message"
    OLDEST_REMINDER = "oldest_reminder"
    FAILED_MESSAGES = "failed_messages"
    UNCERTAIN_MESSAGES = "uncertain_messages"
    UNPROVEN_MESSAGES = "unproven_messages"
    HELD_BACK_MESSAGES = "held_back_messages"
    OLDEST_EVENT = "oldest_event"
    EVENTS_SET_ASIDE = "events_set_aside"
    WEBHOOKS_STOPPED = "webhooks_stopped"
    FAILED_TASKS = "failed_tasks"
    TEXTS = "texts"
    LETTERS = "letters"
    HELD_SENDER = "held_sender"
    WHATSAPP_TEMPLATES = "whatsapp_templates"
    REFUSED_SIGN_INS = "refused_sign_ins"
    LOCKED_ACCOUNTS = "locked_accounts"
    VISITS_NOT_PROVEN = "visits_not_proven"
    TEXTS_FOR_NOBODY = "texts_for_nobody"


class State(StrEnum):
    """What a light shows; some with a number."""

    NEVER_SEEN = "never_seen"
    RUNNING = "running"
    NOT_EXPECTED = "not_expected"
    UNHEARD = "unheard"
    SECONDS_AGO = "seconds_ago"
    ANSWERS = "answers"
    DOWN = "down"
    SECONDS = "seconds"
    MINUTES_LATE = "minutes_late"
    COUNT = "count"
    LAST_HOUR = "last_hour"
    SET_UP = "set_up"
    NOT_SET_UP = "not_set_up"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Light:
    name: Name
    state: State
    level: str
    number: int = 0
    about: Standing | None = None  # what is held


def health(actor: Actor) -> list[Light]:
    """One light each for what must work so that no reminder is lost, and for break-ins tried."""
    ledger, outbox, planned = figures.gauges(), events.gauges(), due.gauges()
    seen = heartbeat.signs()
    return [
        Light(Name.WEB, State.RUNNING, OK, seen[heartbeat.WEB].alive),
        _workers(seen[heartbeat.WORKER]),
        _scheduler(seen[heartbeat.WORKER]),
        _redis(),
        _age(Name.OLDEST_MESSAGE, ledger["messages_oldest_due_seconds"]),
        _age(Name.OLDEST_REMINDER, planned["reminders_oldest_overdue_seconds"]),
        _count(Name.FAILED_MESSAGES, ledger["messages_failed_unseen"], WARNING),
        _count(Name.UNCERTAIN_MESSAGES, ledger["messages_uncertain"], WARNING),
        _unproven(ledger["messages_unproven_last_hour"]),
        _count(Name.HELD_BACK_MESSAGES, ledger["messages_held_back_last_hour"], WARNING),
        _age(Name.OLDEST_EVENT, outbox["event_deliveries_oldest_seconds"]),
        _count(Name.EVENTS_SET_ASIDE, outbox["event_deliveries_set_aside"], DANGER),
        _count(Name.WEBHOOKS_STOPPED, hooks.stopped(actor), WARNING),
        _count(Name.FAILED_TASKS, outbox["background_tasks_failed"], WARNING),
        *_providers(),
        *(_held(one) for one in held.standing()),
        *_templates(templates.missing()),
        *_sign_ins(noticed.refused(actor)),
        _count(Name.VISITS_NOT_PROVEN, hold.gauges()["visits_not_proven"], WARNING),
        _for_nobody(places.nobody_named()),
    ]


def _for_nobody(texts: int) -> Light:
    """Some never answer; many say that the question is not understood."""
    level = OK if texts < MANY_FOR_NOBODY else WARNING
    return Light(Name.TEXTS_FOR_NOBODY, State.COUNT, level, texts)


def _workers(seen: heartbeat.Signs) -> Light:
    if seen.alive:
        return Light(Name.WORKERS, State.RUNNING, OK, seen.alive)
    if seen.age_s is None:
        return _nobody(Name.WORKERS, seen)
    level = WARNING if heartbeat.somebody_works(seen) else DANGER
    return Light(Name.WORKERS, State.SECONDS_AGO, level, int(seen.age_s))


def _scheduler(workers: heartbeat.Signs) -> Light:
    lives, arrived = heartbeat.scheduler_lives(workers), heartbeat.last_beat(heartbeat.SCHEDULER)
    if lives and not workers.alive:
        return Light(Name.SCHEDULER, State.UNHEARD, OK)
    if arrived is None or not heartbeat.are_expected(workers):
        return _nobody(Name.SCHEDULER, workers)
    age = (clock.now() - arrived).total_seconds()
    level = OK if age < LATE_S else WARNING if lives else DANGER
    return Light(Name.SCHEDULER, State.SECONDS_AGO, level, max(0, int(age)))


def _nobody(name: Name, workers: heartbeat.Signs) -> Light:
    if heartbeat.are_expected(workers):
        return Light(name, State.NEVER_SEEN, DANGER)
    return Light(name, State.NOT_EXPECTED, OK)


def _redis() -> Light:
    if redis_client.answers():
        return Light(Name.REDIS, State.ANSWERS, OK)
    return Light(Name.REDIS, State.DOWN, DANGER)


def _age(name: Name, seconds: float) -> Light:
    if seconds < LATE_S:
        return Light(name, State.SECONDS, OK, int(seconds))
    level = WARNING if seconds < VERY_LATE_S else DANGER
    return Light(name, State.MINUTES_LATE, level, int(seconds // 60))


def _count(name: Name, count: float, level: str) -> Light:
    return Light(name, State.COUNT, level if count else OK, int(count))


def _sign_ins(refused: Refused) -> list[Light]:
    """Some always mistype: a hospital's morning is no attack, and one who forgot is no alarm."""
    return [
        _many(Name.REFUSED_SIGN_INS, refused.tries, MANY_REFUSED, VERY_MANY_REFUSED),
        _many(Name.LOCKED_ACCOUNTS, refused.locked, MANY_LOCKED, VERY_MANY_LOCKED),
    ]


def _many(name: Name, count: int, many: int, very_many: int) -> Light:
    level = OK if count < many else WARNING if count < very_many else DANGER
    return Light(name, State.LAST_HOUR, level, count)


def _unproven(count: float) -> Light:
    """Red when the budget of the hour is spent: somebody pumps, or it is too small."""
    most = running.settings().unproven_messages_per_hour
    level = DANGER if most and count >= most else OK
    return Light(Name.UNPROVEN_MESSAGES, State.COUNT, level, int(count))


def _providers() -> list[Light]:
    names = {"sms": Name.TEXTS, "email": Name.LETTERS}
    return [
        _provider(names[channel], is_there) for channel, is_there in figures.is_configured().items()
    ]


def _held(one: Standing) -> Light:
    return Light(Name.HELD_SENDER, State.WAIT, DANGER, one.waiting, one)


def _templates(missing: int | None) -> list[Light]:
    """What is not approved goes another way, so that nobody waits for it."""
    return [] if missing is None else [_count(Name.WHATSAPP_TEMPLATES, missing, WARNING)]


def _provider(name: Name, is_there: bool) -> Light:
    if not is_there:
        return Light(name, State.NOT_SET_UP, DANGER if running.settings().production else WARNING)
    return Light(name, State.SET_UP, OK)
