"""How kinds of fields are made: what is read, measured, judged, and said when it is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from clinic.core.errors import Invalid, Wrong
from clinic.core.text import clean_line, clean_text

T = TypeVar("T")
Kept = TypeVar("Kept", covariant=True)


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
        text = core_schema.no_info_before_validator_function(self.clean_any, handler(source))
        return core_schema.no_info_after_validator_function(self._measured, text)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        lengths = {"minLength": self.least or None, "maxLength": self.most}
        return handler(schema) | {key: value for key, value in lengths.items() if value}

    def clean_any(self, value: object) -> object:
        """What is no text is left to pydantic."""
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


class JudgedInBodies(Line):
    __slots__ = ()

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        shape = super().__get_pydantic_core_schema__(source, handler)
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


# What a line can be refused for, whatever it means: a room says all of it in one sentence.
OF_ANY_LINE = ("not_text", "required", "too_long", "too_short", "unstorable")


def of_any_line(said: str) -> dict[str, str]:
    return dict.fromkeys(OF_ANY_LINE, said)


def _said(says: str | Mapping[str, str], code: str, usual: str) -> str:
    return says if isinstance(says, str) else says.get(code, usual)


def read(name: str, kind: Kind[T], value: Any, refusal: type[Invalid] = Invalid) -> T:
    """As it is kept. Raises `refusal`, which names the field."""
    try:
        return kind.read(value)
    except Wrong as wrong:
        raise refusal.of(name, wrong.words, wrong.code, **wrong.values) from None
