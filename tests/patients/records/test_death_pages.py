"""The desk says yes or no to a death that another clinic noted, by page and by program."""

import pytest

from clinic.patients.people import queries
from clinic.patients.records import service as records
from tests.api.conftest import Caller
from tests.cast import TODAY
from tests.factories import known_to
from tests.pages import HTMX, root_id, soup, text_of

PAGE = "/patients/deaths"


@pytest.fixture
def noted(app, cast):
    """Both clinics know Asha; Harbour Clinic notes that she died."""
    with app.app_context():
        for place in (cast.harbour, cast.elsewhere):
            known_to(place, cast.asha)
        records.update(cast.harbour, cast.asha.patient_id, {"died_on": TODAY}, cast.esha.actor)


def here(app, cast):
    with app.app_context():
        return queries.one(cast.farid.actor, cast.asha.patient_id)


@pytest.mark.usefixtures("noted")
def test_the_other_desk_is_led_to_it(signed_in, cast):
    client = signed_in(cast.farid)
    assert soup(client.get("/messages/")).find("a", href=PAGE)
    page = text_of(client.get(PAGE))
    assert "Asha Rao" in page
    assert "Another organisation notes that they died" in page
    assert "Harbour" not in page  # which one is not theirs to know
    own = signed_in(cast.esha)
    assert soup(own.get("/messages/")).find("a", href=PAGE) is None
    assert "Nothing to confirm" in text_of(own.get(PAGE))


@pytest.mark.usefixtures("noted")
@pytest.mark.parametrize(("answer", "died_on"), [("confirm", TODAY), ("dismiss", None)])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_it_decides_by_page(app, signed_in, cast, answer, died_on, headers):
    client = signed_in(cast.farid)
    done = client.post(f"/patients/{cast.asha.patient_id}/death/{answer}", headers=headers)
    if headers:
        assert (done.status_code, root_id(done)) == (200, "deaths")
    else:
        assert (done.status_code, done.location) == (303, PAGE)
    assert (here(app, cast).died_on, here(app, cast).death_noted_elsewhere) == (died_on, None)
    assert "Nothing to confirm" in text_of(client.get(PAGE))


@pytest.mark.usefixtures("noted")
@pytest.mark.parametrize(("answer", "died_on"), [("confirm", str(TODAY)), ("dismiss", None)])
def test_it_decides_by_program(app, cast, answer, died_on):
    farid, path = Caller(app, cast.farid), f"/patients/{cast.asha.patient_id}"
    assert farid.get(path).json["death_noted_elsewhere"] == str(TODAY)
    done = farid.post(f"{path}/death-note/{answer}")
    assert (done.status_code, done.json["died_on"]) == (200, died_on)
    assert done.json["death_noted_elsewhere"] is None
    again = farid.post(f"{path}/death-note/dismiss")
    assert again.status_code == (409 if died_on is None else 200)
