"""A zone is chosen among those of the country."""

import pytest

from clinic.core import clock
from tests.pages import soup


def groups(answer) -> dict[str, list[str]]:
    found = soup(answer).select("select[name=timezone] optgroup")
    return {one["label"]: [zone["value"] for zone in one.find_all("option")] for one in found}


@pytest.mark.parametrize(
    ("country", "zones"),
    [
        ("GB", ["Europe/London"]),
        ("IN", ["Asia/Kolkata"]),
        ("PT", ["Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"]),
    ],
)
def test_zones_of_a_country(country, zones):
    assert list(clock.zones_by_country()[country]) == zones


def test_every_zone_of_a_country_may_be_chosen():
    of_countries = {zone for zones in clock.zones_by_country().values() for zone in zones}
    assert of_countries <= set(clock.usual_zones())


def test_the_countrys_own_stand_first(signed_in, cast):
    found = groups(signed_in(cast.amir).get("/admin/settings"))
    assert next(iter(found.items())) == ("United Kingdom", ["Europe/London"])
    assert "Asia/Kolkata" in found["Asia"]
    assert "Europe/London" not in found["Europe"]


def test_a_new_clinic_chooses_among_all_and_each_zone_says_its_country(client):
    answer = client.get("/signup/clinic")
    assert {"Africa", "America", "Asia", "Europe"} <= set(groups(answer))
    zone = soup(answer).find("option", value="Asia/Kolkata")
    assert zone["data-of"] == "IN"
    names = [one["name"] for one in soup(answer).find_all("select")]
    assert names.index("country") < names.index("timezone")


def test_a_form_that_comes_back_knows_the_country(client):
    answer = client.post("/signup/clinic", data={"country": "PT", "timezone": "Europe/Lisbon"})
    assert next(iter(groups(answer))) == "Portugal"
