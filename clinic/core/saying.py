"""Days, times, zones, languages and countries as people of the reader's language write them."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date, datetime
from functools import lru_cache
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, localedata
from babel.dates import format_date, get_timezone_location, match_skeleton
from flask_babel import force_locale, get_locale, get_translations, ngettext
from flask_babel import gettext as _

from clinic.core import clock, running
from clinic.core.languages import ENGLISH_NAMES, LANGUAGES
from clinic.core.text import fold

ENGLISH = Locale("en", "GB")
SHORT = re.compile("(?<![A-Za-z])(E{1,3}|MMM)(?![A-Za-z])")  # names of days and months in patterns
ALONE, INSIDE = re.compile("c{3,}|L{3,}"), {"c": "E", "L": "M"}  # Monday, or on Monday


def locale() -> Locale:
    """The reader's; of a message, its own."""
    return get_locale() or ENGLISH


def language_tag() -> str:
    """`en`, as a document declares what it is written in."""
    return locale().language


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """What is said meanwhile, here and by gettext, is said in that language: a message's own.

    English while nobody has translated the product: days in French within an English sentence would
    help nobody, and a text of foreign letters costs twice.
    """
    wanted = _translated(code)
    if get_locale() == wanted:  # to force it costs more than to say a sentence in it
        yield
        return
    with force_locale(wanted):
        yield


def _translated(code: str) -> Locale:
    known = running.registered("languages")
    tag = code.replace("-", "_")
    found = next((one for one in (tag, tag.partition("_")[0]) if one in known), None)
    return Locale.parse(found) if found else ENGLISH


def sentences() -> Callable[..., str]:
    """The `gettext` of templates for as long as the language stays: nobody looks for it anew."""
    catalogue = get_translations()

    def gettext(text: str, **values: Any) -> str:
        return catalogue.ugettext(text) % values

    return gettext


def day(day: date, this_year: int) -> str:
    """`Tue 24 Nov`, with the year only when it is another one."""
    return _day(day, day.year != this_year, str(locale()))


def day_of(moment: datetime, zone: ZoneInfo) -> str:
    return day(moment.astimezone(zone).date(), clock.today(zone).year)


def whole_day(day: date, this_year: int) -> str:
    """`Friday 20 November`, with the year only when it is another one."""
    return _whole_day(day, day.year != this_year, str(locale()))


def weekday(day: date) -> str:
    """`Tue`"""
    return _name(day, "%a", "EEE", str(locale()))


def month(day: date) -> str:
    """`Nov`"""
    return _name(day, "%b", "MMM", str(locale()))


def day_and_month(day: date) -> str:
    """`24 Nov`"""
    return _part(day, f"{day.day} %b", "MMMd", str(locale()))


def time(moment: datetime, zone: ZoneInfo, seconds: bool = False) -> str:
    """`09:30`, by a clock of 24 hours in every language."""
    return moment.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def times(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """`09:30 to 10:00`"""
    return _("%(start)s to %(end)s", start=time(start, zone), end=time(end, zone))


def moment(moment: datetime, zone: ZoneInfo, seconds: bool = False) -> str:
    """`Tue 24 Nov, 09:30`"""
    return f"{day_of(moment, zone)}, {time(moment, zone, seconds)}"


def zone(moment: datetime, in_zone: ZoneInfo) -> str:
    """`London time (GMT)`: the city, and the abbreviation in force at that moment."""
    abbreviation = moment.astimezone(in_zone).tzname() or ""
    if abbreviation[:1] in "+-":  # zones without letters of their own, such as Asia/Kathmandu
        abbreviation = f"UTC{abbreviation}"
    city = _city(in_zone.key, str(locale()))
    return _("%(city)s time (%(abbreviation)s)", city=city, abbreviation=abbreviation)


def duration(minutes: int) -> str:
    """`7 days`, `2 hours`, `90 minutes`: by the largest unit that it is whole in."""
    if minutes and minutes % 1440 == 0:
        return ngettext("%(num)s day", "%(num)s days", minutes // 1440)
    if minutes and minutes % 60 == 0:
        return ngettext("%(num)s hour", "%(num)s hours", minutes // 60)
    return ngettext("%(num)s minute", "%(num)s minutes", minutes)


def spoken(codes: Iterable[str]) -> str:
    """`English, Hindi`; the code itself where nobody knows it."""
    reader = locale()
    return ", ".join(_language(code, reader) for code in codes)


def languages() -> list[tuple[str, str]]:
    """Codes and names to choose from, by name."""
    return list(_languages(locale()))


def language_code(text: str) -> str | None:
    """The code of a code or of a language's English name, in any case; None for an unknown one."""
    asked = text.strip().casefold()
    return asked if asked in LANGUAGES else _english_names().get(asked)


def month_of(word: str, languages: Iterable[str]) -> int | None:
    """1 to 12 for a month's name in one of these languages, whole or as it is shortened."""
    asked = fold(word)
    return next((found for one in languages if (found := _months(one).get(asked))), None)


@lru_cache(maxsize=16)
def _months(language: str) -> dict[str, int]:
    """Read from a copy: names that stand alone are those of other languages later, see below."""
    code = language.replace("-", "_")
    if not localedata.exists(code):
        return {}
    months = localedata.LocaleDataDict({"months": deepcopy(localedata.load(code)["months"])})
    found: dict[str, int] = {}
    for use, width in product(("format", "stand-alone"), ("wide", "abbreviated")):
        for number, name in months["months"][use][width].items():
            found.setdefault(fold(name), number)
    return found


def country(code: str) -> str:
    """`India`; the code itself where nobody knows it."""
    return locale().territories.get(code, code)


# English stays as it is written here, whatever the next version of the CLDR prefers ("Sept").


@lru_cache(maxsize=4096)
def _day(day: date, with_year: bool, language: str) -> str:
    if language.startswith("en"):
        label = f"{day:%a} {day.day} {day:%b}"
        return f"{label} {day.year}" if with_year else label
    return format_date(day, _pattern("yMMMEd" if with_year else "MMMEd", language), language)


@lru_cache(maxsize=512)
def _whole_day(day: date, with_year: bool, language: str) -> str:
    if language.startswith("en"):
        label = f"{day:%A} {day.day} {day:%B}"
        return f"{label} {day.year}" if with_year else label
    # The nearest pattern that the CLDR has is often one of abbreviations.
    nearest = _pattern("yMMMMEEEEd" if with_year else "MMMMEEEEd", language)
    return format_date(day, SHORT.sub(lambda found: found[0][0] * 4, nearest), language)


def _pattern(skeleton: str, language: str) -> str:
    """Never with the forms of names that stand alone: once Babel has said them in one language, it
    says them so in all (python-babel/babel#1234)."""
    known = Locale.parse(language).datetime_skeletons
    nearest = known[match_skeleton(skeleton, known)].pattern
    return ALONE.sub(lambda found: INSIDE[found[0][0]] * len(found[0]), nearest)


@lru_cache(maxsize=512)
def _name(day: date, english: str, pattern: str, language: str) -> str:
    return (
        day.strftime(english) if language.startswith("en") else format_date(day, pattern, language)
    )


@lru_cache(maxsize=512)
def _part(day: date, english: str, skeleton: str, language: str) -> str:
    if language.startswith("en"):
        return day.strftime(english)
    return format_date(day, _pattern(skeleton, language), language)


def _language(code: str, reader: Locale) -> str:
    if reader.language == "en" and code in ENGLISH_NAMES:
        return ENGLISH_NAMES[code]
    return reader.languages.get(code.replace("-", "_"), code)


@lru_cache(maxsize=16)
def _languages(reader: Locale) -> tuple[tuple[str, str], ...]:
    named = ((code, _language(code, reader)) for code in LANGUAGES)
    return tuple(sorted(named, key=lambda one: one[1].casefold()))


@lru_cache(maxsize=1)
def _english_names() -> dict[str, str]:
    return {name.casefold(): code for code, name in _languages(ENGLISH)}


@lru_cache(maxsize=512)
def _city(key: str, language: str) -> str:
    if language.startswith("en"):
        return key.rpartition("/")[2].replace("_", " ")
    return get_timezone_location(key, locale=language, return_city=True)
