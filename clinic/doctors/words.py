"""The directory and a doctor's week, in the reader's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from clinic.core import clock, saying
from clinic.doctors.queries import Profile
from clinic.doctors.vocabulary import SPECIALISATIONS

FIRST_YEAR, LAST_YEAR = 1900, 2100  # beyond them sums of dates overflow


PARTS = {"morning": _l("Morning"), "afternoon": _l("Afternoon"), "evening": _l("Evening")}


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
    @property
    def location_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class SlotLink:
    label: str  # "09:30"
    start: str  # "2026-11-23T09:30Z"
    url: str
    words: str  # for screen readers: "Mon 23 Nov, 09:30 with Dr Asha Rao, Quay Street"
    places: str  # "2 places", or "" where one visit at a time is seen
    place: str  # "Quay Street" where not all times beside this one are there, else ""


@dataclass(frozen=True, slots=True)
class Card:
    profile: Profile
    title: str  # "Cardiology, 14 years"
    speaks: str  # "English, Hindi"
    url: str
    where: str  # "Harbour Clinic, Quay Street, 14 Quay Street"
    next_label: str  # "Mon 23 Nov, Quay Street", or ""
    slots: tuple[SlotLink, ...]


@dataclass(frozen=True, slots=True)
class Day:
    name: str  # "Mon"
    label: str  # "23 Nov"
    place: str  # "Quay Street", or "" where it goes without saying or the times say it
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


def welcome() -> str:
    """To programs that ask for the front page."""
    return _("Welcome to the clinic")


def titles(slugs: Iterable[str]) -> str:
    """`Cardiology, Neurology`"""
    known = _specialisations(str(saying.locale()))
    return ", ".join(known.get(slug, slug) for slug in slugs)


def title_of(profile: Profile) -> str:
    """`Cardiology, 14 years`"""
    words, years = titles(profile.specialisations), profile.years_experience
    if not years:
        return words
    return ngettext("%(what)s, %(num)s year", "%(what)s, %(num)s years", years, what=words)


def speaks(profile: Profile) -> str:
    """`English, Hindi`"""
    return saying.spoken(profile.languages)


Choices = list[tuple[str, str]]


def choices(places: Iterable[tuple[str, str]]) -> dict[str, Choices]:
    """What the directory can be narrowed by; `places` are ids and names."""
    return {
        "specialisation": [
            ("", _("Any specialty")),
            *_specialisations(str(saying.locale())).items(),
        ],
        "location": [("", _("Any location")), *places],
        "language": [("", _("Any language")), *saying.languages()],
        "part": [("", _("Any time")), *((key, str(words)) for key, words in PARTS.items())],
    }


@lru_cache
def _specialisations(_locale: str) -> dict[str, str]:
    """Slugs and titles: half a hundred words that every visit to the directory would look up."""
    return {slug: _(title) for slug, title in SPECIALISATIONS.items()}


def card(
    profile: Profile, url: str, slots: Sequence[Slot], zone: ZoneInfo, confirm_url: str
) -> Card:
    """A doctor in the directory, with the next free times."""
    return Card(
        profile=profile,
        title=title_of(profile),
        speaks=speaks(profile),
        url=url,
        where=where(profile),
        next_label=_next_label(profile, slots, zone) if slots else "",
        slots=slot_links(profile, slots, zone, confirm_url),
    )


def where(profile: Profile) -> str:
    """`Harbour Clinic, Quay Street, 14 Quay Street`; of several places the names alone."""
    named = [profile.organisation, *(place.name for place in profile.places)]
    if len(profile.places) == 1:
        named.append(profile.places[0].address)
    return ", ".join(dict.fromkeys(filter(None, named)))


def _next_label(profile: Profile, slots: Sequence[Slot], zone: ZoneInfo) -> str:
    day, place = saying.day_of(slots[0].start, zone), _Places(profile).of_all(slots)
    return ", ".join(filter(None, (day, place)))


class _Places:
    """Where a doctor's times are; "" for all where the organisation has one place alone."""

    def __init__(self, profile: Profile) -> None:
        self._is_said = profile.says_place
        self._names = {one.id: one.name for one in profile.places}
        self._else = profile.organisation  # hours were published this instant, at a new place

    def of(self, slot: Slot) -> str:
        if not self._is_said:
            return ""
        return self._names.get(slot.location_id, self._else) if slot.location_id else self._else

    def of_all(self, slots: Iterable[Slot]) -> str:
        """The one where all of them are, or ""."""
        found = {self.of(slot) for slot in slots}
        return found.pop() if len(found) == 1 else ""


def slot_links(
    profile: Profile, slots: Sequence[Slot], zone: ZoneInfo, confirm_url: str
) -> tuple[SlotLink, ...]:
    """`confirm_url` leads to the confirm step and lacks only the start."""
    # A week has hundreds: what is the same for many of them is found once.
    this_year, sentence, places = clock.today(zone).year, _spoken(profile), _Places(profile)
    is_one_place = bool(places.of_all(slots))
    named: dict[date, str] = {}
    links = []
    for slot in slots:
        day = slot.start.astimezone(zone).date()
        if day not in named:
            named[day] = saying.day(day, this_year)
        label, start = saying.time(slot.start, zone), f"{slot.start:%Y-%m-%dT%H:%M}Z"
        seats = _seats(slot.available) if slot.capacity > 1 else ""
        time, place = f"{label} {seats}" if seats else label, places.of(slot)
        said = {"day": named[day], "time": time, "name": profile.name, "place": place}
        links.append(
            SlotLink(
                label=label,
                start=start,
                url=f"{confirm_url}{start}",
                words=sentence % said,
                places=seats,
                place="" if is_one_place else place,
            )
        )
    return tuple(links)


def _spoken(profile: Profile) -> str:
    """The sentence of a time, for screen readers."""
    if profile.says_place:
        return _("%(day)s, %(time)s with %(name)s, %(place)s")
    return _("%(day)s, %(time)s with %(name)s")


def _seats(free: int) -> str:
    return ngettext("%(num)s place", "%(num)s places", free)


def days(
    first: date, profile: Profile, slots: Sequence[Slot], zone: ZoneInfo, confirm_url: str
) -> tuple[Day, ...]:
    """Seven days from `first`, each with its free slots; days that are over are left out."""
    today, places = clock.today(zone), _Places(profile)
    week = [first + timedelta(days=number) for number in range(7)]
    by_day: dict[date, list[Slot]] = {day: [] for day in week if day >= today}
    for slot in slots:
        by_day[slot.start.astimezone(zone).date()].append(slot)
    return tuple(
        Day(
            saying.weekday(day),
            saying.day_and_month(day),
            places.of_all(found),
            slot_links(profile, found, zone, confirm_url),
        )
        for day, found in by_day.items()
    )


def week_label(first: date) -> str:
    last = first + timedelta(days=6)
    begins = str(first.day) if first.month == last.month else saying.day_and_month(first)
    return _("%(first)s to %(last)s", first=begins, last=saying.day_and_month(last))


def parse_week(text: str | None) -> date | None:
    """The Monday of `2026-W48`; None for anything else."""
    try:
        year, _, number = (text or "").partition("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None
    return monday if monday.year <= LAST_YEAR else None


def shown_monday(asked: date | None, today: date) -> date:
    """Of the week that was asked for, or of this one instead of none and of one that is over."""
    this_monday = today - timedelta(days=today.weekday())
    return max(asked, this_monday) if asked else this_monday


def week_name(monday: date) -> str:
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"


def length_label(slots: Sequence[Slot]) -> str:
    lengths = {int((slot.end - slot.start).total_seconds() // 60) for slot in slots}
    if len(lengths) != 1:
        return ""
    return _("%(minutes)s minute appointments", minutes=lengths.pop())
