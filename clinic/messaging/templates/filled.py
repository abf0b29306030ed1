"""A message as an approved template: which one, and its variables as the provider takes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from clinic.core import saying
from clinic.messaging.channels.call import Content
from clinic.messaging.templates import approved
from clinic.messaging.templates.approved import Approved
from clinic.messaging.templates.definitions import INSTEAD, LONGEST, words
from clinic.messaging.words import rendering
from clinic.messaging.words.catalogue import PLAIN

FORM = "form"  # beside the variables of a message: what it would be, with all it may ask


class Told(Protocol):
    """A message, whatever it is held as."""

    @property
    def organisation_id(self) -> UUID | None: ...
    @property
    def template(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def variables(self) -> dict[str, str] | None: ...


@dataclass(frozen=True, slots=True)
class _Filled:
    template: Approved
    values: dict[str, str]


def content_of(message: Told) -> Content | None:
    """None where no approved template says it: then nothing may go there now."""
    found = _filled(message)
    if found is None:
        return None
    values = {str(n): found.values[one] for n, one in enumerate(found.template.variables, 1)}
    return Content("", template=found.template.content_sid, variables=json.dumps(values))


def words_of(message: Told) -> str | None:
    """What the provider shows of it."""
    found = _filled(message)
    return _words(message, found) if found else None


def _filled(message: Told) -> _Filled | None:
    values = _values(message.variables or {})
    known = approved.of(message.organisation_id, message.template, message.language)
    form = values.get(FORM, PLAIN)
    for name in INSTEAD.get(form, (PLAIN,)):
        one = known.get(name)
        # An empty value, or one that is too long, is refused there.
        if one and all(values.get(variable) for variable in one.variables):
            found = _Filled(one, values)
            if len(_words(message, found)) <= LONGEST:
                return found
    return None


def _values(variables: Mapping[str, str]) -> dict[str, str]:
    """In one line each: line breaks, tabs and rows of spaces are refused, too."""
    values = {
        name: " ".join(rendering.with_secrets(value).split()) for name, value in variables.items()
    }
    if link := values.pop("link", ""):
        values["token"] = link.rpartition("/")[2]  # what stands before it is the template's own
    return values


def _words(message: Told, found: _Filled) -> str:
    with saying.in_language(message.language):
        return words(message.template, found.template.form, found.values)
