"""What a field may be: how long, of which letters, and how it is kept.

A kind reads what somebody wrote: `NAME.read("  Asha Rao ")` is "Asha Rao", or raises Wrong.
Commands, lists and forms ask the kinds. Bodies of the API name them as types (`full_name: Name`);
there pydantic asks for shape and length, in words of its own, and what is judged beyond those (is
this a zone?) is left to the command, unless the class is _JudgedInBodies.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any, Generic, Protocol, TypeVar

import phonenumbers
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from clinic.core import clock, emails
from clinic.core.errors import Invalid, Wrong
from clinic.core.phones import parse_phone
from clinic.core.text import clean_line, clean_text

# Characters at most, also of the columns that keep them.
LONGEST_NAME = 120
LONGEST_EMAIL = emails.LONGEST
LONGEST_PHONE, LONGEST_E164 = 30, 20  # as it is typed, as it is kept
LONGEST_ZONE, LONGEST_LANGUAGE, LONGEST_COUNTRY = 40, 8, 2
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128

COUNTRIES = phonenumbers.SUPPORTED_REGIONS  # ISO 3166, those that have telephones
OLDEST_YEARS = 130
EARLIEST_ZONE = timedelta(hours=14)  # where it is already tomorrow, children are born tomorrow
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")

T = TypeVar("T")
Kept = TypeVar("Kept", covariant=True)
InForce = str | None | Callable[[], str | None]


class Kind(Protocol[Kept]):
    def read(self, value: Any) -> Kept:
        """As it is kept. Raises Wrong."""


@dataclass(frozen=True, slots=True)
class Text:
    """Some lines of text, in NFC and without spaces around them; lengths in characters."""

    most: int | None = None
    least: int = 0

    def clean(self, value: str) -> str:
        """Raises Wrong for what cannot be stored."""
        return clean_text(value)

    def judge(self, cleaned: str) -> str:
        """What is asked beyond length: returns what is kept. Raises Wrong."""
        return cleaned

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("required") if value is None else Wrong("not_text")
        cleaned = self.clean(value)
        if len(cleaned) < self.least:
            raise Wrong("too_short", least=self.least) if cleaned else Wrong("required")
        if self.most is not None and len(cleaned) > self.most:
            raise Wrong("too_long", most=self.most)
        return self.judge(cleaned)

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        text = core_schema.no_info_before_validator_function(self._cleaned, handler(source))
        return core_schema.no_info_after_validator_function(self._measured, text)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        lengths = {"minLength": self.least or None, "maxLength": self.most}
        return handler(schema) | {key: value for key, value in lengths.items() if value}

    def _cleaned(self, value: object) -> object:
        return self.clean(value) if isinstance(value, str) else value

    def _measured(self, cleaned: str) -> str:
        size, least, most = len(cleaned), self.least, self.most
        if size < least:
            raise PydanticKnownError(
                "too_short", {"field_type": "Value", "min_length": least, "actual_length": size}
            )
        if most is not None and size > most:
            raise PydanticKnownError(
                "too_long", {"field_type": "Value", "max_length": most, "actual_length": size}
            )
        return cleaned


class Line(Text):
    """The same in one line and one direction of writing."""

    __slots__ = ()

    def clean(self, value: str) -> str:
        return clean_line(value)


class _JudgedInBodies(Line):
    __slots__ = ()

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        shape = super().__get_pydantic_core_schema__(source, handler)
        return core_schema.no_info_after_validator_function(self.judge, shape)


@dataclass(frozen=True, slots=True)
class EmailAddress(_JudgedInBodies):
    most: int | None = LONGEST_EMAIL

    def judge(self, cleaned: str) -> str:
        return emails.normalise(cleaned)


@dataclass(frozen=True, slots=True)
class PhoneNumber(_JudgedInBodies):
    """Kept as E.164. `country`, or what finds it, reads numbers without the code of one."""

    most: int | None = LONGEST_PHONE
    country: InForce = None

    def judge(self, cleaned: str) -> str:
        country = self.country
        if callable(country):  # it asks the database
            country = None if cleaned.startswith("+") else country()
        return parse_phone(cleaned, country)


@dataclass(frozen=True, slots=True)
class TimeZone(Text):
    """A name of the IANA, as it is written there."""

    most: int | None = LONGEST_ZONE
    least: int = 1

    def judge(self, cleaned: str) -> str:
        try:
            return clock.zone(cleaned).key
        except ValueError:
            raise Wrong("not_a_zone") from None


@dataclass(frozen=True, slots=True)
class LanguageCode(Text):
    """`en` or `pt-BR`, whoever speaks it."""

    most: int | None = LONGEST_LANGUAGE
    least: int = 2

    def read(self, value: Any) -> str:
        written = value if isinstance(value, str) else ""
        spoken, _, where = written.strip().partition("-")
        code = f"{spoken.lower()}-{where.upper()}".rstrip("-")
        if not _LANGUAGE.fullmatch(code):
            raise Wrong("not_a_language")
        return code


@dataclass(frozen=True, slots=True)
class CountryCode(_JudgedInBodies):
    """Two letters of ISO 3166."""

    def judge(self, cleaned: str) -> str:
        if cleaned not in COUNTRIES:
            raise Wrong("not_a_country")
        return cleaned

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        letters = core_schema.str_schema(pattern="^[A-Z]{2}$")
        shape = core_schema.no_info_before_validator_function(self._cleaned, letters)
        return core_schema.no_info_after_validator_function(self.judge, shape)


@dataclass(frozen=True, slots=True)
class Choice:
    options: Iterable[str]

    def read(self, value: Any) -> str:
        if value not in self.options:
            raise Wrong("unknown_choice", options=", ".join(self.options))
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A whole one, the bounds included."""

    least: int
    most: int

    def read(self, value: Any) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not self.least <= value <= self.most:
            raise Wrong("not_in_range", least=self.least, most=self.most)
        return value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return {**handler(source), "ge": self.least, "le": self.most}


class Flag:
    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Wrong("not_yes_or_no")
        return value


class DayOfLife:
    """A date, or `YYYY-MM-DD`: neither to come nor before anybody's birth."""

    def read(self, value: Any) -> date:
        try:
            found = value if isinstance(value, date) else date.fromisoformat(value.strip())
        except (ValueError, AttributeError):
            raise Wrong("not_a_date") from None
        latest = (clock.now() + EARLIEST_ZONE).date()
        if found > latest:
            raise Wrong("in_the_future")
        if found.year < latest.year - OLDEST_YEARS:
            raise Wrong("too_long_ago")
        return found


@dataclass(frozen=True, slots=True)
class Maybe(Generic[T]):
    """The kind, or nothing: None for what is empty, be it only after it was cleaned."""

    kind: Kind[T]
    nothing: tuple[str | None, ...] = (None, "")

    def read(self, value: Any) -> T | None:
        if isinstance(self.kind, Text) and isinstance(value, str):
            value = self.kind.clean(value)
        return None if value in self.nothing else self.kind.read(value)


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """The kind, of which a room says itself what is wrong: by words, by a code, or by both; either
    for whatever is wrong, or by the kind's codes."""

    kind: Kind[T]
    words: str | Mapping[str, str] = field(default_factory=dict)
    code: str | Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)

    def read(self, value: Any) -> T:
        try:
            return self.kind.read(value)
        except Wrong as wrong:
            code = _said(self.code, wrong.code, wrong.code)
            words = _said(self.words, wrong.code, wrong.words)
            raise Wrong(code, words, **{**wrong.values, **self.values}) from None


def _said(says: str | Mapping[str, str], code: str, usual: str) -> str:
    return says if isinstance(says, str) else says.get(code, usual)


def read(name: str, kind: Kind[T], value: Any, refusal: type[Invalid] = Invalid) -> T:
    """As it is kept. Raises `refusal`, which names the field."""
    try:
        return kind.read(value)
    except Wrong as wrong:
        raise refusal.of(name, wrong.words, wrong.code, **wrong.values) from None


NAME = Line(LONGEST_NAME, least=1)
EMAIL = EmailAddress()
PHONE = PhoneNumber()
ZONE = TimeZone()
LANGUAGE = LanguageCode()
COUNTRY = CountryCode()

Name = Annotated[str, NAME]
Email = Annotated[str, EMAIL, Field(json_schema_extra={"format": "email"})]
Zone = Annotated[str, ZONE, Field(description="Such as Europe/London")]
Language = Annotated[str, LANGUAGE, Field(description="Such as en")]
# Kept only as a hash, so anything that can be typed will do.
Password = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]
KnownPassword = Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]  # chosen long ago
# A number without a country code, until a command knows of which country it is.
LocalPhone = Annotated[str, Text(LONGEST_PHONE, least=1)]
