"""The next free times of many doctors, wherever they are looked for."""

from datetime import date, time

import pytest

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.offer import next_free as offer
from clinic.appointments.offer.practice import practices
from clinic.organisations import service as organisations
from clinic.schedules import service as schedules
from tests.factories import withdraw_all


@pytest.mark.parametrize("few", [10, 0])
def test_many_are_looked_up_nearby_first_and_found_all_the_same(in_app, cast, monkeypatch, few):
    monkeypatch.setattr(offer, "FEW", few)
    withdraw_all(cast.dr_dev)
    far = schedules.NewWindow(cast.quay_street, time(9), time(10), on=date(2026, 11, 27))
    schedules.publish_window(cast.dr_dev.doctor_id, far, THE_SYSTEM)
    found = practices([cast.dr_chandra.doctor_id, cast.dr_dev.doctor_id])
    days = {key: slots[0].start.date() for key, slots in offer.next_free(found).items()}
    assert days == {
        cast.dr_chandra.doctor_id: date(2026, 11, 16),
        cast.dr_dev.doctor_id: date(2026, 11, 27),
    }


def test_only_times_at_the_place_are_free_there(in_app, cast):
    hill = organisations.add_location(cast.harbour, "North Hill", "")
    window = schedules.NewWindow(hill.id, time(14), time(15), weekday=2)
    schedules.publish_window(cast.dr_chandra.doctor_id, window, THE_SYSTEM)
    found = practices([cast.dr_chandra.doctor_id, cast.dr_dev.doctor_id])
    free = offer.next_free(found, location=hill.id)
    assert [one.location_id for one in free[cast.dr_chandra.doctor_id]] == [hill.id] * 2
    assert free[cast.dr_dev.doctor_id] == []
