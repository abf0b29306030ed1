"""A person's own profile."""

import pytest
import sqlalchemy as sa

from clinic.accounts.own.profile import update_own
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import ClinicError
from clinic.core.languages import LANGUAGES
from clinic.events.models import EventRow
from tests.accounts.account_words import user_of
from tests.pages import HTMX, fields, soup, text_of

PROFILE = {"full_name": "Asha Rao-Smith", "language": "hi", "timezone": "Asia/Kolkata"}


def events(app, name):
    with app.app_context():
        return db.session.scalars(sa.select(EventRow).filter_by(name=name)).all()


@pytest.mark.parametrize("name", ["asha", "dr_chandra", "esha", "amir", "gita"])
def test_everybody_sees_the_own_account(signed_in, cast, name):
    person = cast.people[name]
    page = signed_in(person).get("/account/")
    assert page.status_code == 200
    assert person.email in text_of(page)
    assert fields(page, "/account/profile")["full_name"] == person.name


def test_the_profile_is_saved(app, signed_in, cast):
    client = signed_in(cast.asha)
    answer = client.post("/account/profile", data=PROFILE)
    assert (answer.status_code, answer.location) == (303, "/account/")
    page = client.get("/account/")
    assert "Your profile is saved" in text_of(page)
    assert fields(page, "/account/profile") == {**PROFILE, "csrf_token": ""} | {
        "csrf_token": fields(page, "/account/profile")["csrf_token"]
    }
    assert len(events(app, "user.updated")) == 1
    client.post("/account/profile", data=PROFILE)
    assert len(events(app, "user.updated")) == 1


def test_htmx_is_led_to_the_page(signed_in, cast):
    answer = signed_in(cast.asha).post("/account/profile", data=PROFILE, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/account/")


def test_a_doctor_with_a_new_name_is_found_by_it(signed_in, cast):
    client = signed_in(cast.dr_chandra)
    client.post("/account/profile", data={**PROFILE, "full_name": "Chandra Iyer-Bose"})
    assert "Chandra Iyer-Bose" in text_of(client.get(f"/doctors/{cast.dr_chandra.doctor_id}"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "x" * 121),
        ("full_name", "a\x00b"),
        ("language", "xx"),
        ("timezone", "Europe/Atlantis"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "x" * 41),
    ],
)
def test_what_cannot_be_comes_back(app, signed_in, cast, field, value):
    answer = signed_in(cast.asha).post("/account/profile", data={**PROFILE, field: value})
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}[aria-invalid=true]")
    assert user_of(app, cast.asha).full_name == "Asha Rao"


def test_without_a_zone_the_clinics_own_counts(app, signed_in, cast):
    client = signed_in(cast.esha)
    client.post("/account/profile", data={**PROFILE, "timezone": "Asia/Kolkata"})
    assert user_of(app, cast.esha).timezone == "Asia/Kolkata"
    client.post("/account/profile", data={**PROFILE, "timezone": ""})
    assert user_of(app, cast.esha).timezone is None


@pytest.mark.parametrize(
    "changes",
    [{"role": "admin"}, {"email": "x@cast.example"}, {"full_name": None}, {"language": None},
     {"timezone": "nowhere"}, {"timezone": "UTC" * 20}, {"full_name": "\x00"}],
)  # fmt: skip
def test_the_command_checks_for_itself(in_app, cast, changes):
    with pytest.raises(ClinicError) as refused:
        update_own(cast.asha.user_id, changes, cast.asha.actor)
    assert refused.value.status == 400
    assert refused.value.errors[0].field == next(iter(changes))


def test_every_language_and_zone_of_the_lists_can_be_stored():
    assert all(len(key) <= 8 for key in LANGUAGES)
    assert len(clock.usual_zones()) > 300
    assert {"UTC", "Europe/London", "Asia/Kolkata"} <= set(clock.usual_zones())
    assert all(len(name) <= 40 and clock.zone(name) for name in clock.usual_zones())


def test_a_zone_is_chosen_from_a_list(signed_in, cast):
    client = signed_in(cast.asha)
    client.post("/account/profile", data={**PROFILE, "timezone": "Asia/Kolkata"})
    zones = soup(client.get("/account/")).select("select#timezone option")
    assert [zone["value"] for zone in zones[:2]] == ["", "UTC"]
    assert [zone["value"] for zone in zones if zone.has_attr("selected")] == ["Asia/Kolkata"]
