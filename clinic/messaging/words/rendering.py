"""Words of a message: our templates when it is queued, its secrets when it is sent."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.core import running, saying
from clinic.core.fields.addresses import without_address
from clinic.messaging.channels import CHANNELS
from clinic.messaging.words import catalogue, fitting, gsm
from clinic.messaging.words.own import substitution, wordings
from clinic.messaging.words.own.wordings import Own

PLACEHOLDER = re.compile(r"\{(link|code):([a-z_]+):([0-9A-Za-z-]{1,64})\}")
DOTS = "•••"

Resolver = Callable[[str], str]


class Placeholder(str):
    """Made by our own code alone: what people typed never becomes a link or a code."""


def placeholder(kind: str, key: object) -> Placeholder:
    """`placeholder("link:visit", visit_id)`: filled in when the message is sent."""
    return Placeholder(f"{{{kind}:{key}}}")


def plain(typed: str) -> str:
    """What somebody typed, without the braces that would make a placeholder of it, and without
    what mail programs and telephones would make a link of."""
    return without_address(typed.replace("{", "(").replace("}", ")"))


@dataclass(frozen=True, slots=True)
class When:
    """As the value `when`: templates say its `day`, its `time` and its `zone`."""

    at: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Words:
    """A rendered template; `subject` is for e-mail only."""

    text: str
    subject: str | None = None
    variables: dict[str, str] | None = None  # where it may have to be a template of the provider's


class Writer:
    """Fills templates in the language of its `writing_in`, many of them: days are said once."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._gettext = saying.sentences()
        self._site = running.settings().site_name
        self._days: dict[tuple[ZoneInfo, date, str | None], dict[str, str]] = {}

    def write(
        self,
        template: str,
        channel: str,
        values: Mapping[str, Any],
        organisation_id: UUID | None = None,
    ) -> Words:
        """The organisation's own words; else fill templates/messages/<template>/. Texts are one
        line of one text's length: own words that cannot be give way to ours."""
        own = wordings.of(organisation_id, template, channel, self._language)
        if own and (said := self.say(own, template, channel, values)):
            return said
        folder = f"messages/{template}"
        words = self._said(values)
        how = CHANNELS[channel]
        if not how.is_letter:
            known = catalogue.TEMPLATES[template]
            variables = _variables(words, known) if how.takes_templates else None
            if known.as_written:
                return Words(_one_line(_fill(f"{folder}/sms.txt", words)), None, variables)
            return Words(_fitting(f"{folder}/sms.txt", words, known.may_shorten), None, variables)
        subject = _one_line(_fill(f"{folder}/subject.txt", words))
        return Words(_fill(f"{folder}/body.txt", words).strip() + "\n", subject)

    def say(self, own: Own, template: str, channel: str, values: Mapping[str, Any]) -> Words | None:
        """In these words; None where that is more than one text, however short the names are."""
        words, known = self._said(values), catalogue.TEMPLATES[template]
        if CHANNELS[channel].is_letter:
            named = _named(words)
            subject = _one_line(substitution.fill(own.subject or "", named))
            return Words(substitution.fill(own.body, named) + "\n", subject)
        variables = _variables(words, known) if CHANNELS[channel].takes_templates else None
        for tried in fitting.tries(words, known.may_shorten):
            text = _one_line(substitution.fill(own.body, _named(tried)))
            if gsm.fits(with_secrets(text)):
                return Words(text, None, variables)
        return None

    def standard(self, template: str, channel: str, named: Mapping[str, str]) -> Own:
        """What we say, with `named` in place of what is filled in; not for sending."""
        said: dict[str, Any] = {"gettext": self._gettext, "asks": True, "which": ""}
        said |= {"confirms": True, "cancels": True, **named}
        said |= {"with_whom": f", {named['doctor']}", "where": f", {named['place']}"}
        folder = f"messages/{template}"
        if CHANNELS[channel].is_letter:
            subject = _one_line(_fill(f"{folder}/subject.txt", said))
            return Own(_fill(f"{folder}/body.txt", said).strip(), subject)
        text = _one_line(_fill(f"{folder}/sms.txt", said))
        asked = _fill("messages/reply.txt", said)
        return Own(text.replace(asked, named["reply"]) if "reply" in named else text)

    def _said(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The facts as words, nothing typed among them a placeholder."""
        # Unless it is said that there is nothing to confirm, or that it is too late to cancel.
        words: dict[str, Any] = {"confirms": True, "cancels": True}
        words |= {name: _harmless(value, self._site) for name, value in values.items()}
        words["gettext"] = self._gettext
        words["asks"] = True
        words["which"] = f" {words['code']}" if words.get("is_one_of_several") else ""
        words |= fitting.beside(words)
        when = words.pop("when", None)
        if when:
            words |= self._day_of(when)
            words["time"] = saying.time(when.at, when.zone)
        return words

    def _day_of(self, when: When) -> dict[str, str]:
        """The same for all moments of a day between which the clocks do not change."""
        local = when.at.astimezone(when.zone)
        key = (when.zone, local.date(), local.tzname())
        if key not in self._days:
            self._days[key] = {
                "day": saying.day_of(when.at, when.zone),
                "zone": saying.zone(when.at, when.zone),
            }
        return self._days[key]


def _named(words: Mapping[str, Any]) -> dict[str, str]:
    """What own words can name. Nothing asks for an answer where none can come back."""
    named = {name: str(words.get(name) or "") for name in substitution.ALL}
    named["reply"] = _fill("messages/reply.txt", words) if words["asks"] else ""
    return named


def _variables(words: Mapping[str, Any], template: catalogue.Template) -> dict[str, str]:
    """What a template of WhatsApp may name, and which form suits: with buttons where it asks."""
    asks = template.invites and words["confirms"] and words["cancels"]
    form = catalogue.LINK if words.get("link") else catalogue.PLAIN
    said = {name: str(words.get(name) or "") for name in ("organisation", "code", "link", "said")}
    said["form"] = catalogue.ASKS if asks else form
    if words.get("day"):
        whom = "" if template.audience == "doctor" else words["with_whom"]
        said["visit"] = f"{words['day']}, {words['time']}{whom}{words['where']}"
    return {name: value for name, value in said.items() if value}


@contextmanager
def writing_in(language: str) -> Iterator[Writer]:
    """To change over to a language costs as much as the words of a text: write all that it has."""
    with saying.in_language(language):
        yield Writer(language)


def render(template: str, channel: str, values: Mapping[str, Any], language: str = "en") -> Words:
    """One message, in that language."""
    with writing_in(language) as writer:
        return writer.write(template, channel, values)


def _harmless(value: Any, site: str = "") -> Any:
    """`site` is what the operator calls the whole; it may be an address."""
    is_ours = isinstance(value, Placeholder) or not isinstance(value, str) or value == site
    return value if is_ours else plain(value)


def _fitting(name: str, values: Mapping[str, Any], may_shorten: Iterable[str]) -> str:
    """The first of ever shorter ones that is one text; links count in full."""
    text = ""
    for tried in fitting.tries(values, may_shorten):
        text = _one_line(_fill(name, tried)).replace("....", "...")  # a cut name, and a full stop
        if gsm.fits(with_secrets(text)):
            break
    return text


def html_of(text: str, language: str = "en") -> str:
    """The letter's HTML form, made of the same words; it declares what they were written in.

    Give it the words with their placeholders: those become links, and nothing else does.
    """
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    with saying.in_language(language):
        tag = saying.language_tag()
    lines = [[_in_parts(line) for line in part.splitlines()] for part in paragraphs]
    title = with_dots(paragraphs[0]) if paragraphs else ""
    return running.fill("messages/letter.html", paragraphs=lines, title=title, language=tag)


def _in_parts(line: str) -> list[tuple[str, bool]]:
    """What stands in a line, each with whether it is a link of ours."""
    found, end = [], 0
    for placeholder in PLACEHOLDER.finditer(line):
        found.append((line[end : placeholder.start()], False))
        secret = with_secrets(placeholder[0])
        found.append((secret, secret.startswith(("https://", "http://"))))
        end = placeholder.end()
    return [*found, (line[end:], False)]


def _fill(name: str, values: Mapping[str, Any]) -> str:
    return running.fill(name, **values)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def with_secrets(text: str) -> str:
    """Put links and codes where their placeholders stand. Only for the moment of sending."""

    resolvers: Mapping[str, Resolver] = running.registered("placeholders")

    def resolve(found: re.Match[str]) -> str:
        resolver = resolvers.get(f"{found[1]}:{found[2]}")
        try:
            return resolver(found[3]) if resolver else DOTS
        except ValueError:  # not an id: somebody typed what looks like a placeholder
            return DOTS

    return PLACEHOLDER.sub(resolve, text)


def with_dots(text: str) -> str:
    """What staff may read: no link, no code."""
    return PLACEHOLDER.sub(DOTS, text)
