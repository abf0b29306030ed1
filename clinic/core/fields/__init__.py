"""What a field may be: how long, of which letters, and how it is kept.

A kind reads what somebody wrote: `NAME.read("  Asha Rao ")` is "Asha Rao", or raises Wrong.
Commands, lists and forms ask the kinds. Bodies of the API name them as types (`full_name: Name`);
there pydantic asks for shape and length, in words of its own, and what is judged beyond those (is
this a zone?) is left to the command, unless the class is JudgedInBodies.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

import phonenumbers
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from clinic.core import clock, emails
from clinic.core.errors import Wrong
from clinic.core.fields.addresses import holds_address
from clinic.core.fields.kinds import (
    Choice,
    Flag,
    JudgedInBodies,
    Kind,
    Line,
    Maybe,
    Number,
    Said,
    Text,
    read,
)
from clinic.core.fields.telephones import LONGEST_PHONE, PHONE, PhoneNumber
from clinic.core.text import fold

__all__ = [
    "COUNTRIES",
    "COUNTRY",
    "EMAIL",
    "LANGUAGE",
    "NAME",
    "PHONE",
    "ZONE",
    "Choice",
    "CountryCode",
    "DayOfLife",
    "Email",
    "EmailAddress",
    "Flag",
    "Kind",
    "KnownPassword",
    "Language",
    "LanguageCode",
    "Line",
    "LocalPhone",
    "Maybe",
    "Name",
    "Number",
    "Password",
    "PhoneNumber",
    "Said",
    "Text",
    "TimeZone",
    "Zone",
    "read",
]

# Characters at most, also of the columns that keep them.
LONGEST_NAME = 120
LONGEST_EMAIL = emails.LONGEST
LONGEST_E164 = 20  # of a telephone number as it is kept
LONGEST_ZONE, LONGEST_LANGUAGE, LONGEST_COUNTRY = 40, 8, 2
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128

COUNTRIES = phonenumbers.SUPPORTED_REGIONS  # ISO 3166, those that have telephones
OLDEST_YEARS = 130
EARLIEST_ZONE = timedelta(hours=14)  # where it is already tomorrow, children are born tomorrow
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class EmailAddress(JudgedInBodies):
    most: int | None = LONGEST_EMAIL

    def judge(self, cleaned: str) -> str:
        return emails.normalise(cleaned)


@dataclass(frozen=True, slots=True)
class NameOfSomebody(Line):
    """Of a person or a place: it can be read out, and in letters it leads nowhere."""

    most: int | None = LONGEST_NAME
    least: int = 1

    def judge(self, cleaned: str) -> str:
        if holds_address(cleaned):
            raise Wrong("name_link")
        if not any(one.isalnum() for one in fold(cleaned)):
            raise Wrong("name_letters")
        return cleaned


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
class CountryCode(JudgedInBodies):
    """Two letters of ISO 3166."""

    def judge(self, cleaned: str) -> str:
        if cleaned not in COUNTRIES:
            raise Wrong("not_a_country")
        return cleaned

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        shape = core_schema.no_info_before_validator_function(
            self.clean_any, core_schema.str_schema()
        )
        return core_schema.no_info_after_validator_function(self.judge, shape)

    def __get_pydantic_json_schema__(
        self, _core: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        return {"type": "string", "enum": sorted(COUNTRIES)}


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


NAME = NameOfSomebody()
EMAIL = EmailAddress()
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
