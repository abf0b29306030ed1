"""What no person typed, told by its look; anything a person may have meant is none of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.messaging.inbound.machines import is_noise, is_same

NOISE = [
    "",
    " \n\t",
    "\u200b",
    "\u00a0\ufeff",
    "\x00",
    "Liked \u201cHarbour Clinic: see you Mon 16 Nov, 09:30\u201d",
    'Liked "Harbour Clinic: see you"',
    "Loved \u201cSee you\u201d",
    "Disliked \u201cSee you\u201d",
    "Laughed at \u201cSee you\u201d",
    "Emphasized \u201cSee you\u201d",
    "Emphasised \u201cSee\nyou\u201d",
    "Questioned \u201cSee you\u201d",
    "Removed a like from \u201cSee you\u201d",
    "Reacted \U0001f64f to \u201cSee you\u201d",
    "\u200a\U0001f44d\u200a to \u201c\u200aSee you\u200a\u201d",
    "\u2764\ufe0f to \u00abSee you\u00bb",
]
PEOPLE = [
    "C",
    "X",
    "?",
    "...",
    "\U0001f44d",
    "I liked the doctor",
    "Liked it, thanks",
    "loved seeing you",
    "Can you move it to 10?",
    "STOP",
]


@pytest.mark.parametrize("body", NOISE)
def test_noise(body):
    assert is_noise(body)


@pytest.mark.parametrize("body", PEOPLE)
def test_people(body):
    assert not is_noise(body)


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_no_text_is_an_error(body):
    assert is_noise(body) in (True, False)


def test_the_same_text():
    assert is_same("I am driving. \n", "i am  driving.")
    assert not is_same("I am driving", "I am in a meeting")
