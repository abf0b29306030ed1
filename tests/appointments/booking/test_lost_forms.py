"""A form that outlives its cookie keeps what was chosen and typed."""

from urllib.parse import parse_qs, urlsplit

import pytest

from clinic.core import clock
from tests.appointments.booking.test_pages import BOOK, CHOOSE, open_form, visits
from tests.cast import at
from tests.pages import HTMX, fields, soup, text_of


@pytest.fixture
def form(app, signed_in, cast):
    """Asha's, with her token and her reason."""
    app.config["WTF_CSRF_ENABLED"] = True
    return open_form(signed_in(cast.asha), cast.dr_chandra) | {"channel": "email"}


def following(answer):
    """Where sign-in leads afterwards."""
    return parse_qs(urlsplit(answer.location or answer.headers["HX-Redirect"]).query)["next"][0]


def again(answer):
    """Where the button leads."""
    (link,) = (one for one in soup(answer).find_all("a") if "Open it again" in one.get_text())
    return link["href"]


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("path", [BOOK, CHOOSE])
def test_whoever_was_signed_out_signs_in_and_finds_it_again(
    app, client, signed_in, cast, form, headers, path
):
    answer = client.post(path, data=form, headers=headers)
    where = following(answer)
    assert "Chest" not in where
    found = fields(signed_in(cast.asha).get(where), BOOK)
    for name in ("doctor", "start", "reason", "channel"):
        assert found[name] == form[name]
    assert visits(app) == []


def test_what_was_typed_is_kept_for_an_hour(app, client, signed_in, cast, form):
    where = following(client.post(BOOK, data=form))
    with clock.travelled(at("08:00")):
        assert fields(signed_in(cast.asha).get(where), BOOK)["reason"] == ""


@pytest.mark.parametrize("kept", ["", "nonsense", "gAAAAA"])
def test_what_nobody_kept_is_an_empty_form(signed_in, cast, kept):
    query = {"doctor": str(cast.dr_chandra.doctor_id), "start": at("09:00").isoformat()}
    answer = signed_in(cast.asha).get("/appointments/new", query_string={**query, "kept": kept})
    assert fields(answer, BOOK)["reason"] == ""


def test_another_person_reads_who_is_signed_in_and_books_for_themselves(app, signed_in, cast, form):
    bela = signed_in(cast.bela)
    answer = bela.post(BOOK, data=form)
    assert answer.status_code == 400
    assert f"You are signed in as {cast.bela.name} now" in text_of(answer)
    shown = fields(answer, BOOK)
    assert shown["reason"] == form["reason"]
    assert bela.post(BOOK, data=shown).status_code == 303
    assert [one.patient_id for one in visits(app)] == [cast.bela.patient_id]


def test_other_forms_say_who_is_signed_in_and_lead_back(app, signed_in, cast):
    app.config["WTF_CSRF_ENABLED"] = True
    sent = {"Referer": "http://localhost/account/?tab=1"}
    answer = signed_in(cast.asha).post("/logout", headers=sent)
    assert answer.status_code == 400
    assert "Go back" not in text_of(answer)
    assert again(answer) == "/account/?tab=1"


def test_a_stranger_s_referrer_is_not_followed(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/login", headers={"Referer": "https://evil.example/login"})
    assert answer.status_code == 400
    assert "keep the cookies" in text_of(answer)
    assert again(answer) == "/login"
