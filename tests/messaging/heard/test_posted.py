"""What the provider says of a text, and a tapped button, win over its words."""

import pytest

from clinic.messaging.heard.meaning import NOTHING, Meaning, Word
from clinic.messaging.heard.posted import read


@pytest.mark.parametrize(
    ("body", "opt_out", "word"),
    [
        ("C", "STOP", Word.STOP),
        ("detente por favor", "STOP", Word.STOP),
        ("CANCEL", "STOP", Word.CARRIER_CANCEL),  # it is about the visit, too
        ("stop", "stop", Word.STOP),
        ("hola", "START", Word.START),
        ("YES", "START", Word.YES),  # which confirms where nothing was stopped
        ("X", "HELP", Word.HELP),
        ("C", "", Word.CONFIRM),
        ("C", "OTHER", Word.CONFIRM),
    ],
)
def test_an_opt_out_the_provider_has_heard(body, opt_out, word):
    assert read(body, opt_out) == Meaning(word)


@pytest.mark.parametrize(
    ("payload", "meaning"),
    [
        ("confirm:K7P4Q", Meaning(Word.CONFIRM, "K7P4Q")),
        ("cancel:K7P4Q", Meaning(Word.CANCEL, "K7P4Q")),
        ("other:K7P4Q", Meaning(Word.OTHER_TIME, "K7P4Q")),
        ("CANCEL:k7p4q ", Meaning(Word.CANCEL, "K7P4Q")),
        ("confirm:", NOTHING),
        ("confirm:K7P4QQ", NOTHING),
        ("delete:K7P4Q", NOTHING),
        ("K7P4Q", NOTHING),
        ("'; DROP TABLE", NOTHING),
    ],
)
@pytest.mark.parametrize("body", ["X", "Confirm", "STOP", ""])
def test_a_payload_names_the_visit_whatever_the_body(payload, meaning, body):
    assert read(body, payload=payload, button="Cancel") == meaning


@pytest.mark.parametrize(
    ("button", "word"),
    [
        ("Confirm", Word.CONFIRM),
        ("Cancel", Word.CANCEL),  # no carrier's word: it was tapped
        ("Other time", Word.OTHER_TIME),
        ("Something else", Word.UNKNOWN),
    ],
)
def test_a_button_without_a_payload(button, word):
    assert read(button, button=button) == Meaning(word)


@pytest.mark.parametrize(
    ("body", "word"),
    [("", Word.PICTURE), ("my rash", Word.PICTURE), ("C", Word.CONFIRM), ("STOP", Word.STOP)],
)
def test_pictures(body, word):
    assert read(body, media=1) == Meaning(word)
