"""Directory cards and weeks of slots, as finished words and links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from clinic.core import clock, saying
from clinic.doctors.queries import Profile

FIRST_YEAR, LAST_YEAR = 1900, 2100  # beyond them sums of dates overflow


class Slot(Protocol):
    """What a page needs to know of a free slot; slots are made by a room above this one."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def capacity(self) -> int: ...
    @property
    def available(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SlotLink:
    label: str  # "09:30"
    start: str  # "2026-11-23T09:30Z"
    url: str
    words: str  # for screen readers: "Mon 23 Nov, 09:30 with Dr Asha Rao"
    places: str  # "2 places", or "" where one visit at a time is seen


@dataclass(frozen=True, slots=True)
class Card:
    profile: Profile
    url: str
    places: str
    next_label: str  # "Mon 23 Nov", or ""
    slots: tuple[SlotLink, ...]


@dataclass(frozen=True, slots=True)
class Day:
    name: str  # "Mon"
    label: str  # "23 Nov"
    slots: tuple[SlotLink, ...]


@dataclass(frozen=True, slots=True)
class Week:
    label: str  # "23 to 29 Nov"
    days: tuple[Day, ...]
    previous_url: str | None
    next_url: str | None
    zone_label: str
    minutes: str  # "30 minute appointments", or "" where lengths differ
    is_empty: bool


def slot_links(
    profile: Profile, slots: Sequence[Slot], zone: ZoneInfo, confirm_url: str
) -> tuple[SlotLink, ...]:
    """`confirm_url` leads to the confirm step and lacks only the start."""
    this_year = clock.today(zone).year
    links = []
    for slot in slots:
        local = slot.start.astimezone(zone)
        label, start = f"{local:%H:%M}", f"{slot.start:%Y-%m-%dT%H:%M}Z"
        links.append(
            SlotLink(
                label=label,
                start=start,
                url=f"{confirm_url}{start}",
                words=f"{saying.day(local.date(), this_year)}, {label} with {profile.name}",
                places=f"{slot.available} places" if slot.capacity > 1 else "",
            )
        )
    return tuple(links)


def day_of(slots: Sequence[Slot], zone: ZoneInfo) -> str:
    """`Mon 23 Nov`: the day of the first slot, or "" without one."""
    if not slots:
        return ""
    first = slots[0].start.astimezone(zone).date()
    return saying.day(first, clock.today(zone).year)


def days(
    first: date, profile: Profile, slots: Sequence[Slot], zone: ZoneInfo, confirm_url: str
) -> tuple[Day, ...]:
    """Seven days from `first`, each with its free slots; days that are over are left out."""
    today = clock.today(zone)
    week = [first + timedelta(days=number) for number in range(7)]
    by_day: dict[date, list[Slot]] = {day: [] for day in week if day >= today}
    for slot in slots:
        by_day[slot.start.astimezone(zone).date()].append(slot)
    return tuple(
        Day(f"{day:%a}", f"{day.day} {day:%b}", slot_links(profile, found, zone, confirm_url))
        for day, found in by_day.items()
    )


def week_label(first: date) -> str:
    last = first + timedelta(days=6)
    if first.month == last.month:
        return f"{first.day} to {last.day} {last:%b}"
    return f"{first.day} {first:%b} to {last.day} {last:%b}"


def parse_week(text: str | None, today: date) -> date:
    """The Monday of `2026-W48`, or of this week for anything else or anything past."""
    this_monday = today - timedelta(days=today.weekday())
    try:
        year, _, number = (text or "").partition("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return this_monday
    return max(monday, this_monday) if monday.year <= LAST_YEAR else this_monday


def week_name(monday: date) -> str:
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"


def length_label(slots: Sequence[Slot]) -> str:
    lengths = {int((slot.end - slot.start).total_seconds() // 60) for slot in slots}
    return f"{lengths.pop()} minute appointments" if len(lengths) == 1 else ""
