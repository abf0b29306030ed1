"""Weekly hours as a person enters them: several days at once, until midnight and over it."""

from datetime import time

import pytest

from clinic.schedules.errors import BadWindow
from clinic.schedules.slots import shown
from clinic.schedules.weekly.hours import WeeklyHours, windows_of
from tests.pages import text_of


def windows(days, start, end):
    hours = WeeklyHours(days, time.fromisoformat(start), time.fromisoformat(end), 30)
    return [(one.weekday, shown(one.start), shown(one.end)) for one in windows_of(hours)]


@pytest.mark.parametrize(
    ("days", "start", "end", "wanted"),
    [
        ([0], "09:00", "12:00", [(0, "09:00", "12:00")]),
        ([2, 0, 2], "09:00", "12:00", [(0, "09:00", "12:00"), (2, "09:00", "12:00")]),
        ([4], "18:00", "00:00", [(4, "18:00", "24:00")]),
        ([4], "22:00", "02:00", [(4, "22:00", "24:00"), (5, "00:00", "02:00")]),
        ([6], "22:00", "02:00", [(6, "22:00", "24:00"), (0, "00:00", "02:00")]),
    ],
)
def test_hours_become_windows_of_one_day_each(days, start, end, wanted):
    assert windows(days, start, end) == wanted


@pytest.mark.parametrize(
    ("days", "start", "end"),
    [([], "09:00", "12:00"), ([0], "12:00", "09:00"), ([0], "09:00", "09:00")],
)
def test_hours_that_are_a_slip_are_refused(days, start, end):
    with pytest.raises(BadWindow):
        windows(days, start, end)


def sent(**changes):
    return {"days": ["5"], "start": "09:00", "end": "12:00", "slot_minutes": "30"} | changes


def publish(client, doctor, **changes):
    return client.post(f"/schedules/?doctor={doctor.doctor_id}", data=sent(**changes))


def test_the_last_slot_of_a_day_ends_at_midnight(app, signed_in, cast):
    client = signed_in(cast.amir)
    assert publish(client, cast.dr_chandra, start="23:00", end="24:00").status_code == 303
    assert "23:00–24:00" in text_of(client.get("/schedules/"))  # noqa: RUF001 - as above
    slots = app.test_client().get(
        f"/api/v1/doctors/{cast.dr_chandra.doctor_id}/slots?date=2026-11-21"
    )
    assert [one["start"][11:16] for one in slots.json["slots"]] == ["23:00", "23:30"]
    assert slots.json["slots"][-1]["end"].startswith("2026-11-22T00:00")


def test_an_overlap_names_the_other_window_and_nothing_is_published(signed_in, cast):
    client = signed_in(cast.dr_chandra)
    answer = publish(client, cast.dr_chandra, days=["5", "0"], start="10:00", end="11:00")
    assert answer.status_code == 422
    assert "Monday 09:00 to 12:00 is there already" in text_of(answer)
    assert "10:00–11:00" not in text_of(client.get("/schedules/"))  # noqa: RUF001 - as above


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"days": []}, "Choose at least one day"),
        ({"start": "soon"}, "Enter a time such as 09:00"),
        ({"slot_minutes": "4"}, "Enter minutes from 5 to 480"),
        ({"slot_minutes": "240"}, "The window is shorter than one slot."),
        ({"start": "12:00", "end": "09:00"}, "The hours end before they start."),
    ],
)
def test_what_cannot_be_is_said_in_words(signed_in, cast, changes, words):
    answer = publish(signed_in(cast.dr_chandra), cast.dr_chandra, **changes)
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_a_window_is_withdrawn_by_its_button(signed_in, cast):
    client = signed_in(cast.amir)
    assert publish(client, cast.dr_chandra).status_code == 303
    page = client.get("/schedules/")
    action = page.text.split("<b>09:00–12:00</b>")[-1].split('action="')[1].split('"')[0]  # noqa: RUF001 - as above
    assert client.post(action).status_code == 303
    assert page.text.count("/withdraw") - client.get("/schedules/").text.count("/withdraw") == 1


def test_the_desk_reads_hours_and_changes_none(signed_in, cast):
    client = signed_in(cast.esha)
    assert "Add weekly hours" not in text_of(client.get("/schedules/"))
    assert publish(client, cast.dr_chandra).status_code == 403
