"""What the desk does to a visit names the person: a name alone may be two people's."""

from datetime import date

import pytest

from clinic.core.data.db import db
from clinic.patients.models import Patient
from tests.factories import scheduled
from tests.pages import HTMX, soup, text_of


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra, "10:00")
        db.session.get(Patient, visit.patient_id).birth_date = date(1988, 5, 17)
        db.session.commit()
        return visit


@pytest.mark.parametrize("page", ["cancel", "reschedule", "done"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_each_act_says_whom_it_is_about(signed_in, cast, visit, page, headers):
    answer = signed_in(cast.esha).get(f"/appointments/{visit.id}/{page}", headers=headers)
    assert f"{cast.asha.name}, born 17 May 1988" in text_of(answer)


def test_the_button_that_cancels_says_whom(signed_in, cast, visit):
    answer = signed_in(cast.esha).get(f"/appointments/{visit.id}/cancel")
    button = soup(answer).find("button", class_="btn-danger")
    assert button.get_text() == f"Cancel {cast.asha.name}, 10:00"


def test_patients_are_not_told_their_own_name(signed_in, cast, visit):
    answer = signed_in(cast.asha).get(f"/appointments/{visit.id}/cancel", headers=HTMX)
    assert cast.asha.name not in text_of(answer)
    assert "Cancel appointment" in text_of(answer)
