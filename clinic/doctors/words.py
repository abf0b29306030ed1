"""Doctors and their free times, in the reader's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.core import clock, saying
from clinic.doctors.queries import Profile
from clinic.doctors.vocabulary import SPECIALISATIONS
from clinic.organisations.site.queries import Site, addresses

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
class Day:
    name: str  # "Mon"
    label: str  # "23 Nov"
    place: str  # "Quay Street", or "" where it goes without saying or the times say it
    slots: tuple[SlotLink, ...]


def titles(slugs: Iterable[str]) -> str:
    """`Cardiology, Neurology`"""
    known = known_specialisations(str(saying.locale()))
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


def site(profile: Profile) -> Site:
    """Whose page that of the doctor is."""
    places = [(place.name, place.address) for place in profile.places]
    return Site(
        profile.organisation,
        addresses(profile.organisation, places),
        profile.organisation_phone,
        profile.country,
        ((profile.emergency_number, profile.country),),
        profile.organisation_id,
    )


@lru_cache
def known_specialisations(_locale: str) -> dict[str, str]:
    """Slugs and titles: half a hundred words that every visit to the directory would look up."""
    return {slug: _(title) for slug, title in SPECIALISATIONS.items()}


def where(profile: Profile, with_address: bool = True) -> str:
    """`Harbour Clinic, Quay Street, 14 Quay Street`; of several places the names alone."""
    named = [profile.organisation, *(place.name for place in profile.places)]
    if with_address and len(profile.places) == 1:
        named.append(profile.places[0].address)
    return ", ".join(dict.fromkeys(filter(None, named)))


class Places:
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
    profile: Profile, slots: Sequence[Slot], zone: ZoneInfo, confirm_url: str | None
) -> tuple[SlotLink, ...]:
    """`confirm_url` leads to the confirm step and lacks only the start; None for who only looks."""
    # A week has hundreds: what is the same for many of them is found once.
    this_year, sentence, places = clock.today(zone).year, _spoken(profile), Places(profile)
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
                url=f"{confirm_url}{start}" if confirm_url else "",
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
    first: date, profile: Profile, slots: Sequence[Slot], zone: ZoneInfo, confirm_url: str | None
) -> tuple[Day, ...]:
    """Seven days from `first`, each with its free slots; days that are over are left out."""
    today, places = clock.today(zone), Places(profile)
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


def monday_of(day: date | None) -> date | None:
    return day - timedelta(days=day.weekday()) if day else None


def week_name(monday: date) -> str:
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"
