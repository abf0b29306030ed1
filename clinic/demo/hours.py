"""When the demo doctors work: their weeks as data, and this week's exceptions."""

from dataclasses import dataclass
from datetime import date, time, timedelta

WEEKDAYS = (0, 1, 2, 3, 4)
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Hours:
    """The same hours on some weekdays (Monday 0)."""

    start: str
    end: str
    days: tuple[int, ...] = WEEKDAYS
    minutes: int = 30
    place: int = 0  # of the practice's places
    capacity: int = 1

    @property
    def opens(self) -> time:
        return time.fromisoformat(self.start)

    @property
    def closes(self) -> time:
        return time.fromisoformat(self.end)


# Somebody works on every day of the week, so that a board opened on a Sunday has a day to show.
WEEKLY: dict[str, tuple[Hours, ...]] = {
    "Asha Rao": (
        Hours("09:00", "12:00"),
        Hours("14:00", "17:00", (0, 2, 3)),
        Hours("09:00", "11:00", (SATURDAY,)),
    ),
    "Owen Pritchard": (
        Hours("08:00", "12:00", minutes=15),
        Hours("13:00", "16:00", (0, 1, 3), minutes=15),
        Hours("09:00", "12:00", (SATURDAY,), minutes=15),
        Hours("10:00", "16:00", (SUNDAY,), minutes=20),
    ),
    "Lucia Moretti": (
        Hours("10:00", "13:00", minutes=20, place=1),
        Hours("14:00", "18:00", (1, 3), minutes=20, place=1),
    ),
    "Kwame Boateng": (
        Hours("08:30", "12:30", minutes=20),
        Hours("14:00", "16:00", (0, 2, 4), minutes=20),
        Hours("09:00", "13:00", (SATURDAY,), minutes=20),
        Hours("08:00", "13:00", (SUNDAY,), minutes=20),
    ),
    "Hanna Nowak": (Hours("12:00", "17:00"), Hours("13:00", "18:00", (SUNDAY,))),
    "Yusuf Demir": (
        Hours("08:00", "12:00", minutes=20, place=1),
        Hours("13:30", "16:30", (0, 3), minutes=30, place=1),
        Hours("12:00", "16:00", (SATURDAY,), minutes=20),
    ),
    "Mei Zhang": (
        Hours("09:30", "13:00", minutes=30, place=1),
        Hours("14:00", "17:00", (2, 4), minutes=30, place=1),
        Hours("09:00", "12:00", (SUNDAY,), minutes=30),
    ),
    "Sofia Almeida": (
        Hours("09:00", "13:00", minutes=30, place=1),
        Hours("14:00", "16:00", (0, 4), minutes=30, place=1),
        Hours("17:00", "18:00", (1, 3), minutes=60, place=1, capacity=6),
        Hours("10:00", "11:00", (SATURDAY,), minutes=60, place=1, capacity=6),
    ),
    "Rajan Iyer": (Hours("09:00", "13:00"), Hours("09:00", "12:00", (SATURDAY,))),
    "Ingrid Keller": (Hours("11:00", "16:00"), Hours("10:00", "13:00", (SUNDAY,))),
}


# Today somebody is there from early to late, so that a clinic opened in the evening is not dead.
OPENS, CLOSES = time(7), time(20)
ON_CALL = {
    "Hanna Nowak": Hours("07:00", "09:00"),
    "Yusuf Demir": Hours("17:00", "20:00"),
}


@dataclass(frozen=True, slots=True)
class ExtraClinic:
    doctor: str
    on: date
    hours: Hours


@dataclass(frozen=True, slots=True)
class TimeOff:
    doctor: str
    first: date
    back: date
    reason: str


def extra_clinic(today: date) -> ExtraClinic:
    """An afternoon on the first Saturday that is at least five days ahead."""
    ahead = today + timedelta(days=5)
    saturday = ahead + timedelta(days=(SATURDAY - ahead.weekday()) % 7)
    return ExtraClinic("Asha Rao", saturday, Hours("14:00", "17:00"))


def time_off(today: date) -> TimeOff:
    return TimeOff(
        "Lucia Moretti", today + timedelta(days=8), today + timedelta(days=11), "Conference"
    )
