"""Who visits whom and when, drawn from a seeded generator: one seed and day, one plan. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.demo import hours, story
from clinic.demo.names import MEN, PatientPlan
from clinic.demo.people import ADULTS, CHILDREN, WOMEN, DoctorPlan
from clinic.demo.story import PATIENT, Planned, PlannedStep
from clinic.schedules.slots import Slot

SEED = 20
DAYS_BACK, DAYS_AHEAD = 28, 21
VISITS_EACH = 60
TODAYS_SHARE, PAST_SHARE = 0.55, 0.6
FEWEST_TODAY = 6
BREATHER = timedelta(hours=1)  # between two visits of one patient on a day
LONGEST_LEAD_DAYS = 14
UNANSWERED_DAYS = 3  # a hospital's desk has not yet come to the newest requests
KINDS = {ADULTS: {WOMEN, MEN}, CHILDREN: {CHILDREN}, WOMEN: {WOMEN}}


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody who signs in as a demo patient finds: a visit to come."""

    patient: int
    doctor: str
    days_ahead: int
    is_confirmed: bool


PROMISES = (
    Promise(0, "Asha Rao", 2, is_confirmed=False),
    Promise(0, "Sofia Almeida", 9, is_confirmed=True),
    Promise(1, "Owen Pritchard", 1, is_confirmed=True),
    Promise(1, "Mei Zhang", 6, is_confirmed=False),
)


@dataclass(frozen=True, slots=True)
class Diary:
    """A doctor's slots of all the weeks; in those of the `on_call` windows nobody is idle."""

    doctor: DoctorPlan
    slots: Sequence[Slot]
    on_call: frozenset[UUID]
    by_people: bool  # the organisation accepts each request itself


class Planner:
    """Fills diaries with visits; no patient is in two places, no seat is given twice."""

    def __init__(self, patients: Sequence[PatientPlan], zone: ZoneInfo, now: datetime) -> None:
        self.patients = patients
        self.zone = zone
        self.now = now
        self.today = now.astimezone(zone).date()
        self.midnight = datetime.combine(self.today, time(), zone)
        self.agenda: dict[tuple[date, int], list[Slot]] = defaultdict(list)  # by day and patient

    def fill(self, diaries: Sequence[Diary]) -> list[Planned]:
        """As many visits as each doctor is to have, in the order in which they were booked."""
        # Promises first: they need these patients' days.
        promised = [list(self._promised(number, diary)) for number, diary in enumerate(diaries)]
        visits: list[Planned] = []
        for number, diary in enumerate(diaries):
            quota = VISITS_EACH + diary.doctor.more_visits - len(promised[number])
            taken = {visit.start for visit in promised[number]}
            visits += promised[number]
            visits += islice(self._drawn(number, diary, quota, taken), quota)
        if hours.OPENS <= self.now.astimezone(self.zone).time() < hours.CLOSES:
            today = [visit for visit in visits if self._days_ahead(visit.start) == 0]
            story.keep_open(today, self.now)
        return sorted(visits, key=lambda visit: visit.booked_at)

    def _promised(self, number: int, diary: Diary) -> Iterator[Planned]:
        for promise in PROMISES:
            if promise.doctor != diary.doctor.name:
                continue
            first = self.today + timedelta(days=promise.days_ahead)
            slot = next(slot for slot in diary.slots if self._day(slot.start) >= first)
            dice = Random(f"{SEED}-{self.today}-{promise.doctor}")
            visit = self._visit(number, promise.patient, slot, diary, dice)
            visit.steps = [story.accepted(visit, diary.by_people, dice)]
            if promise.is_confirmed:
                visit.steps.append(
                    PlannedStep(visit.booked_at + timedelta(hours=3), "confirm", PATIENT)
                )
            yield visit

    def _drawn(
        self, number: int, diary: Diary, quota: int, taken: set[datetime]
    ) -> Iterator[Planned]:
        dice = Random(f"{SEED}-{self.today}-{number}")
        for slot in self._preferred(diary, quota, dice):
            patient = self._somebody_free(diary.doctor, slot, dice)
            if slot.start in taken or patient is None:
                continue
            visit = self._visit(number, patient, slot, diary, dice)
            visit.steps = self._steps(
                visit, slot.schedule_id in diary.on_call, diary.by_people, Random(dice.random())
            )
            yield visit

    def _preferred(self, diary: Diary, quota: int, dice: Random) -> list[Slot]:
        """Every seat: first those that make a good day, past and future, then all others."""
        seats = [slot for slot in diary.slots for _ in range(slot.capacity)]
        today = self._todays(diary, seats, dice)
        past = [slot for slot in seats if self._days_ahead(slot.start) < 0]
        coming = [slot for slot in seats if self._days_ahead(slot.start) > 0]
        dice.shuffle(past)
        # The nearer a day is, the fuller.
        coming.sort(key=lambda slot: dice.random() * (10 + self._days_ahead(slot.start)))
        rest = quota - len(today)
        many = round(rest * PAST_SHARE)
        return [*today, *past[:many], *coming[: rest - many], *past[many:], *coming[rest - many :]]

    def _todays(self, diary: Diary, seats: list[Slot], dice: Random) -> list[Slot]:
        today = [slot for slot in seats if self._days_ahead(slot.start) == 0]
        urgent = [slot for slot in today if slot.schedule_id in diary.on_call]
        others = [slot for slot in today if slot.schedule_id not in diary.on_call]
        many = max(FEWEST_TODAY, round(len(others) * TODAYS_SHARE))
        return urgent + dice.sample(others, min(many, len(others)))

    def _somebody_free(self, doctor: DoctorPlan, slot: Slot, dice: Random) -> int | None:
        """Rather somebody who has no other visit on that day; at least none at nearly the time."""
        day = self._day(slot.start)
        fitting = [
            (self.agenda.get((day, number), []), number)
            for number, patient in enumerate(self.patients)
            if patient.practice == doctor.practice and patient.kind in KINDS[doctor.sees]
        ]
        free = [number for others, number in fitting if not others] or [
            number for others, number in fitting if all(_apart(slot, other) for other in others)
        ]
        return dice.choice(free) if free else None

    def _visit(self, number: int, patient: int, slot: Slot, diary: Diary, dice: Random) -> Planned:
        self.agenda[self._day(slot.start), patient].append(slot)
        known = min(self._day(slot.start), self.today)
        booked_on = known - timedelta(days=dice.randint(1, LONGEST_LEAD_DAYS))
        return Planned(
            doctor=number,
            patient=patient,
            start=slot.start,
            end=slot.end,
            booked_at=story.in_daytime(booked_on, self.zone, dice),
            reason=dice.choice(diary.doctor.reasons),
        )

    def _steps(
        self, visit: Planned, is_urgent: bool, by_people: bool, dice: Random
    ) -> list[PlannedStep]:
        is_to_come = self._days_ahead(visit.start) > 0
        if by_people and is_to_come and self._days_ahead(visit.booked_at) >= -UNANSWERED_DAYS:
            return []
        steps = [
            story.accepted(visit, by_people, dice),
            *story.life(visit, is_urgent, self.zone, dice),
        ]
        # What is to come looks the same all day long; today's visits go with the clock.
        return story.until(steps, self.midnight if is_to_come else self.now)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _days_ahead(self, moment: datetime) -> int:
        return (self._day(moment) - self.today).days


def _apart(one: Slot, other: Slot) -> bool:
    return one.end + BREATHER <= other.start or other.end + BREATHER <= one.start
