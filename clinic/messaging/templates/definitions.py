"""Our texts as WhatsApp approves them, as data; their words are templates/messages/*/whatsapp.txt.

WhatsApp refuses words that begin or end with a variable, or have two side by side. What never
changes there must be in the name: other words, buttons or another address make another template.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clinic.core import running, saying
from clinic.core.errors import N_
from clinic.messaging.words.catalogue import ASKS, LINK, PLAIN

# What may go in place of what: the link says all that the buttons do.
INSTEAD = {ASKS: (ASKS, LINK), LINK: (LINK,), PLAIN: (PLAIN,)}
LONGEST = 1024  # characters of the words, filled
UTILITY, AUTHENTICATION = "UTILITY", "AUTHENTICATION"

_ANSWERS = (
    (N_("Confirm"), "confirm"),
    (N_("Cancel"), "cancel"),
    (N_("Other time"), "other"),
)
_OPEN = N_("Open my visit")
_COPY = N_("Copy the code")
_SAMPLES = {
    "organisation": N_("Harbour Clinic"),
    "visit": N_("Mon 16 Nov, 09:00, Dr Chandra Iyer, Quay Street"),
    "code": "K7P4Q",
    "token": "Zk3vQ0m1Tq2c8sW7yB5xLA",
    "said": N_("Bring your blood pressure diary"),
}
_OF_VISIT = ("organisation", "visit")


@dataclass(frozen=True, slots=True)
class Definition:
    """`variables`: their names, in the order of {{1}}, {{2}} ..."""

    template: str
    form: str
    variables: tuple[str, ...]
    category: str = UTILITY


def _asking(template: str) -> tuple[Definition, Definition]:
    return (
        Definition(template, ASKS, (*_OF_VISIT, "code", "token")),
        Definition(template, LINK, (*_OF_VISIT, "token")),
    )


DEFINITIONS = (
    *_asking("visit_booked"),
    *_asking("visit_reminder"),
    *_asking("visit_rescheduled"),
    Definition("visit_requested", LINK, (*_OF_VISIT, "token")),
    Definition("visit_cancelled", PLAIN, _OF_VISIT),
    Definition("visit_not_accepted", PLAIN, _OF_VISIT),
    Definition("visit_missed", PLAIN, _OF_VISIT),
    Definition("doctor_cancelled", PLAIN, (*_OF_VISIT, "code")),
    Definition("doctor_missed", PLAIN, (*_OF_VISIT, "code")),
    Definition("doctor_rescheduled", PLAIN, (*_OF_VISIT, "code")),
    Definition("doctor_reminder", PLAIN, (*_OF_VISIT, "code")),
    Definition("own_reminder", PLAIN, ("organisation", "said")),
    Definition("contact_changed", PLAIN, ("organisation",)),
    Definition("code", PLAIN, ("code",), AUTHENTICATION),
)


@dataclass(frozen=True, slots=True)
class Written:
    """A definition in one language, as the provider keeps it; `samples` by their numbers."""

    definition: Definition
    name: str
    language: str
    samples: dict[str, str]
    types: dict[str, Any]


def words(template: str, form: str, values: Mapping[str, str]) -> str:
    """In the language that is spoken now."""
    said = running.fill(f"messages/{template}/whatsapp.txt", asks=form == ASKS, **values)
    return " ".join(said.split())


def written(definition: Definition, language: str) -> Written:
    with saying.in_language(language):
        gettext = saying.sentences()
        types = _types(definition, gettext)
        samples = {str(n): gettext(_SAMPLES[v]) for n, v in enumerate(definition.variables, 1)}
    told = json.dumps([types, definition.variables, definition.category], sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()[:8]
    name = "_".join((definition.template, definition.form, language.lower(), digest))
    return Written(definition, name.replace("-", "_"), language, samples, types)


def _types(definition: Definition, gettext: Any) -> dict[str, Any]:
    if definition.category == AUTHENTICATION:  # WhatsApp has the words for these
        copy = {"type": "COPY_CODE", "copy_code_text": gettext(_COPY)}
        return {"whatsapp/authentication": {"code_expiration_minutes": 15, "actions": [copy]}}
    number = {one: f"{{{{{n}}}}}" for n, one in enumerate(definition.variables, 1)}
    body = words(definition.template, definition.form, number)
    if definition.form == PLAIN:
        return {"twilio/text": {"body": body}}
    address = f"{running.public_base_url()}/visit/{number['token']}"
    link = {"type": "URL", "title": gettext(_OPEN), "url": address}
    if definition.form == LINK:
        return {"twilio/call-to-action": {"body": body, "actions": [link]}}
    answers = [
        {"type": "QUICK_REPLY", "title": gettext(title), "id": f"{act}:{number['code']}"}
        for title, act in _ANSWERS
    ]
    return {"whatsapp/card": {"body": body, "actions": [*answers, link]}}
