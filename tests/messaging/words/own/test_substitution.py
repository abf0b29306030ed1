"""Words that people write: listed variables are filled in, and nothing else is read."""

import pytest

from clinic.messaging.words.own import substitution
from clinic.messaging.words.own.substitution import Fault, faults, fill, variables

SAID = {"organisation": "Harbour", "day": "Mon 16 Nov", "time": "09:00", "link": "{link:visit:1}"}
NAMES = variables("visit_reminder", is_letter=False)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("{organisation}: {day}, {time}", "Harbour: Mon 16 Nov, 09:00"),
        ("{organisation}: {day}, {doctor}, {place}. {link}", "Harbour: Mon 16 Nov. {link:visit:1}"),
        ("See you {time} {doctor} !", "See you 09:00!"),
        ("{organisation}  ({doctor})", "Harbour ()"),
        ("{{ organisation }} {% if day %}", "{}"),
        ("%(day)s $day #{day}", "%(day)s $day #Mon 16 Nov"),
        ("हार्बर {time}", "हार्बर 09:00"),
    ],
)
def test_what_is_filled_in(words, read):
    assert fill(words, SAID) == read


def test_what_stands_in_a_value_is_never_read_again():
    said = {"doctor": "{link} {code:user:1}", "link": "secret", "day": "\\1"}
    assert fill("{doctor} {day}", said) == "{link} {code:user:1} \\1"


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("{organisation}: {day}, {time}. {link}", []),
        ("Hello: {day}, {time}. {link}", [Fault("first", "organisation")]),
        (" {organisation}: {day}, {time}. {link}", [Fault("first", "organisation")]),
        ("{organisation}: {day}. {link}", [Fault("missing", "time")]),
        ("{organisation}: {day}, {time}.", [Fault("missing", "link")]),
        ("{organisation}: {day}, {time} for {reason}. {link}", [Fault("unknown", "reason")]),
        ("{organisation}: {day}, {time} { {link}", [Fault("brace", "{")]),
        ("{organisation}: {{day}}, {time} {link}", [Fault("brace", "{")]),
        ("{organisation}: {day}, {time} {link:visit:1}", [
            Fault("unknown", "link:visit:1"), Fault("missing", "link"),
        ]),
        ("{organisation}: {Day}, {time} {link}", [
            Fault("unknown", "Day"), Fault("missing", "day"),
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong(words, wrong):
    assert [*faults(words, NAMES, ("day", "time", "link"))] == wrong


def test_nothing_of_what_is_wrong_with_the_patient_can_be_named():
    for template in substitution.WORDED:
        for is_letter in (False, True):
            named = set(variables(template, is_letter))
            assert named <= substitution.ALL
            assert not named & {
                "reason",
                "specialty",
                "diagnosis",
                "patient",
                "birth_date",
                "notes",
            }
            assert set(substitution.WORDED[template]) <= named


def test_only_what_asks_can_say_how_to_answer():
    asking = {name for name in substitution.WORDED if "reply" in variables(name, is_letter=False)}
    assert asking == {"visit_booked", "visit_reminder", "visit_rescheduled"}
    assert "link" not in variables("visit_cancelled", is_letter=False)
