"""An idle screen locks in place: who it is stays known, and nothing typed is lost."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.models import UserSession
from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.db import db
from tests.accounts.account_words import with_two_factor
from tests.cast import NOW, PASSWORD, at
from tests.conftest import client_of
from tests.factories import scheduled, set_rules
from tests.pages import HTMX, fields, happened, is_whole_page, root_id, soup, text_of

IDLE = NOW + timedelta(minutes=31)  # for everybody
JSON = {"Accept": "application/json"}


@pytest.fixture
def locked(app, cast, monday_morning):
    """A browser of that person whose screen has locked meanwhile."""

    def lock(person):
        client = client_of(app, person)
        monday_morning.move_to(IDLE)
        return client

    return lock


def slot(cast):
    return {
        "doctor": str(cast.dr_chandra.doctor_id),
        "start": at("10:00").isoformat(),
        "reason": "A cough <that> lasts",
        "channel": "sms",
    }


def visits(app):
    with app.app_context():
        return db.session.scalars(sa.select(Appointment)).all()


def test_a_locked_page_asks_who_is_known_for_the_password_alone(locked, cast):
    answer = locked(cast.esha).get("/board/?day=2026-11-16")
    assert answer.status_code == 401
    assert "Esha Gill" in text_of(answer)
    assert cast.esha.email not in answer.text
    form = fields(answer, "/unlock")
    assert form["next"] == "/board/?day=2026-11-16"
    assert soup(answer).find("a", href="/forgot")
    assert fields(answer, "/logout")["next"] == "/login"


def test_the_password_opens_it_where_it_was(locked, cast):
    client = locked(cast.esha)
    form = fields(client.get("/board/?day=2026-11-16"), "/unlock")
    answer = client.post("/unlock", data={**form, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/board/?day=2026-11-16")
    assert client.get(answer.location).status_code == 200


def test_a_wrong_password_leaves_it_locked(locked, cast):
    client = locked(cast.esha)
    for wrong in ("a wrong one", ""):
        answer = client.post("/unlock", data={"password": wrong, "next": "/board/"})
        assert answer.status_code == 422
        assert fields(answer, "/unlock")["next"] == "/board/"
        assert client.get("/board/").status_code == 401


def test_wrong_passwords_count_by_themselves(locked, cast, client):
    screen = locked(cast.esha)
    for _ in range(10):
        assert screen.post("/unlock", data={"password": "a wrong one"}).status_code == 422
    answer = screen.post("/unlock", data={"password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert soup(answer).find("form", action="/unlock")
    login = {"email": cast.esha.email, "password": PASSWORD}
    assert client.post("/login", data=login).status_code == 303


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_it_leads_nowhere_else(locked, cast, target):
    form = {"password": PASSWORD, "next": target}
    assert locked(cast.esha).post("/unlock", data=form).location == "/"


def test_htmx_opens_the_dialog_over_the_page(locked, cast):
    client = locked(cast.esha)
    for headers in (HTMX, {**HTMX, "X-Live": "1"}):
        answer = client.get("/board/", headers=headers)
        assert (answer.status_code, answer.text) == (401, "")
        assert happened(answer) == {"session-locked": True}
    wrong = client.post("/unlock", data={"password": "a wrong one"}, headers=HTMX)
    assert (wrong.status_code, root_id(wrong)) == (422, "lock")
    right = client.post("/unlock", data={"password": PASSWORD}, headers=HTMX)
    assert (right.status_code, happened(right)) == (204, {"session-unlocked": True})
    assert client.get("/board/", headers=HTMX).status_code == 200


def test_htmx_changes_nothing_while_locked(app, locked, cast):
    with app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra)
    client = locked(cast.esha)
    answer = client.post(f"/appointments/{visit.id}/check-in", headers=HTMX)
    assert (answer.status_code, happened(answer)) == (401, {"session-locked": True})
    assert [visit.status for visit in visits(app)] == ["scheduled"]


@pytest.mark.parametrize(("name", "shell"), [("asha", "/appointments/"), ("esha", "/board/")])
def test_pages_of_signed_in_people_carry_the_dialog(app, signed_in, cast, name, shell):
    person = cast.people[name]
    dialog = soup(signed_in(person).get(shell)).find("dialog", id="lock-dialog")
    assert dialog["data-idle"] == ("1800" if name == "asha" else "900")
    assert dialog.find("form", action="/unlock")["hx-post"] == "/unlock"
    with app.app_context():
        row = db.session.scalars(sa.select(UserSession)).one()
    assert dialog["data-session"] == str(row.id)
    assert soup(app.test_client().get("/")).find("dialog", id="lock-dialog") is None


def test_what_was_typed_goes_on_with_the_password(app, locked, cast):
    client = locked(cast.asha)
    typed = {**slot(cast), "csrf_token": "of the old form", "new_password": "secret words"}
    answer = client.post("/appointments/?from=here", data=typed)
    assert answer.status_code == 401
    assert visits(app) == []
    form = soup(answer).find("form", action="/appointments/?from=here")
    assert form["method"] == "post"
    carried = fields(answer, "/appointments/?from=here")
    assert {**carried, **slot(cast)} == carried
    assert carried["csrf_token"] != "of the old form"
    assert "secret words" not in answer.text
    assert not form.has_attr("hx-post")
    done = client.post("/appointments/?from=here", data={**carried, "unlock_password": PASSWORD})
    assert done.status_code == 303
    (visit,) = visits(app)
    assert visit.reason == "A cough <that> lasts"
    assert client.get("/appointments/").status_code == 200


def test_a_wrong_password_there_carries_it_all_once_more(app, locked, cast):
    client = locked(cast.asha)
    sent = {**slot(cast), "unlock_password": "a wrong one"}
    answer = client.post("/appointments/", data=sent)
    assert answer.status_code == 422
    carried = fields(answer, "/appointments/")
    assert {**carried, **slot(cast)} == carried
    assert carried["unlock_password"] == ""
    assert visits(app) == []
    for _ in range(9):
        client.post("/appointments/", data=sent)
    right = client.post("/appointments/", data={**sent, "unlock_password": PASSWORD})
    assert (right.status_code, visits(app)) == (429, [])


def test_every_value_of_a_name_is_carried(locked, cast):
    client = locked(cast.esha)
    answer = client.post("/appointments/", data={"part": ["morning", "evening"]})
    form = soup(answer).find("form", action="/appointments/")
    assert [one["value"] for one in form.find_all("input", attrs={"name": "part"})] == [
        "morning", "evening",
    ]  # fmt: skip


def test_a_form_without_a_token_is_not_carried(app, locked, cast):
    """Or another site could put words into the mouth of whoever unlocks."""
    app.config["WTF_CSRF_ENABLED"] = True
    answer = locked(cast.asha).post("/appointments/", data=slot(cast))
    assert answer.status_code == 400
    assert "A cough" not in answer.text


def test_a_password_in_a_form_opens_nothing_by_another_name(locked, cast):
    client = locked(cast.asha)
    answer = client.post("/appointments/", data={**slot(cast), "password": PASSWORD})
    assert answer.status_code == 401


def test_json_gets_a_plain_401(locked, cast):
    answer = locked(cast.esha).get("/board/", headers=JSON)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_public_pages_do_not_know_who_was_there(locked, cast):
    client = locked(cast.esha)
    page = client.get("/")
    assert page.status_code == 200
    assert "Esha Gill" not in page.text
    assert soup(page).find("a", href="/login")


def test_a_stream_does_not_open_for_a_locked_screen(locked, cast):
    answer = locked(cast.dr_chandra).get(f"/live/doctor/{cast.dr_chandra.doctor_id}")
    assert answer.status_code == 401


def test_an_open_stream_ends_when_the_screen_locks(app, cast):
    from clinic.accounts.sessions import browsers as sessions

    with app.app_context(), clock.travelled(NOW):
        token = sessions.open_session(cast.esha.user_id, "tests")
        person = sessions.load(token)
        assert person.is_still_signed_in()
        with clock.travelled(NOW + timedelta(minutes=15, seconds=1)):
            assert not person.is_still_signed_in()


def test_an_open_stream_ends_when_two_factor_becomes_a_must(app, cast):
    from clinic.accounts.sessions import browsers as sessions

    with app.app_context():
        person = sessions.load(sessions.open_session(cast.esha.user_id, "tests"))
        assert person.is_still_signed_in()
        set_rules(cast.harbour, two_factor_required=True)
        assert not person.is_still_signed_in()


def test_two_factor_is_not_asked_for_again(app, locked, cast):
    with_two_factor(app, cast.esha)
    client = locked(cast.esha)
    client.post("/unlock", data={"password": PASSWORD})
    assert client.get("/board/").status_code == 200


def test_after_twelve_hours_it_is_an_ordinary_login(app, cast):
    with clock.travelled(NOW):
        client = client_of(app, cast.esha)
    with clock.travelled(NOW + timedelta(hours=12, seconds=1)):
        answer = client.get("/board/")
        assert answer.location == "/login?next=/board/"
        assert client.post("/unlock", data={"password": PASSWORD}).location.startswith("/login")
        assert client.post("/unlock", headers=HTMX).status_code == 401


def test_somebody_else_can_log_in_instead(locked, cast):
    client = locked(cast.esha)
    assert client.post("/logout", data={"next": "/login"}).location == "/login"
    assert client.get("/board/").location.startswith("/login")
    login = {"email": cast.amir.email, "password": PASSWORD}
    assert client.post("/login", data=login).location == "/board/"


def test_logging_out_of_a_locked_screen_ends_its_session(app, locked, cast):
    locked(cast.esha).post("/logout")
    with app.app_context():
        assert db.session.scalars(sa.select(UserSession)).one().ended_at is not None


def test_a_page_of_whoever_was_here_before_is_not_uncovered(app, signed_in, cast):
    """Two tabs: in the other one somebody else has logged in since."""
    client = signed_in(cast.esha)
    before = fields(client.get("/board/"), "/unlock")
    login = {"email": cast.amir.email, "password": PASSWORD}
    client.post("/logout")
    client.post("/login", data=login)
    answer = client.post("/unlock", data={**before, "password": PASSWORD}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/")


def test_an_awake_session_asks_for_the_password_all_the_same(signed_in, cast):
    """The timer of a page may close it before the server would."""
    client = signed_in(cast.esha)
    wrong = client.post("/unlock", data={"password": "a wrong one"}, headers=HTMX)
    assert wrong.status_code == 422
    right = client.post("/unlock", data={"password": PASSWORD}, headers=HTMX)
    assert happened(right) == {"session-unlocked": True}


def test_nobody_unlocks_without_a_session(client):
    assert client.post("/unlock", data={"password": PASSWORD}).location.startswith("/login")


def test_the_lock_is_a_whole_page_of_its_own(locked, cast):
    client = locked(cast.esha)
    assert is_whole_page(client.get("/board/"))
    assert is_whole_page(client.get("/board/", headers={**HTMX, "HX-Boosted": "true"}))
    assert is_whole_page(client.post("/unlock", data={"password": ""}))
