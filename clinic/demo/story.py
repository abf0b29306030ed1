"""The life of one demo visit, told to its end and then cut off at the present. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

SYSTEM, DESK, DOCTOR, PATIENT = "system", "desk", "doctor", "patient"
CANCELLED_SHARE, MISSED_SHARE, CONFIRMED_SHARE = 0.11, 0.09, 0.75
GRACE = timedelta(minutes=15)  # after which a patient who has not come counts as missed
SOON = timedelta(minutes=40)
OPENS, CLOSES = 8, 18  # local hours in which people telephone


@dataclass(frozen=True, slots=True)
class PlannedStep:
    at: datetime
    name: str  # as in lifecycle.STEPS
    by: str


@dataclass(slots=True)
class Planned:
    """A visit to be booked, and the steps it has taken by now."""

    doctor: int
    patient: int
    start: datetime
    end: datetime
    booked_at: datetime
    reason: str
    steps: list[PlannedStep] = field(default_factory=list)

    @property
    def last_step(self) -> str:
        return self.steps[-1].name if self.steps else ""

    @property
    def is_waiting(self) -> bool:
        return self.last_step == "check_in"

    @property
    def is_in_progress(self) -> bool:
        return self.last_step == "start"

    @property
    def is_off(self) -> bool:
        return self.last_step in ("cancel", "no_show")


def in_daytime(day: date, zone: ZoneInfo, dice: Random) -> datetime:
    """An instant of that local day at which somebody answers the telephone."""
    at = time(dice.randrange(OPENS, CLOSES), dice.randrange(60), dice.randrange(60))
    return datetime.combine(day, at, zone).astimezone(UTC)


def accepted(visit: Planned, by_people: bool, dice: Random) -> PlannedStep:
    if by_people:
        return PlannedStep(
            visit.booked_at + timedelta(minutes=dice.randrange(20, 200)), "accept", DESK
        )
    return PlannedStep(visit.booked_at + timedelta(seconds=2), "accept", SYSTEM)


def life(visit: Planned, is_urgent: bool, zone: ZoneInfo, dice: Random) -> list[PlannedStep]:
    """What happens after the acceptance, whether it already has or not."""
    fate = 1.0 if is_urgent else dice.random()
    if fate < CANCELLED_SHARE:
        return [
            PlannedStep(_between(visit, zone, dice), "cancel", dice.choice((DESK, DESK, DOCTOR)))
        ]
    steps = []
    if dice.random() < CONFIRMED_SHARE:
        steps.append(PlannedStep(_between(visit, zone, dice), "confirm", DESK))
    if fate < CANCELLED_SHARE + MISSED_SHARE:
        return [*steps, PlannedStep(visit.start + GRACE, "no_show", SYSTEM)]
    return [*steps, *_attended(visit, dice)]


def _between(visit: Planned, zone: ZoneInfo, dice: Random) -> datetime:
    """Some day after the acceptance and before the day of the visit."""
    booked_on = visit.booked_at.astimezone(zone).date()
    days = (visit.start.astimezone(zone).date() - booked_on).days
    moment = in_daytime(booked_on + timedelta(days=dice.randrange(1, max(2, days))), zone, dice)
    return moment if days > 1 else visit.booked_at + timedelta(hours=4)


def _attended(visit: Planned, dice: Random) -> list[PlannedStep]:
    early, late, spare = dice.randrange(2, 19), dice.randrange(0, 3), dice.randrange(0, 4)
    return [
        PlannedStep(visit.start - timedelta(minutes=early), "check_in", DESK),
        PlannedStep(visit.start + timedelta(minutes=late), "start", DOCTOR),
        PlannedStep(visit.end - timedelta(minutes=spare), "complete", DOCTOR),
    ]


def until(steps: Iterable[PlannedStep], moment: datetime) -> list[PlannedStep]:
    return [step for step in steps if step.at <= moment]


def keep_open(today: Iterable[Planned], now: datetime) -> None:
    """Have one patient seen and another wait at any minute: if need be, a doctor runs late."""
    here = sorted((visit for visit in today if not visit.is_off), key=lambda visit: visit.start)
    started = [visit for visit in here if visit.start <= now]
    coming = [visit for visit in here if now < visit.start <= now + SOON]
    if started and not any(visit.is_in_progress for visit in here):
        _see(started[-1] if coming else started[-2:][0], now)
    if not any(visit.is_waiting for visit in here):
        idle = [visit for visit in started if not visit.is_in_progress]
        for visit in coming[:1] or idle[-1:]:
            _let_wait(visit, now)


def _see(visit: Planned, now: datetime) -> None:
    arrived = min(visit.start, now) - timedelta(minutes=5)
    began = max(arrived, min(visit.start, now - timedelta(minutes=1)))
    visit.steps = [
        *_before_arrival(visit),
        PlannedStep(arrived, "check_in", DESK),
        PlannedStep(began, "start", DOCTOR),
    ]


def _let_wait(visit: Planned, now: datetime) -> None:
    arrived = min(visit.start - timedelta(minutes=6), now - timedelta(minutes=4))
    visit.steps = [*_before_arrival(visit), PlannedStep(arrived, "check_in", DESK)]


def _before_arrival(visit: Planned) -> list[PlannedStep]:
    return [step for step in visit.steps if step.name in ("accept", "confirm")]
