"""Place is part of a time: whoever searches at a place is offered no time anywhere else."""

from datetime import date, time
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.offer import choice
from clinic.organisations import service as organisations
from clinic.schedules import service as schedules
from tests.factories import withdraw_all
from tests.pages import soup, text_of


@pytest.fixture
def hill(app, cast):
    """Chandra works on the hill on Tuesdays and Thursday afternoons; at the quay as ever."""
    with app.app_context():
        place = organisations.add_location(cast.harbour, "North Hill", "3 North Hill")
        for weekday in (1, 3):
            window = schedules.NewWindow(place.id, time(14), time(16), weekday=weekday)
            schedules.publish_window(cast.dr_chandra.doctor_id, window, THE_SYSTEM)
        return place.id


def starts(answer):
    links = soup(answer).select("a.slot")
    return [parse_qs(urlsplit(link["href"]).query)["start"][0] for link in links]


def test_cards_offer_times_at_the_place_alone(client, cast, hill):
    answer = client.get(f"/?location={hill}")
    assert starts(answer) == ["2026-11-17T14:00Z", "2026-11-17T14:30Z", "2026-11-17T15:00Z"]
    assert "Tue 17 Nov, North Hill" in text_of(answer)
    assert starts(client.get(f"/?location={cast.quay_street}"))[0] == "2026-11-16T09:00Z"


def test_the_week_of_a_place_is_that_places(client, cast, hill):
    answer = client.get(f"/doctors/{cast.dr_chandra.doctor_id}?location={hill}")
    assert {one[:10] for one in starts(answer)} == {"2026-11-17", "2026-11-19"}
    assert "Only times at North Hill." in text_of(answer)
    (whole,) = [one for one in soup(answer).select("#week a") if one.text == "Show all times"]
    assert len(starts(client.get(whole["href"]))) == 30 + 8


def test_a_week_in_two_places_says_which(client, cast, hill):
    page = soup(client.get(f"/doctors/{cast.dr_chandra.doctor_id}"))
    monday, tuesday, *_ = page.select(".slot-day")
    assert [one.text for one in monday.select("h2 span")] == ["16 Nov", "Quay Street"]
    assert [one.text for one in tuesday.select("h2 span")] == ["17 Nov"]
    assert [one.text for one in tuesday.select("a small")] == ["Quay Street"] * 6 + [
        "North Hill"
    ] * 4
    spoken = [one["aria-label"] for one in tuesday.select("a")]
    assert spoken[0] == "Tue 17 Nov, 09:00 with Dr Chandra Iyer, Quay Street"
    assert spoken[-1] == "Tue 17 Nov, 15:30 with Dr Chandra Iyer, North Hill"


def test_where_there_is_one_place_nobody_repeats_it(client, cast):
    page = client.get(f"/doctors/{cast.dr_chandra.doctor_id}")
    assert "Quay Street" not in " ".join(one["aria-label"] for one in soup(page).select("a.slot"))


def test_the_api_says_when_somebody_is_free_at_a_place(client, cast, hill):
    (found,) = client.get(f"/api/v1/doctors?location={hill}").json["items"]
    assert found["next_available"] == "2026-11-17T14:00:00Z"
    assert client.get("/api/v1/doctors?location=nowhere").status_code == 400


WINDOW = st.tuples(st.booleans(), st.integers(0, 6), st.integers(8, 19))
WINDOWS = st.lists(WINDOW, max_size=6, unique_by=lambda window: window[1:])


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    windows=WINDOWS,
    part=st.sampled_from(["", "morning", "afternoon", "evening"]),
    day=st.dates(date(2026, 11, 10), date(2027, 1, 20)),
)
def test_every_time_offered_at_a_place_is_there(app, client, cast, hill, windows, part, day):
    with app.app_context():
        withdraw_all(cast.dr_chandra)
        for is_hill, weekday, hour in windows:
            window = schedules.NewWindow(
                hill if is_hill else cast.quay_street, time(hour), time(hour + 1), weekday=weekday
            )
            schedules.publish_window(cast.dr_chandra.doctor_id, window, THE_SYSTEM)
    for place, name in ((hill, "North Hill"), (cast.quay_street, "Quay Street")):
        narrowed = f"location={place}&part={part}&date={day}"
        pages = [client.get(f"/?{narrowed}")]
        pages.append(client.get(f"/doctors/{cast.dr_chandra.doctor_id}?{narrowed}"))
        for link in [one for page in pages for one in soup(page).select("a.slot")]:
            asked = parse_qs(urlsplit(link["href"]).query)
            with app.app_context():
                picked = choice.choice(asked["doctor"][0], asked["start"][0])
            assert picked is not None
            assert picked.place == name
