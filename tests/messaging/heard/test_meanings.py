"""What people really text back, one body a line, and what each means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.messaging.heard.meaning import CODE_LETTERS, Meaning, Word, read

PLAIN = [
    # to confirm
    ("C", Word.CONFIRM),
    ("c", Word.CONFIRM),
    ("1", Word.CONFIRM),
    ("CONFIRM", Word.CONFIRM),
    ("Confirm.", Word.CONFIRM),
    ("  c  ", Word.CONFIRM),
    ("\tC\r\n", Word.CONFIRM),
    ("\n\nC\n \n", Word.CONFIRM),
    ("C\u2028", Word.CONFIRM),
    ("C.", Word.CONFIRM),
    ('"C"', Word.CONFIRM),
    ('"C."', Word.CONFIRM),
    ("'c'", Word.CONFIRM),
    ("\u201cC\u201d", Word.CONFIRM),
    ("\u00abC\u00bb", Word.CONFIRM),
    ("(1)", Word.CONFIRM),
    ("1)", Word.CONFIRM),
    ("*C*", Word.CONFIRM),
    ("<C>", Word.CONFIRM),
    ("C :)", Word.CONFIRM),
    ("\uff23", Word.CONFIRM),  # full width, as Japanese keyboards write
    ("\uff11", Word.CONFIRM),
    ("\u0967", Word.CONFIRM),  # a Hindi 1
    ("\u0661", Word.CONFIRM),  # an Arabic 1
    ("1\ufe0f\u20e3", Word.CONFIRM),  # the keycap of an emoji keyboard
    ("\u200bC\u200b", Word.CONFIRM),
    ("\ufeffC", Word.CONFIRM),
    ("C\u00a0", Word.CONFIRM),
    ("\u200e1\u202c", Word.CONFIRM),
    ("C\x00", Word.CONFIRM),
    ("\U0001f44d", Word.CONFIRM),
    ("\U0001f44d\U0001f3fd", Word.CONFIRM),
    ("C \U0001f44d", Word.CONFIRM),
    ("\u2705", Word.CONFIRM),
    ("OK", Word.CONFIRM),
    ("\u0421", Word.CONFIRM),  # Cyrillic, looks like C
    ("I confirm", Word.CONFIRM),
    ("C\n--\nSent from my phone", Word.CONFIRM),
    # to cancel
    ("X", Word.CANCEL),
    ("x", Word.CANCEL),
    ("2", Word.CANCEL),
    ("2.", Word.CANCEL),
    ("\uff38", Word.CANCEL),
    ("\uff12", Word.CANCEL),
    ("X!!", Word.CANCEL),
    # the carriers' word
    ("CANCEL", Word.CARRIER_CANCEL),
    ("cancel", Word.CARRIER_CANCEL),
    ("Cancel.", Word.CARRIER_CANCEL),
    (" 'CANCEL' ", Word.CARRIER_CANCEL),
    ("\uff23\uff21\uff2e\uff23\uff25\uff2c", Word.CARRIER_CANCEL),
    # yes, to whatever was asked
    ("YES", Word.YES),
    ("yes!", Word.YES),
    ("Y", Word.YES),
    ("y.", Word.YES),
    ("Yes...", Word.YES),
    # no more texts
    ("STOP", Word.STOP),
    ("stop", Word.STOP),
    ("Stop.", Word.STOP),
    ("STOP?", Word.STOP),
    ("STOPALL", Word.STOP),
    ("Stop all", Word.STOP),
    ("STOP-ALL", Word.STOP),
    ("UNSUBSCRIBE", Word.STOP),
    ("unsubscribe!", Word.STOP),
    ("END", Word.STOP),
    ("QUIT", Word.STOP),
    ("REVOKE", Word.STOP),
    ("OPTOUT", Word.STOP),
    ("opt out", Word.STOP),
    ("Opt-Out", Word.STOP),
    ("S\u200bTOP", Word.STOP),
    ("STOP\n\nSent from my phone", Word.STOP),
    # texts again
    ("START", Word.START),
    ("start", Word.START),
    ("UNSTOP", Word.START),
    # help
    ("HELP", Word.HELP),
    ("help?", Word.HELP),
    ("INFO", Word.HELP),
    ("info!", Word.HELP),
]

UNCLEAR = [
    "",
    " ",
    "\n\n",
    "\x00",
    "...",
    "?",
    "X?",  # a question changes no visit
    "C?",
    "1?",
    "YES?",
    "\uff38\uff1f",
    "CANCEL?",
    "CANCEL K7M2P?",
    "1B?",
    "No",
    "xx",  # kisses
    "Thanks x",
    "CC",
    "C X",
    "yes x",
    "1 2",
    "1/2",
    "12",
    "3",
    "0",
    "-C-X-",
    "C\u0336",  # struck through
    "\u0425",  # Cyrillic, only looks like X: cancelling is strict
    "\u0445",
    "please cancel my appointment",
    "Don't stop",
    "stop texting my neighbour about this",
    "can't come",
    "Is Dr Chandra in today?",
    "C\nX",
    "CANCEL\nK7M2P",
    "CONFIRM K7M2",  # four
    "CONFIRM K7M2PP",  # six
    "CONFIRM K7M2O",  # O is in no code
    "CANCEL K7M21",
    "CANCEL K7M2P now",
    "K7M2P",
    "CANCEL 2",
    "3A",
    "A1",
    "1AA",
    "1\nA",
    "1A 2B",
    "ab" * 5000,
    "C" * 161,
    "C " * 2000,
    "\ufdfa" * 160,  # one character that stands for eighteen
    "\ud800",
    "C\udfff",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
]

WITH_CODE = [
    ("CONFIRM K7M2P", Word.CONFIRM, "K7M2P"),
    ("confirm k7m2p", Word.CONFIRM, "K7M2P"),
    ("C K7M2P", Word.CONFIRM, "K7M2P"),
    ("c: k7m2p.", Word.CONFIRM, "K7M2P"),
    ("C-K7M2P", Word.CONFIRM, "K7M2P"),
    ("CANCEL K7M2P", Word.CANCEL, "K7M2P"),
    ("Cancel   k7M2p!", Word.CANCEL, "K7M2P"),
    ("CANCEL <K7M2P>", Word.CANCEL, "K7M2P"),
    ("CANCEL #K7M2P", Word.CANCEL, "K7M2P"),
    ("X K7M2P", Word.CANCEL, "K7M2P"),
    ("X \uff2b\uff17\uff2d\uff12\uff30", Word.CANCEL, "K7M2P"),
    ("X\u00a0K7M2P\u200b", Word.CANCEL, "K7M2P"),
    ("CANCEL 23456", Word.CANCEL, "23456"),
    ("CANCEL START", Word.CANCEL, "START"),
    ("C CANCE", Word.CONFIRM, "CANCE"),
]

# Perhaps a code: if no visit has it, the text is read by people.
PERHAPS = [
    ("CK7M2P", "K7M2P"),
    ("cKMPQR", "KMPQR"),
    ("CONFIRMK7M2P", "K7M2P"),
    ("C K7 M2P", "K7M2P"),
    ("C K 7 M 2 P.", "K7M2P"),
    ("YES K7M2P", "K7M2P"),
    ("Ok K7M2P, thanks!", "K7M2P"),
    ("I confirm K7M2P", "K7M2P"),
    ("confirm\nK7M2P", "K7M2P"),
]
NO_CODES = [
    "CHANGE",
    "change",
    "Cancel my appointment",
    "C: call",
    "cheers mate",
    "XK7M2P",
    "X K7 M2P",
]

BY_POSITION = [
    ("1A", Word.CONFIRM, 0),
    ("1a", Word.CONFIRM, 0),
    ("1 A", Word.CONFIRM, 0),
    ("1-b.", Word.CONFIRM, 1),
    ("'1C'", Word.CONFIRM, 2),
    ("CONFIRM 1A", Word.CONFIRM, 0),
    ("yes 1b", Word.CONFIRM, 1),
    ("1\u0410", Word.CONFIRM, 0),
    ("2A", Word.CANCEL, 0),
    ("2B", Word.CANCEL, 1),
    ("2 b!", Word.CANCEL, 1),
    ("\uff12\uff22", Word.CANCEL, 1),
    ("\u0968 B", Word.CANCEL, 1),
    ("2Z", Word.CANCEL, 25),
]


@pytest.mark.parametrize(("body", "word"), PLAIN)
def test_a_word_alone_is_understood_however_it_is_typed(body: str, word: Word) -> None:
    assert read(body) == Meaning(word)


@pytest.mark.parametrize("body", UNCLEAR)
def test_anything_else_is_left_to_people(body: str) -> None:
    assert read(body) == Meaning(Word.UNKNOWN)


@pytest.mark.parametrize(("body", "word", "code"), WITH_CODE)
def test_a_code_names_the_visit(body: str, word: Word, code: str) -> None:
    assert read(body) == Meaning(word, code=code)


@pytest.mark.parametrize(("body", "code"), PERHAPS)
def test_a_code_may_be_glued_or_spaced_or_said_with_a_yes(body: str, code: str) -> None:
    assert read(body) == Meaning(Word.CONFIRM, code, is_sure=False)


@pytest.mark.parametrize("body", NO_CODES)
def test_a_word_is_no_code_and_to_cancel_one_is_exact(body: str) -> None:
    assert read(body) == Meaning(Word.UNKNOWN)


@pytest.mark.parametrize(("body", "word", "position"), BY_POSITION)
def test_with_several_visits_the_letter_names_one(body: str, word: Word, position: int) -> None:
    assert read(body) == Meaning(word, position=position)


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_no_text_is_an_error(body: str) -> None:
    assert read(body).word in Word


@given(st.text(alphabet=CODE_LETTERS, min_size=5, max_size=5))
def test_every_code_can_be_texted_in_small_letters(code: str) -> None:
    assert read(f"cancel {code.lower()}") == Meaning(Word.CANCEL, code=code)
