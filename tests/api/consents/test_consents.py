"""A program names the words it showed below a number."""

import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.messaging.consents.models import TextConsent

NEW = {
    "full_name": "Noor Aziz",
    "email": "noor@cast.example",
    "phone": "+447400123456",
    "password": "three small words",
}


def kept(app):
    with app.app_context():
        return [(one.how, one.words) for one in db.session.scalars(sa.select(TextConsent))]


def test_who_signs_up_by_program(app, api, cast):
    program = api(None)
    words = program.get(f"/text-consents/words?organisation_id={cast.harbour}").json
    assert words["text"].startswith("Harbour Clinic texts this number")
    new = NEW | {"text_words": words["key"]}
    assert program.post("/auth/patient/signup", new).status_code == 201
    assert kept(app) == [("api", "eu-1")]
    again = new | {"email": "b@cast.example", "text_words": "eu-7"}
    assert program.post("/auth/patient/signup", again).status_code == 400
    assert (
        program.get("/text-consents/words?read_out=true").json["key"] == "any-1-desk"
    )  # of several


def test_whom_a_desk_registers_by_program(app, api, cast):
    patient = {"full_name": "Ines Gomes", "phone": "+447400123458"}
    assert api(cast.esha).post("/patients", patient).status_code == 201
    assert kept(app) == []
    patient |= {"text_words": "eu-1-desk"}
    assert api(cast.esha).post("/patients", patient).status_code == 201
    assert kept(app) == [("api", "eu-1-desk")]
