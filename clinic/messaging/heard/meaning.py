"""What a text from a patient means. Pure: which visit it is about is decided elsewhere.

Confirming may be generous: a yes too many is undone by a word. Cancelling is strict: the exact
words of our texts, or the code of the visit; anything else is read by people.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from clinic.messaging.heard.vocabulary import (
    AROUND,
    AROUND_STOP,
    CANCEL,
    CODE_LENGTH,
    CODE_LETTERS,
    CONFIRM,
    HELP,
    NOT_NAMES,
    SIGNATURES,
    START,
    STOP,
    STOPS,
    THANKS,
    YES,
    folded,
    plain,
)


class Word(StrEnum):
    CONFIRM = "confirm"
    CANCEL = "cancel"
    CARRIER_CANCEL = "carrier_cancel"  # a bare CANCEL: to the carriers it also ends all texts
    STOP = "stop"
    START = "start"
    YES = "yes"  # confirms a visit, or ends an opt-out: only the caller knows which
    HELP = "help"
    OTHER_TIME = "other_time"  # a button
    PICTURE = "picture"  # or a recording, with no words that say enough
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`code` names a visit; `position` counts from 0 in the list that was texted last.

    Either may name nothing that exists: then the text was unclear, and must change nothing. Of a
    code that is not `is_sure` so little is sure that it may be a word: then people must read it.
    """

    word: Word
    code: str | None = None
    position: int | None = None
    is_sure: bool = True
    is_sentence: bool = False  # not one word alone: somebody should see that it was meant so


NOTHING = Meaning(Word.UNKNOWN)
LONGEST_ANSWER = 160  # no answer of ours is longer; a longer text is a letter, for people
MOST_IN_SENTENCE = 10  # words of a short one
MOST_NAMES = 3

_QUESTION_MARKS = "?\u00bf\u037e\u061f"
_PARTS = re.compile(r"[\n\r\u2028,;:.!~\u060c\u0964\u2013\u2014-]+")


def _single(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in phrase.split())


_SAID = YES | CONFIRM | THANKS | AROUND
_LONGEST_PHRASE = max(len(one.split()) for one in _SAID)
_NOT_CODES = _single(CANCEL) | NOT_NAMES
_NO_NAMES = _single(_SAID) | _NOT_CODES | STOPS

_WORDS = {
    **dict.fromkeys(HELP, Word.HELP),
    **dict.fromkeys(START, Word.START),
    **dict.fromkeys(STOP, Word.STOP),
    **dict.fromkeys(CONFIRM, Word.CONFIRM),
    **dict.fromkeys(YES, Word.YES),
    **dict.fromkeys(("X", "2"), Word.CANCEL),
    "CANCEL": Word.CARRIER_CANCEL,
}
CARRIERS = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
)
ABOUT_VISITS = frozenset({Word.CONFIRM, Word.CANCEL, Word.CARRIER_CANCEL, Word.YES})
_CANCELLING = frozenset({Word.CANCEL, Word.CARRIER_CANCEL})
_CODE = re.compile(rf"[{CODE_LETTERS}]{{{CODE_LENGTH}}}")
_WITH_CODE = re.compile(rf"(.+) ({_CODE.pattern})")
_GLUED = re.compile(rf"(C|CONFIRM|OK|YES) ?({_CODE.pattern})")
_BY_POSITION = re.compile(r"(?:(?:C|CONFIRM|YES) (?=1))?([12]) ?([A-Z])")
_VERBS = {"1": Word.CONFIRM, "2": Word.CANCEL}


def read(body: str) -> Meaning:
    """Never raises."""
    body = body.strip()
    if len(body) > LONGEST_ANSWER:
        return NOTHING
    body = unicodedata.normalize("NFKC", body)
    meaning = _of_one_line(body) or _of_sentence(_without_signature(body))
    if meaning.word in ABOUT_VISITS and any(mark in body for mark in _QUESTION_MARKS):
        return NOTHING  # "X?" asks, and asking must not cancel
    return meaning


def number(body: str) -> int | None:
    """A text that is one digit from 1 to 9 and nothing else: what a list of ours is answered by."""
    said = plain(unicodedata.normalize("NFKC", body.strip()[:LONGEST_ANSWER]))
    return int(said) if len(said) == 1 and said in "123456789" else None


def is_of_carriers(body: str) -> bool:
    """Alone in the text, and nothing beside it: so it is heard before it comes to us."""
    return plain(body) in CARRIERS


def _of_one_line(body: str) -> Meaning | None:
    """The whole of it is a word of ours, with a code or a place in a list or alone."""
    lines = [line for line in map(plain, body.splitlines()) if line]
    if len(lines) != 1:
        return None
    exact = _exactly(lines[0])
    if exact:
        return exact
    meaning = _exactly(folded(lines[0]))
    if meaning and meaning.word in _CANCELLING and not meaning.code and meaning.position is None:
        return NOTHING  # it only looks like X, and cancelling is strict
    return meaning


def _exactly(phrase: str) -> Meaning | None:
    if word := _WORDS.get(phrase):
        return Meaning(word)
    if found := _BY_POSITION.fullmatch(phrase):
        return Meaning(_VERBS[found[1]], position=ord(found[2]) - ord("A"))
    if found := _WITH_CODE.fullmatch(phrase):
        if found[1] in ("C", "CONFIRM"):
            return Meaning(Word.CONFIRM, found[2])
        if found[1] in CANCEL:
            return Meaning(Word.CANCEL, found[2])
    return None


def _without_signature(body: str) -> str:
    kept: list[str] = []
    for line in body.splitlines():
        if kept and line.strip() in ("--", "__", "___"):
            break
        said = folded(plain(line))
        if said and not (kept and said.startswith(SIGNATURES)):
            kept.append(line)
    return "\n".join(kept)


def _of_sentence(body: str) -> Meaning:
    words = folded(plain(body)).split()
    if not words:
        return NOTHING
    if _WORDS.get(" ".join(words)) is Word.STOP:
        return Meaning(Word.STOP)
    if _asks_for_no_more(words):
        return Meaning(Word.STOP, is_sentence=True)
    for some in (words, folded(plain(_without_name(body))).split()):
        if word := _says_yes(some):
            return Meaning(word)
    return _with_code_somehow(words)


def _asks_for_no_more(words: Sequence[str]) -> bool:
    """`please stop texting me`, but neither `don't stop` nor `where is the bus stop`."""
    is_short = 1 < len(words) <= MOST_IN_SENTENCE
    has_said = any(word in STOPS for word in words)
    return is_short and has_said and all(word in STOPS or word in AROUND_STOP for word in words)


def _says_yes(words: Sequence[str]) -> Word | None:
    """Is it made of phrases that confirm, and of thanks and greetings around them, alone?"""
    said: list[set[Word | None]] = [set() for _ in range(len(words) + 1)]  # by where a phrase ends
    said[0].add(None)
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(words)) + 1):
            phrase = " ".join(words[start:end])
            if said[start] and phrase in _SAID:
                said[end] |= {_of_phrase(phrase) or before for before in said[start]}
    return next((word for word in (Word.YES, Word.CONFIRM) if word in said[-1]), None)


def _of_phrase(phrase: str) -> Word | None:
    if phrase in YES:
        return Word.YES
    return Word.CONFIRM if phrase in CONFIRM else None


def _without_name(body: str) -> str:
    """Of who signs: a last part of its own, or what follows thanks."""
    parts = [one.split() for one in _PARTS.split(body) if plain(one)]
    if not parts:
        return ""
    last = [word for word in parts[-1] if folded(plain(word)) not in _SAID or word.isalpha()]
    if len(parts) > 1 and len(last) <= MOST_NAMES and all(map(_is_name, last)):
        return " ".join(_joined(parts[:-1]))
    for many in range(1, MOST_NAMES + 1):
        before, name = last[:-many], last[-many:]
        if _ends_with_thanks(before) and all(_is_name(word, True) for word in name):
            return " ".join([*_joined(parts[:-1]), *before])
    return " ".join(_joined(parts))


def _joined(parts: Sequence[list[str]]) -> Iterator[str]:
    return (word for part in parts for word in part)


def _ends_with_thanks(words: Sequence[str]) -> bool:
    said = folded(plain(" ".join(words))).split()
    return any(" ".join(said[start:]) in THANKS for start in range(len(said)))


def _is_name(word: str, is_after_thanks: bool = False) -> bool:
    """With a capital; what has none, as in Hindi or Arabic, is believed behind thanks alone."""
    letters = word.strip("()*'\"").replace("'", "").replace("\u2019", "")
    if not letters or not all(unicodedata.category(one)[0] in "LM" for one in letters):
        return False
    is_caseless = not letters[0].isupper() and not letters[0].islower()
    is_shouted = letters.isupper() and len(letters) > 2
    looks_so = (letters[0].isupper() and not is_shouted) or (is_caseless and is_after_thanks)
    return looks_so and folded(plain(letters)) not in _NO_NAMES


def _with_code_somehow(words: Sequence[str]) -> Meaning:
    """A yes, and letters that would be a code: glued to it, with spaces, or before a thanks."""
    words = _without_end(words)
    if not _NOT_CODES.isdisjoint(words):
        return NOTHING
    for many in range(1, len(words)):
        is_yes = " ".join(words[:many]) in YES | CONFIRM
        if is_yes and _CODE.fullmatch(code := "".join(words[many:])):
            return Meaning(Word.CONFIRM, code, is_sure=False)
    found = _GLUED.fullmatch("".join(words))
    return Meaning(Word.CONFIRM, found[2], is_sure=False) if found else NOTHING


def _without_end(words: Sequence[str]) -> Sequence[str]:
    """Without the thanks and greetings behind."""
    for start in range(1, len(words)):
        if _says_yes([*words[start:], "C"]) and not _says_yes(words[start:]):
            return words[:start]
    return words
