"""One box, the earliest first, only what exists, and never a dead end."""

from datetime import time
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.facts import UserUpdated
from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.doctors import profiles, versions
from clinic.doctors.service import on_user_changed
from clinic.organisations import service as organisations
from clinic.schedules import service as schedules
from tests.cast import TODAY
from tests.conftest import client_of
from tests.factories import known_to, withdraw_all
from tests.pages import soup, text_of
from tests.questions import asked


def found(answer):
    return [one.get_text(strip=True).split()[1] for one in soup(answer).select("#results h3 a")]


def options(answer, name):
    return [one.text for one in soup(answer).select(f"select[name={name}] option")]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("heart", ["Chandra"]),
        ("skin", ["Dev"]),
        ("my itchy skin", ["Dev"]),
        ("headache", ["Hana"]),
        ("heart or skin", ["Chandra", "Dev"]),
        ("cardiologist", ["Chandra"]),
        ("Dr Iyer", ["Chandra"]),
        ("iyer, chandra", ["Chandra"]),
        ("patel dermatology", ["Dev"]),
        ("patel cardiology", []),
        ("tooth", []),
        ("doctor", ["Chandra", "Dev", "Hana"]),
        ("a", ["Chandra", "Dev", "Hana"]),
        ("/", ["Chandra", "Dev", "Hana"]),
        ("//", []),
    ],
)
def test_a_search_as_people_say_it_by_page_and_program(client, q, names):
    assert sorted(found(client.get("/", query_string={"q": q}))) == names
    items = client.get("/api/v1/doctors", query_string={"q": q}).json["items"]
    assert [one["name"].split()[1] for one in items] == names


@transactional
def _called(doctor, name):
    db.session.execute(sa.update(User).where(User.id == doctor.user_id).values(full_name=name))
    fact = UserUpdated(organisation_id=doctor.organisation_id, user_id=doctor.user_id)
    on_user_changed(fact)


@pytest.mark.parametrize(
    ("q", "is_found"),
    [
        ("M\u00fcller", True), ("Mu\u0308ller", True), ("muller", True), ("MUELLER", True),
        ("mueller-luedenscheidt", True), ("obrien", True), ("o\u2019brien", True),
        ("jos\u00e9", True), ("jose skin", True), ("Dr. Jose M\u00fcller, dermatology", True),
        ("mueller cardiology", False), ("millar", False), ("--", False), ("%%", False),
    ],
)  # fmt: skip
def test_names_of_doctors_are_folded(both, q, is_found):
    """As those of patients: without marks, and with two letters for one."""
    with both.app.app_context():
        _called(both.cast.dr_dev, "Dr Jos\u00e9 M\u00fcller-L\u00fcdenscheidt O\u2019Brien")
        db.session.remove()
    client = both.app.test_client()
    got = found(client.get("/", query_string={"q": q}))
    assert ("Jos\u00e9" in got) is is_found
    items = client.get("/api/v1/doctors", query_string={"q": q}).json["items"]
    assert [one["name"].split()[1] for one in items] == got


def test_two_spellings_are_one_statement(app, client):
    costs = []
    for q in ("patel", "mueller patel"):
        with app.app_context(), asked() as statements:
            client.get("/", query_string={"q": q})
        costs.append(len(statements))
    assert costs[1] <= costs[0]


def test_whoever_clears_the_filters_goes_on_for_the_same_patient(app, cast):
    """And so does who chooses a specialty instead."""
    with app.app_context():
        known_to(cast.harbour, cast.asha)
        db.session.remove()
    whose = str(cast.asha.patient_id)
    page = client_of(app, cast.esha).get("/", query_string={"q": "nobody", "patient": whose})
    cleared = soup(page).find("a", string="Clear filters")
    assert cleared["href"] == f"/?patient={whose}"
    others = soup(page).select("#results ul.row a")
    assert others
    assert all(f"patient={whose}" in one["href"] for one in others)


def test_whoever_is_free_first_stands_first(app, client, cast):
    assert found(client.get("/")) == ["Chandra", "Dev", "Hana"]
    with app.app_context():
        withdraw_all(cast.dr_chandra)
        later = schedules.NewWindow(cast.quay_street, time(9), time(10), weekday=2)
        schedules.publish_window(cast.dr_chandra.doctor_id, later, THE_SYSTEM)
        withdraw_all(cast.dr_dev)
    assert found(client.get("/")) == ["Hana", "Chandra", "Dev"]


def test_too_many_to_rank_stand_by_name(client, monkeypatch):
    monkeypatch.setattr(versions, "MOST_RANKED", 2)
    monkeypatch.setattr(versions, "PAGE", 1)
    answer, names = client.get("/"), []
    assert "By name." in text_of(answer)
    while True:
        names += found(answer)
        more = soup(answer).find("a", href=lambda href: href and "cursor=" in href)
        if not more:
            break
        answer = client.get(more["href"])
    assert names == ["Chandra", "Dev", "Hana"]


def test_the_choices_are_what_bookable_doctors_offer(app, client, cast):
    answer = client.get("/")
    assert options(answer, "specialisation") == [
        "Any specialty", "Cardiology", "Dermatology", "Neurology",
    ]  # fmt: skip
    assert options(answer, "location") == ["Any location", "Far Street", "Quay Street"]
    assert options(answer, "language") == ["Any language", "English"]
    with app.app_context():
        withdraw_all(cast.dr_hana)
        organisations.add_location(cast.harbour, "Empty Lane", "")
        speaks = {"languages": ["pl", "bn", "en"]}
        profiles.upsert_profile(cast.dr_dev.user_id, speaks, THE_SYSTEM)
    answer = client.get("/")
    assert options(answer, "specialisation") == ["Any specialty", "Cardiology", "Dermatology"]
    assert options(answer, "location") == ["Any location", "Quay Street"]
    assert options(answer, "language") == ["Any language", "Bengali", "English", "Polish"]


def test_a_window_that_is_over_is_no_choice(app, client, cast):
    with app.app_context():
        withdraw_all(cast.dr_hana)
        over = schedules.NewWindow(
            cast.far_street, time(9), time(10), weekday=0, valid_until=TODAY.replace(day=2)
        )
        schedules.publish_window(cast.dr_hana.doctor_id, over, THE_SYSTEM)
    assert options(client.get("/"), "location") == ["Any location", "Quay Street"]


def test_places_of_one_name_say_whose_they_are(app, client, cast):
    with app.app_context():
        organisations.add_location(cast.elsewhere, "Quay Street", "")
        same = schedules.NewWindow(None, time(14), time(15), weekday=0, location="Quay Street")
        schedules.publish_window(cast.dr_hana.doctor_id, same, THE_SYSTEM)
    assert options(client.get("/"), "location")[2:] == [
        "Quay Street (Far Hospital)", "Quay Street (Harbour Clinic)",
    ]  # fmt: skip


def test_what_is_chosen_is_shown_though_nobody_offers_it(client):
    page = soup(client.get("/?specialisation=oncology&language=fr"))
    chosen = [one.text for one in page.select("option[selected]")]
    assert {"Oncology", "French"} <= set(chosen)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-11-22", "None on Sun 22 Nov. Next: Mon 23 Nov"),
        ("2026-11-23", "Next free: Mon 23 Nov"),
        ("2027-03-01", "None on Mon 1 Mar 2027. No free times that match"),
        ("2020-01-01", "Next free: Mon 16 Nov"),
    ],
)
def test_a_day_without_times_is_named_with_the_next(client, day, words):
    assert words in text_of(client.get(f"/?specialisation=cardiology&date={day}"))


FILTERS = {"q": "heart", "date": "2026-12-09", "part": "morning", "language": "en"}


def test_filters_go_along_to_the_week_and_back(client, cast):
    query = {**FILTERS, "location": str(cast.quay_street)}
    page = soup(client.get("/", query_string=query))
    (week,) = [one["href"] for one in page.select("#results a.btn-quiet")]
    assert {name: one[0] for name, one in parse_qs(urlsplit(week).query).items()} == {
        **query, "week": "2026-W50",
    }  # fmt: skip
    answer = client.get(week)
    assert "7 to 13 Dec" in text_of(answer)
    arrows = [one["href"] for one in soup(answer).select("#week a.btn-icon")]
    assert all("location=" in one and "part=morning" in one for one in arrows)
    (back,) = [one["href"] for one in soup(answer).select("a.ico") if one.text == "All doctors"]
    assert parse_qs(urlsplit(back).query) == {name: [one] for name, one in query.items()}


def test_a_week_is_that_of_the_day_and_the_part_asked_for(client, cast):
    path = f"/doctors/{cast.dr_chandra.doctor_id}"
    assert "7 to 13 Dec" in text_of(client.get(f"{path}?date=2026-12-09"))
    evening = client.get(f"{path}?part=evening")
    assert soup(evening).select("a.slot") == []
    assert "Only times in the evening." in text_of(evening)
    elsewhere = client.get(f"{path}?location={cast.far_street}")
    assert soup(elsewhere).select("a.slot") == []
    assert "Only times at the place you chose. Show all times" in text_of(elsewhere)


@pytest.mark.parametrize(
    "query", ["q=unicorn", "q=tooth", "language=fr", "specialisation=oncology"]
)
def test_where_nothing_matches_there_is_a_way_on(client, query):
    page = soup(client.get(f"/?{query}"))
    links = {one.text: one["href"] for one in page.select("#results a")}
    assert list(links) == ["Cardiology", "Dermatology", "Neurology", "Clear filters"]
    assert found(client.get(links["Cardiology"])) == ["Chandra"]


def test_this_week_is_promised_only_if_so(app, client, cast):
    assert "See the right doctor, this week." in text_of(client.get("/"))
    with app.app_context():
        for doctor in (cast.dr_chandra, cast.dr_dev, cast.dr_hana):
            withdraw_all(doctor)
        later = schedules.NewWindow(cast.quay_street, time(9), time(10), on=TODAY.replace(day=23))
        schedules.publish_window(cast.dr_dev.doctor_id, later, THE_SYSTEM)
    assert "this week" not in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("person", "names", "is_linked"),
    [
        ("asha", ["Chandra", "Dev", "Hana"], True),
        ("esha", ["Chandra", "Dev"], True),
        ("amir", ["Chandra", "Dev"], True),
        ("farid", ["Hana"], True),
        ("dr_chandra", ["Chandra", "Dev"], False),
        ("gita", ["Chandra", "Dev", "Hana"], False),
    ],
)
def test_at_work_there_are_own_doctors_and_only_links_that_work(
    app, cast, person, names, is_linked
):
    reader = client_of(app, getattr(cast, person))
    for _ in range(2):  # made, and kept
        answer = reader.get("/")
        assert found(answer) == names
        assert bool(soup(answer).select(".slots a.slot")) is is_linked
        assert bool(soup(answer).select(".slots span.slot")) is not is_linked
    for link in soup(answer).select(".slots a.slot")[:1]:
        assert reader.get(link["href"]).status_code == 200


@pytest.mark.parametrize(
    ("person", "is_linked"), [("esha", False), ("farid", True), ("asha", True)]
)
def test_a_week_elsewhere_is_to_be_read_alone(app, cast, person, is_linked):
    answer = client_of(app, getattr(cast, person)).get(f"/doctors/{cast.dr_hana.doctor_id}")
    assert bool(soup(answer).select("a.slot")) is is_linked
    assert bool(soup(answer).select("span.slot")) is not is_linked
    assert ("not book them" in text_of(answer)) is not is_linked


def test_who_where_and_the_emergency_stand_before_the_times(client, cast):
    text = text_of(client.get(f"/doctors/{cast.dr_chandra.doctor_id}"))
    marks = ("Cardiology, 10 years", "Harbour Clinic, Quay Street", "Call 999", "09:00", "GMC-10")
    places = [text.index(one) for one in marks]
    assert places == sorted(places)
