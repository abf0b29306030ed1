"""What people read is plain: no riddles, no bare minutes, nothing said twice."""

import re
from collections.abc import Iterator

import pytest

from clinic.config import ROOT
from tests.architecture.tree import gathered

REFUSED = {
    "in the mailbox, look into it": r"look into your|into the mailbox|in the mailbox",
    "to prove an address": r"\b(un)?proven\b|\bprove[sd]?\b (?!nothing)|not proven",
    "who has not come": r"who has not come",
    "accepted by a person": r"accepted by a person",
    "empty": r"^empty:|may stay empty",
    "optional stands at the label": r"(^|\. )optional\.",
    "go to the start": r"to the start\b",
    "another role": r"(needs|takes) another role",
    "booked for.": r"booked for\.",
    "a week in minutes": r"10080",
    "a letter is an email": r"\b(this|our|newest) letter\b",
    "nothing to show": r"^nothing to show",
    "oops": r"oops|!$",
    "buttons say the act": r"^(submit|yes|no)$",
}
IN_ITSELF = re.compile(r"(?<=[.?!]) ")


def spoken() -> Iterator[str]:
    for one in gathered():
        if one.id:
            yield from ([one.id] if isinstance(one.id, str) else one.id)


@pytest.mark.parametrize("why", REFUSED)
def test_riddles_are_not_said(why: str) -> None:
    found = [words for words in spoken() if re.search(REFUSED[why], words, re.IGNORECASE)]
    assert found == []


def test_the_old_phrases_would_be_found() -> None:
    old = [
        "Look into your mailbox", "Not proven yet",
        "Who has not come by then is marked as a no-show",
        "Each request is accepted by a person", "Empty: the zone of your clinic", "May stay empty",
        "Now booked for. Reference X", "Go to the start", "It needs another role", "Optional.",
        "Up to 10080 minutes", "Nothing to show",
    ]  # fmt: skip
    missed = [
        words
        for words in old
        if not any(re.search(one, words, re.IGNORECASE) for one in REFUSED.values())
    ]
    assert missed == []


def test_nothing_says_a_sentence_twice() -> None:
    for words in spoken():
        sentences = [one.strip(" .").casefold() for one in IN_ITSELF.split(words)]
        assert len(sentences) == len(set(sentences)), words


EMPTY = re.compile(r'empty\("[^"]+", _\("([^"]+)"\), _\("([^"]+)"\)')


def test_an_empty_list_says_two_things() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        for title, text in EMPTY.findall(path.read_text()):
            assert title.strip(".").casefold() not in text.casefold(), path
