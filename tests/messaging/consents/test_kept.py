"""What somebody agreed to is kept with the number: which words, who, when, how. For ever."""

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.messaging.consents.models import TextConsent
from clinic.patients.imports import service as imports
from tests.cast import PASSWORD
from tests.pages import fields, soup

NEW = {
    "full_name": "Noor Aziz",
    "email": "noor@cast.example",
    "phone": "+44 7400 123456",
    "password": "three small words",
}


def kept(app):
    with app.app_context():
        rows = db.session.scalars(sa.select(TextConsent).order_by(TextConsent.at)).all()
        db.session.expunge_all()
    return rows


def test_who_signs_up_reads_the_words_and_they_are_kept(app, client):
    page = client.get("/signup")
    form = fields(page, "/signup")
    assert form["text_words"] == "any-1"
    assert "may charge" in soup(page).form.text
    assert client.post("/signup", data=form | NEW).status_code == 303
    (row,) = kept(app)
    assert (row.address, row.is_given, row.how, row.words) == (
        "+447400123456",
        True,
        "page",
        "any-1",
    )
    assert "texts from Clinic about appointments" in row.shown
    assert row.by_user_id
    assert row.organisation_id is None  # of several


def test_a_slot_says_whose_texts(app, client, cast):
    slot = f"/appointments/new?doctor={cast.dr_chandra.doctor_id}&start=2026-11-16T09:00Z"
    page = client.get("/signup", query_string={"next": slot})
    form = fields(page, "/signup")
    assert form["next"] == slot
    assert client.post("/signup", data=form | NEW).status_code == 303
    (row,) = kept(app)
    assert row.organisation_id == cast.harbour
    assert row.shown.startswith("Harbour Clinic ")


def test_whom_nobody_showed_words_agreed_to_none(app, client):
    assert client.post("/signup", data=NEW | {"text_words": "us-9"}).status_code == 303
    assert kept(app) == []


@pytest.mark.parametrize(("ticked", "many"), [({"agreed": "y"}, 1), ({}, 0)])
def test_the_desk_reads_out_and_ticks(app, signed_in, cast, ticked, many):
    desk = signed_in(cast.esha)
    form = fields(desk.get("/patients/new"), "/patients/new")
    assert form["text_words"] == "eu-1-desk"
    assert "agreed" not in form
    given = form | ticked | {"full_name": "Ines Gomes", "phone": "07400 123458"}
    assert desk.post("/patients/new", data=given).status_code == 303
    rows = kept(app)
    assert len(rows) == many
    for row in rows:
        assert (row.how, row.by_user_id, row.organisation_id) == (
            "desk", cast.esha.user_id, cast.harbour,
        )  # fmt: skip
        assert row.shown.startswith("May Harbour Clinic text")


def test_a_new_number_of_an_account(app, signed_in, cast):
    asha = signed_in(cast.asha)
    words = soup(asha.get("/account/phone")).find("input", {"name": "text_words"})["value"]
    given = {"text_words": words, "target": "+44 7400 123459", "password": PASSWORD}
    assert asha.post("/account/phone", data=given).status_code == 303
    (row,) = kept(app)
    assert (row.address, row.how, row.by_user_id) == ("+447400123459", "account", cast.asha.user_id)
    assert asha.post("/account/email", data={"target": "a@cast.example", "password": PASSWORD})
    assert len(kept(app)) == 1


def test_a_list_notes_where_numbers_come_from(app, cast):
    with app.app_context():
        text = "full_name,phone\nIna One,07400 123461\nIlo Two,07400 123461\nIda Three,\n"
        import_id = imports.start_import(cast.harbour, text, cast.esha.actor)
        imports.begin(import_id)
    (row,) = kept(app)
    assert (row.address, row.how, row.words) == ("+447400123461", "import", None)
    assert (row.by_user_id, row.organisation_id) == (cast.esha.user_id, cast.harbour)


def test_nothing_changes_or_removes_a_row(both):
    with both.app.app_context():
        imports.begin(imports.start_import(
            both.cast.harbour, "full_name,phone\nIna One,07400 123461\n", both.cast.esha.actor
        ))  # fmt: skip
        for change in (sa.update(TextConsent).values(is_given=False), sa.delete(TextConsent)):
            with pytest.raises(sa.exc.DBAPIError, match="append-only"):
                db.session.execute(change)
            db.session.rollback()
