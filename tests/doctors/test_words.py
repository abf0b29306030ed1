"""A week of free times in words."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

from clinic.doctors import words
from clinic.schedules.slots import Slot
from tests.cast import LONDON, at


def test_hundreds_of_times_cost_their_sentence_once(in_app, monkeypatch):
    """The busiest page: what is the same for every time is not looked up for each of them."""
    said = []
    monkeypatch.setattr(words, "_", lambda text: said.append(text) or text)
    doctor = SimpleNamespace(name="Dr 100%(x)s")  # a name is a value, never a pattern
    links = words.slot_links(doctor, [slot(number) for number in range(200)], LONDON, "/new?start=")
    assert len(said) == 1
    assert links[0].words == "Mon 16 Nov, 09:00 with Dr 100%(x)s"
    assert links[-1].words == "Tue 17 Nov, 18:10 with Dr 100%(x)s"


def slot(number):
    start = at("09:00") + timedelta(minutes=10 * number)
    return Slot(start, start + timedelta(minutes=10), UUID(int=1), None, 1, 0, 1, 1)
