"""Which specialties somebody means who types `knee`, `heart doctor` or `Dr Rao, dermatologist`."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from clinic.doctors.search.everyday import FILLING, WORDS
from clinic.doctors.vocabulary import ALSO, SPECIALISATIONS

MOST_SAID = 5  # things at once; the statement has a place for each
LEAST_BEGUN = 5  # letters after which the beginning of a specialty's name is understood
_LONGEST_PHRASE = 5  # words
_AROUND = re.compile(r"^[^\w%]+|[^\w%]+$")
_SPELLINGS = (("aeo", "eo"), ("ae", "e"), ("oe", "e"), ("our", "or"))  # British, American
_PERSONS = (
    ("ologist", "ology"),
    ("iatrician", "iatrics"),
    ("iatrist", "iatry"),
    ("edist", "edics"),
    ("edic", "edics"),
    ("therapist", "therapy"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """A word or phrase as typed, in small letters, and what it may mean: maybe a name alone."""

    text: str
    specialisations: frozenset[str]  # slugs


@lru_cache(maxsize=1024)
def understood(text: str) -> tuple[Said, ...]:
    """Everything that counts in a search; each is either in the name or one of the specialties.

    Several complaints ask for anybody who sees one of them.
    """
    found = _in_phrases(_words(text))
    # What only fills is left out beside a word that says something.
    counts = [one for one in found if one.text not in _FILLING]
    counts = counts or [one for one in found if one.specialisations]
    either = frozenset[str]().union(*(one.specialisations for one in counts))
    return tuple(Said(one.text, one.specialisations and either) for one in counts[:MOST_SAID])


def meant(text: str) -> frozenset[str]:
    """The specialties alone."""
    return frozenset[str]().union(*(one.specialisations for one in understood(text)))


def _words(text: str) -> list[str]:
    return [
        word for one in re.split(r"[\s,;]+", text.casefold()) if (word := one.strip(".!?\"'()"))
    ]


def _in_phrases(words: list[str]) -> list[Said]:
    """Cut where the longest known phrases are."""
    found: list[Said] = []
    at = 0
    while at < len(words):
        longest = min(_LONGEST_PHRASE, len(words) - at)
        for length in range(longest, 0, -1):
            phrase = " ".join(words[at : at + length])
            slugs = _known(phrase)
            if slugs or length == 1:
                break
        found.append(Said(phrase, slugs))
        at += length
    return found


def _known(phrase: str) -> frozenset[str]:
    plain = _plain(phrase)
    one_of_many = plain.removesuffix("s")
    for one in (plain, one_of_many, *_of_person(one_of_many)):
        if one in _MEANINGS:
            return _MEANINGS[one]
    if len(plain) >= LEAST_BEGUN:
        begun = (slugs for name, slugs in _NAMES.items() if name.startswith(plain))
        return frozenset[str]().union(*begun)
    return frozenset()


def _of_person(plain: str) -> list[str]:
    return [plain.removesuffix(who) + what for who, what in _PERSONS if plain.endswith(who)]


def _plain(phrase: str) -> str:
    """`Orthopædics`, `orthopaedics` and `orthopedics` are one word; so are `x-ray` and `x ray`."""
    plain = re.sub(r"[-_/&]+", " ", phrase.casefold().replace("æ", "ae").replace("\u2019", "'"))
    for british, american in _SPELLINGS:
        plain = plain.replace(british, american)
    return " ".join(_AROUND.sub("", plain).split())


def _listed(text: str) -> list[str]:
    return [" ".join(one.split()) for one in text.split(",")]


def _gathered() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """What each phrase means, and the names of specialties among them."""
    names: dict[str, set[str]] = defaultdict(set)
    phrases: dict[str, set[str]] = defaultdict(set)
    for slug, title in SPECIALISATIONS.items():
        for name in (slug, title.replace(",", "")):
            names[_plain(name)].add(slug)
    for name, slug in ALSO.items():
        names[_plain(name)].add(slug)
    for slug, words in WORDS.items():
        for phrase in _listed(words):
            phrases[_plain(phrase)].add(slug)
    for name, slugs in names.items():
        phrases[name] |= slugs
    return _frozen(phrases), _frozen(names)


def _frozen(found: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {words: frozenset(slugs) for words, slugs in found.items()}


_MEANINGS, _NAMES = _gathered()
_FILLING = frozenset(_listed(FILLING))
