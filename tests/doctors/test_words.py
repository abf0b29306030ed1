"""A week of free times in words."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from clinic.doctors import words
from clinic.organisations.queries import Place
from clinic.schedules.slots import Slot
from tests.cast import LONDON, TODAY, at


def test_hundreds_of_times_cost_their_sentence_once(in_app, monkeypatch):
    """The busiest page: what is the same for every time is not looked up for each of them."""
    said = []
    monkeypatch.setattr(words, "_", lambda text: said.append(text) or text)
    doctor = profile(name="Dr 100%(x)s", says_place=False)  # a name is a value, never a pattern
    links = words.slot_links(doctor, [slot(number) for number in range(200)], LONDON, "/new?start=")
    assert len(said) == 1
    assert links[0].words == "Mon 16 Nov, 09:00 with Dr 100%(x)s"
    assert links[-1].words == "Tue 17 Nov, 18:10 with Dr 100%(x)s"


QUAY, HILL = (
    Place(UUID(int=number), name, "1 High St") for number, name in enumerate(("Quay", "Hill"), 1)
)
UNKNOWN = Place(UUID(int=9), "", "")


def profile(places=(QUAY, HILL), name="Dr Asha Rao", says_place=True):
    return SimpleNamespace(
        name=name, says_place=says_place, organisation="Harbour Clinic", places=places
    )


@pytest.mark.parametrize(
    ("says_place", "at", "heading", "captions", "spoken"),
    [
        (False, [QUAY, QUAY], "", ["", ""], ["", ""]),
        (True, [QUAY, QUAY], "Quay", ["", ""], [", Quay", ", Quay"]),
        (True, [QUAY, HILL], "", ["Quay", "Hill"], [", Quay", ", Hill"]),
        (True, [UNKNOWN], "Harbour Clinic", [""], [", Harbour Clinic"]),
        (True, [], "", [], []),
    ],
)
def test_a_time_says_where_it_is(in_app, says_place, at, heading, captions, spoken):
    """Once for a day in one place, at each time of another; spoken always, alone never."""
    slots = [slot(number, place.id) for number, place in enumerate(at)]
    day, *_ = words.days(TODAY, profile(says_place=says_place), slots, LONDON, "/new?start=")
    assert day.place == heading
    assert [one.place for one in day.slots] == captions
    assert [one.words.partition("Dr Asha Rao")[2] for one in day.slots] == spoken


def test_seats_are_spoken_as_they_are_read(in_app):
    several = replace(slot(0), capacity=3, available=2)
    (link,) = words.slot_links(profile(), [several], LONDON, "")
    assert link.words == "Mon 16 Nov, 09:00 2 places with Dr Asha Rao, Quay"
    assert f"{link.label} {link.places}" in link.words


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ((), "Harbour Clinic"),
        ((QUAY,), "Harbour Clinic, Quay, 1 High St"),
        ((QUAY, HILL), "Harbour Clinic, Quay, Hill"),
        ((Place(UUID(int=3), "Harbour Clinic", "2 Low St"),), "Harbour Clinic, 2 Low St"),
        ((Place(UUID(int=3), "Quay", ""),), "Harbour Clinic, Quay"),
    ],
)
def test_a_card_says_which_clinic_and_where(places, said):
    assert words.where(profile(places)) == said


def slot(number, place=QUAY.id):
    start = at("09:00") + timedelta(minutes=10 * number)
    return Slot(start, start + timedelta(minutes=10), UUID(int=1), place, 1, 0, 1, 1)
