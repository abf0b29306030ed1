"""What a text from a patient means. Pure: which visit it is about is decided elsewhere."""

import re
import string
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    CONFIRM = "confirm"
    CANCEL = "cancel"
    CARRIER_CANCEL = "carrier_cancel"  # a bare CANCEL: to the carriers it also ends all texts
    STOP = "stop"
    START = "start"
    YES = "yes"  # confirms a visit, or ends an opt-out: only the caller knows which
    HELP = "help"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`code` names a visit; `position` counts from 0 in the list that was texted last.

    Either may name nothing that exists: then the text was unclear, and must change nothing.
    """

    word: Word
    code: str | None = None
    position: int | None = None


NOTHING = Meaning(Word.UNKNOWN)
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without the look-alikes I, O, 0 and 1
CODE_LENGTH = 5
LONGEST_ANSWER = 160  # no answer of ours is longer; a longer text is a letter, for people

_WORDS = {
    **dict.fromkeys(("C", "1", "CONFIRM"), Word.CONFIRM),
    **dict.fromkeys(("X", "2"), Word.CANCEL),
    "CANCEL": Word.CARRIER_CANCEL,
    **dict.fromkeys(("YES", "Y"), Word.YES),
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "STOP ALL"),
        Word.STOP,
    ),
    "OPT OUT": Word.STOP,
    **dict.fromkeys(("START", "UNSTOP"), Word.START),
    **dict.fromkeys(("HELP", "INFO"), Word.HELP),
}
_ABOUT_VISITS = frozenset({Word.CONFIRM, Word.CANCEL, Word.CARRIER_CANCEL, Word.YES})
_WITH_CODE = re.compile(rf"(C|CONFIRM|X|CANCEL) ([{CODE_LETTERS}]{{{CODE_LENGTH}}})")
_BY_POSITION = re.compile(r"([12]) ?([A-Z])")
_VERBS = {"C": Word.CONFIRM, "1": Word.CONFIRM, "X": Word.CANCEL, "2": Word.CANCEL}

_SPACES = frozenset({"Zs", "Zl", "Zp", "Cc"})
_PUNCTUATION = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"})
_LEFT_OUT = frozenset({"Cf", "Me"})  # zero-width characters, and the box around a keycap's digit
_QUESTION_MARKS = "?\u00bf\u037e\u061f"


def read(body: str) -> Meaning:
    """Never raises. Only the whole of a one-line text counts, never a word inside of one."""
    body = body.strip()
    if len(body) > LONGEST_ANSWER:
        return NOTHING
    body = unicodedata.normalize("NFKC", body)
    lines = [line for line in map(_plain, body.splitlines()) if line]
    if len(lines) != 1:
        return NOTHING
    meaning = _meaning_of(lines[0])
    if meaning.word in _ABOUT_VISITS and any(mark in body for mark in _QUESTION_MARKS):
        return NOTHING  # "X?" asks, and asking must not cancel
    return meaning


def number(body: str) -> int | None:
    """A text that is one digit from 1 to 9 and nothing else: what a list of ours is answered by."""
    plain = _plain(unicodedata.normalize("NFKC", body.strip()[:LONGEST_ANSWER]))
    return int(plain) if len(plain) == 1 and plain in "123456789" else None


def _plain(line: str) -> str:
    """Capital words with one space between; what is neither word nor punctuation stays."""
    return " ".join("".join(map(_plain_character, line)).upper().split())


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in _LEFT_OUT or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category in _SPACES or category in _PUNCTUATION or character in string.punctuation:
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))  # keyboards in Hindi or Arabic have their own
    return character


def _meaning_of(phrase: str) -> Meaning:
    if word := _WORDS.get(phrase):
        return Meaning(word)
    if found := _WITH_CODE.fullmatch(phrase):
        return Meaning(_VERBS[found[1].replace("CONFIRM", "C").replace("CANCEL", "X")], found[2])
    if found := _BY_POSITION.fullmatch(phrase):
        return Meaning(_VERBS[found[1]], position=ord(found[2]) - ord("A"))
    return NOTHING
