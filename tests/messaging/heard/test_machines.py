"""What no person typed, told by its look; anything a person may have meant is none of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.messaging.heard.machines import is_noise, is_same

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
    "Le gust\u00f3 \u201cHarbour Clinic: see you\u201d",
    "Reaccion\u00f3 con \U0001f64f a \u201cSee you\u201d",
    "\U0001f44d a \u201cSee you\u201d",
    "A aim\u00e9 \u00ab\u00a0See you\u00a0\u00bb",
    "N\u2019a pas aim\u00e9 \u00ab\u00a0See you\u00a0\u00bb",
    "A r\u00e9agi avec \u2764\ufe0f \u00e0 \u00ab\u00a0See you\u00a0\u00bb",
    "Hat \u201eHarbour Clinic: see you\u201c geliked",
    "Gef\u00e4llt \u201eSee you\u201c",
    "Hat mit \U0001f44d auf \u201eSee you\u201c reagiert",
    "\U0001f44d zu \u201eSee you\u201c",
    "\u201cSee you\u201d को पसंद किया",
    "\u201cSee you\u201d पर प्रतिक्रिया दी",
    "\u201cSee you\u201d पर \U0001f44d",
    "أعجبني \u201cSee you\u201d",
    "ضحك على \u201cSee you\u201d",
    "\u2764\ufe0f إلى \u201cSee you\u201d",
]
PEOPLE = [
    "me gusta",
    "j'aime bien ce m\u00e9decin",
    "hat 'mal keine Zeit",
    "He said \u201cstop\u201d",
    "\u201cC\u201d",
    "मुझे पसंद है",
    "أعجبني الطبيب",
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
