"""Every page for patients says whose it is, and where help is found."""

import pytest
from bs4 import Tag

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.proof import keys
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.core.data.db import db, transactional
from clinic.messaging.models import Message
from clinic.organisations import service as organisations
from clinic.organisations.site.queries import addresses
from tests.cast import at
from tests.factories import book
from tests.pages import soup, text_of
from tests.questions import asked

PUBLIC = ["/", "/?specialisation=cardiology", "/login", "/signup", "/forgot", "/forgot/sent",
          "/signup/clinic", "/no-such-page", "/visit/nonsense", "/reset/nonsense"]  # fmt: skip
OWN = ["/account/", "/account/security", "/account/two-factor", "/appointments/",
       "/board/", "/no-such-page"]  # fmt: skip


def foot(answer) -> str:
    found = soup(answer).find("footer")
    assert isinstance(found, Tag)
    return " ".join(found.get_text(" ").split())


def brand(answer) -> str:
    return soup(answer).select_one("header .brand span").get_text()


@pytest.fixture
def alone(app, cast):
    """Harbour Clinic is the only one."""
    with app.app_context():
        organisations.deactivate(cast.elsewhere, cast.gita.actor)
    app.extensions["sites"].clear()


@pytest.mark.parametrize("path", PUBLIC)
def test_the_only_clinic_is_said_everywhere(client, alone, path):
    answer = client.get(path)
    assert brand(answer) == "Harbour Clinic"
    assert soup(answer).title.get_text().endswith(" - Harbour Clinic")
    said = foot(answer)
    assert "Harbour Clinic, Quay Street, 14 Quay Street" in said
    assert "020\N{NO-BREAK SPACE}7946\N{NO-BREAK SPACE}0142" in answer.text
    links = {link["href"] for link in soup(answer).find("footer").find_all("a")}
    assert {"tel:+442079460142", "tel:999"} <= links
    assert "In an emergency call 999" in said


@pytest.mark.parametrize("path", PUBLIC)
def test_of_several_the_emergency_lines_of_their_countries_are_said(client, path):
    answer = client.get(path)
    assert brand(answer) == "Clinic"
    assert "In an emergency call 999 (United Kingdom), 112 (India)" in foot(answer)
    assert "Call 020" not in foot(answer)


@pytest.mark.parametrize("path", OWN)
def test_the_one_clinic_of_a_patient_is_theirs(app, signed_in, cast, path):
    with app.app_context():
        book(cast.asha, cast.dr_chandra, at("09:00"))
    answer = signed_in(cast.asha).get(path)
    assert brand(answer) == "Harbour Clinic"
    assert "In an emergency call 999" in foot(answer)


def test_who_works_somewhere_reads_its_name_on_errors_too(signed_in, cast):
    answer = signed_in(cast.esha).get("/no-such-page")
    assert brand(answer) == "Harbour Clinic"


def test_a_doctors_pages_are_those_of_the_clinic(client, signed_in, cast):
    start = at("09:30").isoformat()
    query = {"doctor": str(cast.dr_chandra.doctor_id), "start": start}
    following = f"/appointments/new?doctor={cast.dr_chandra.doctor_id}&start=2026-11-16T09:30Z"
    pages = [
        client.get(f"/doctors/{cast.dr_chandra.doctor_id}"),
        client.get("/appointments/new", query_string=query),
        client.get("/login", query_string={"next": following}),
        client.get("/signup", query_string={"next": following}),
        signed_in(cast.asha).get("/appointments/new", query_string=query),
    ]
    for answer in pages:
        assert brand(answer) == "Harbour Clinic"
        said = foot(answer)
        assert "Harbour Clinic, Quay Street, 14 Quay Street" in said
        assert "In an emergency call 999" in said


def test_links_from_a_letter_carry_the_clinic(app, client, cast):
    with app.app_context():
        token = _token_of(cast.esha.user_id)
    assert brand(client.get(f"/reset/{token}")) == "Harbour Clinic"


@transactional
def _token_of(user_id) -> str:
    return keys._token(Purpose.RESET, keys.issue(user_id, Purpose.RESET))


@pytest.mark.parametrize(("who", "name"), [("esha", "Harbour Clinic"), ("asha", "Clinic")])
def test_a_reset_letter_says_whose_account_it_is(in_app, cast, who, name):
    person = getattr(cast, who)
    recovery.send_reset(_key_of(person.user_id))
    letter = db.session.query(Message).filter_by(template="reset").one()
    assert f"{name}" in letter.body


@transactional
def _key_of(user_id):
    return keys.issue(user_id, Purpose.RESET)


def test_a_change_is_said_on_the_front_page_at_once_and_elsewhere_within_a_minute(
    app, client, alone, cast
):
    assert brand(client.get("/login")) == "Harbour Clinic"
    with app.app_context():
        organisations.update(cast.harbour, {"name": "Port Clinic"}, THE_SYSTEM)
    assert brand(client.get("/")) == "Port Clinic"
    assert brand(client.get("/login")) == "Port Clinic"


def test_nobody_asks_twice(app, client, cast):
    client.get("/login")
    with app.app_context(), asked() as statements:
        client.get("/login")
        client.get("/no-such-page")
    assert statements == []


def test_without_the_database_what_is_remembered_is_said(app, client, alone):
    client.get("/login")
    sites = app.extensions["sites"]
    with app.app_context():
        assert sites.remembered().name == "Harbour Clinic"
        sites.clear()
        assert sites.remembered().name == "Clinic"


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([], ""),
        ([("Quay Street", "14 Quay Street")], "Quay Street, 14 Quay Street"),
        ([("harbour  clinic", "14 Quay Street")], "14 Quay Street"),
        ([("Quay Street", "")], "Quay Street"),
        ([("A", "1 A"), ("B", None)], "A, 1 A; B"),
        ([("A", ""), ("B", ""), ("C", ""), ("D", "")], ""),
    ],
)
def test_places_in_a_foot(places, said):
    assert addresses("Harbour Clinic", places) == said


def test_the_number_of_a_clinic_is_written_as_at_home(client, alone):
    assert "Need help? Call 020 7946 0142" in text_of(client.get("/login")).replace("\xa0", " ")
