"""The directory in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core import clock, saying
from clinic.doctors import vocabulary, words
from clinic.doctors.queries import Profile
from clinic.doctors.search.choices import Choices
from clinic.doctors.words import Places, Slot

PARTS = {"morning": _l("Morning"), "afternoon": _l("Afternoon"), "evening": _l("Evening")}


@dataclass(frozen=True, slots=True)
class Card:
    profile: Profile
    title: str  # "Cardiology, 14 years"
    speaks: str  # "English, Hindi"
    url: str
    where: str  # "Harbour Clinic, Quay Street, 14 Quay Street"
    none_label: str  # "None on Sun 22 Nov.", or ""
    next_label: str  # "Mon 23 Nov, Quay Street", or ""
    slots: tuple[words.SlotLink, ...]


def welcome() -> str:
    """To programs that ask for the front page."""
    return _("Welcome to the clinic")


Options = list[tuple[str, str]]


def choices(there: Choices, chosen: Mapping[str, str]) -> dict[str, Options]:
    """What the directory can be narrowed by, by name; what is chosen is among it in any case."""
    known = vocabulary.specialisation(chosen.get("specialisation", ""))
    slugs = {*there.specialisations, *filter(None, (known,))}
    speak = saying.language_code(chosen.get("language", ""))
    codes = {*there.languages, *filter(None, (speak,))}
    return {
        "specialisation": [("", _("Any specialty")), *specialisations(slugs)],
        "location": [("", _("Any location")), *sorted(there.locations, key=_by_name)],
        "language": [
            ("", _("Any language")),
            *(one for one in saying.languages() if one[0] in codes),
        ],
        "part": [("", _("Any time")), *((key, str(said)) for key, said in PARTS.items())],
    }


def specialisations(slugs: Iterable[str]) -> Options:
    """Slugs and titles, by title."""
    known = words.known_specialisations(str(saying.locale()))
    return sorted(((slug, known.get(slug, slug)) for slug in slugs), key=_by_name)


def _by_name(option: tuple[str, str]) -> str:
    return option[1].casefold()


def card(
    profile: Profile,
    url: str,
    slots: Sequence[Slot],
    zone: ZoneInfo,
    confirm_url: str | None,
    since: date | None = None,
) -> Card:
    """A doctor in the directory, with the next free times from that day on."""
    return Card(
        profile=profile,
        title=words.title_of(profile),
        speaks=words.speaks(profile),
        url=url,
        where=words.where(profile),
        none_label=_none_label(slots, zone, since),
        next_label=_next_label(profile, slots, zone) if slots else "",
        slots=words.slot_links(profile, slots, zone, confirm_url),
    )


def _none_label(slots: Sequence[Slot], zone: ZoneInfo, since: date | None) -> str:
    """That the day asked for is not the day that is shown."""
    today = clock.today(zone)
    if since is None or since < today:
        return ""
    if slots and slots[0].start.astimezone(zone).date() == since:
        return ""
    return _("None on %(day)s.", day=saying.day(since, today.year))


def _next_label(profile: Profile, slots: Sequence[Slot], zone: ZoneInfo) -> str:
    day, place = saying.day_of(slots[0].start, zone), Places(profile).of_all(slots)
    return ", ".join(filter(None, (day, place)))
