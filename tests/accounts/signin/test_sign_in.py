"""Signing in and out by the page, and what guessing meets."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts import jobs
from clinic.accounts.models import FailedTry, User, UserSession
from clinic.accounts.proof import passwords
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.fingerprints import fingerprint
from clinic.events.models import EventRow
from clinic.factory import create_app
from tests.cast import NOW, PASSWORD
from tests.conftest import settings_for
from tests.pages import HTMX, fields, soup, text_of


def log_in(client, email, password=PASSWORD, address="192.0.2.1", **more):
    form = {"email": email, "password": password, **more}
    return client.post("/login", data=form, environ_base={"REMOTE_ADDR": address})


@transactional
def deactivate(person):
    db.session.get(User, person.user_id).is_active = False


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("asha", "/appointments/"),
        ("dr_chandra", "/board/"),
        ("esha", "/board/"),
        ("amir", "/board/"),
        ("gita", "/admin/organisations/"),
    ],
)
def test_everybody_comes_home_after_signing_in(client, cast, name, home):
    answer = log_in(client, cast.people[name].email)
    assert (answer.status_code, answer.location) == (303, home)
    assert client.get(home).status_code == 200
    assert client.get("/login").location == home


@pytest.mark.parametrize("email", ["ASHA@Cast.Example", "  asha@cast.example "])
def test_an_address_is_read_without_its_case_and_spaces(client, email):
    assert log_in(client, email).status_code == 303


def test_signing_in_opens_a_session_that_only_the_cookie_knows(app, client, cast):
    log_in(client, cast.asha.email)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with app.app_context():
        row = db.session.scalars(sa.select(UserSession)).one()
        event = db.session.scalars(sa.select(EventRow).filter_by(name="user.logged_in")).one()
        assert (row.user_id, row.token_hash) == (cast.asha.user_id, fingerprint(token))
        assert row.expires_at - row.created_at == timedelta(hours=12)
        assert event.actor_id == cast.asha.user_id
    assert len(token) >= 43
    assert token != str(cast.asha.user_id)


def test_the_database_file_holds_neither_token_nor_password(app, client, cast):
    log_in(client, cast.asha.email)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    files = list(app.config["SETTINGS"].clinic_data_dir.glob("clinic.db*"))
    kept = b"".join(file.read_bytes() for file in files)
    assert fingerprint(token).encode() in kept
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


def test_signing_out_ends_the_session_row(app, client, cast):
    log_in(client, cast.asha.email)
    answer = client.post("/logout")
    assert (answer.status_code, answer.location) == (303, "/")
    with app.app_context():
        row = db.session.scalars(sa.select(UserSession)).one()
        assert row.ended_at is not None
    assert client.get("/appointments/").location.startswith("/login")


def test_signing_out_by_htmx_leaves_the_page(client, cast):
    log_in(client, cast.asha.email)
    answer = client.post("/logout", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/")


LEAVES = '"cache", "storage"'


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_signing_out_leaves_nothing_in_the_browser_but_its_cookies(client, cast, headers):
    log_in(client, cast.asha.email)
    assert "Clear-Site-Data" not in client.get("/appointments/").headers
    assert client.post("/logout", headers=headers).headers["Clear-Site-Data"] == LEAVES


def test_a_link_never_signs_anybody_out(client, cast):
    log_in(client, cast.asha.email)
    assert client.get("/logout").status_code == 405
    assert client.get("/appointments/").status_code == 200


def test_known_and_unknown_people_get_the_same_refusal(client, cast):
    def page(email):
        answer = log_in(client, email, "a wrong password")
        assert answer.status_code == 422
        assert "do not match" in text_of(answer)
        return answer.text.replace(email, "EMAIL")

    known, unknown = page(cast.asha.email), page("nobody@cast.example")
    assert known == unknown


def test_a_deactivated_person_is_refused_like_an_unknown_one(app, client, cast):
    wrong = log_in(client, cast.asha.email, "a wrong password")
    with app.app_context():
        deactivate(cast.asha)
    right = log_in(client, cast.asha.email)
    assert (right.status_code, right.text) == (wrong.status_code, wrong.text)


def test_an_unknown_person_costs_a_password_check_too(client, monkeypatch):
    checked = []
    check = passwords.bcrypt.checkpw
    monkeypatch.setattr(
        passwords.bcrypt, "checkpw", lambda *given: checked.append(given) or check(*given)
    )
    log_in(client, "nobody@cast.example", "whatever it is")
    assert len(checked) == 1


def test_the_eleventh_wrong_try_in_a_minute_waits(app, client, cast, monday_morning):
    for _ in range(10):
        assert log_in(client, cast.asha.email, "wrong guess").status_code == 422
    answer = log_in(client, cast.asha.email)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert log_in(app.test_client(), cast.asha.email, address="192.0.2.2").status_code == 303
    monday_morning.shift(int(answer.headers["Retry-After"]))
    assert log_in(client, cast.asha.email).status_code == 303


def test_nor_does_an_address_guess_at_many_accounts_for_long(client, cast, monday_morning):
    for number in range(100):
        assert log_in(client, f"guess{number}@cast.example", "wrong guess").status_code == 422
    answer = log_in(client, cast.asha.email)
    assert answer.status_code == 429
    monday_morning.shift(int(answer.headers["Retry-After"]))
    assert log_in(client, cast.asha.email).status_code == 303


def test_only_failures_count_for_a_hospital_is_one_address(app, cast):
    for _ in range(12):
        assert log_in(app.test_client(), cast.esha.email).status_code == 303


def test_thirty_wrong_tries_an_hour_lock_an_account_from_everywhere(client, cast, monday_morning):
    for number in range(30):
        answer = log_in(client, cast.asha.email, "wrong guess", address=f"192.0.2.{number}")
        assert answer.status_code == 422
        monday_morning.shift(60)
    answer = log_in(client, cast.asha.email, address="198.51.100.1")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 1800 + 60
    assert log_in(client, cast.bela.email, address="198.51.100.1").status_code == 303


def test_an_unknown_account_locks_the_same_way(client, monday_morning):
    for number in range(30):
        log_in(client, "nobody@cast.example", "wrong guess", address=f"192.0.2.{number}")
    assert log_in(client, "Nobody@cast.example", address="198.51.100.1").status_code == 429


def test_tries_are_forgotten_after_a_day(app, client, cast):
    log_in(client, cast.asha.email, "wrong guess")
    with app.app_context(), clock.travelled(NOW + timedelta(days=1, minutes=1)):
        assert jobs.tidy() == 1
        assert db.session.scalar(sa.select(sa.func.count()).select_from(FailedTry)) == 0


def test_counted_tries_do_not_hold_addresses_of_people(app, client, cast):
    log_in(client, cast.asha.email, "wrong guess")
    with app.app_context():
        row = db.session.scalars(sa.select(FailedTry)).one()
        assert "asha" not in row.account
        assert re.fullmatch(r"[0-9a-f]{64}", row.account)


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/board/?day=2026-11-16", "/board/?day=2026-11-16"),
        ("/appointments/new?doctor=1&start=2", "/appointments/new?doctor=1&start=2"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("///evil.example/", None),
        ("/\\evil.example/", None),
        ("\\\\evil.example/", None),
        ("/board\\..\\evil", None),
        ("javascript:alert(1)", None),
        ("/\t/evil.example", None),
        ("/\r\nSet-Cookie: x=1", None),
        ("board/", None),
        ("", None),
        (" //evil.example", None),
    ],
)
def test_next_stays_on_this_site(client, cast, target, leads_to):
    answer = log_in(client, cast.asha.email, next=target)
    assert (answer.status_code, answer.location) == (303, leads_to or "/appointments/")


def test_next_survives_a_wrong_password(client, cast):
    answer = client.get("/login", query_string={"next": "/board/"})
    assert fields(answer, "/login")["next"] == "/board/"
    again = log_in(client, cast.asha.email, "wrong guess", next="/board/")
    assert fields(again, "/login")["next"] == "/board/"


def test_what_was_typed_stays_except_the_password(client):
    answer = log_in(client, "asha@cast.example", "a very wrong guess")
    assert fields(answer, "/login")["email"] == "asha@cast.example"
    assert "a very wrong guess" not in answer.text


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", PASSWORD),
        ("asha@cast.example", ""),
        ("a" * 300, PASSWORD),
        ("asha@cast.example", "x" * 129),
    ],
)
def test_an_incomplete_form_comes_back(client, email, password):
    answer = log_in(client, email, password)
    assert answer.status_code == 422
    assert soup(answer).select_one("[aria-invalid=true]")


def test_a_planted_session_does_not_survive_signing_in(app, client, cast):
    """Session fixation: what somebody put into the browser before is worth nothing after."""
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "planted"
        cookie["planted"] = "by somebody"
    before = client.get_cookie("session").value
    log_in(client, cast.asha.email)
    assert client.get_cookie("session").value != before
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"] != "planted"


def test_each_sign_in_is_a_session_of_its_own(app, cast):
    tokens = set()
    for _ in range(3):
        client = app.test_client()
        log_in(client, cast.asha.email)
        with client.session_transaction() as cookie:
            tokens.add(cookie["_user_id"])
    assert len(tokens) == 3


def test_the_cookie_is_kept_from_scripts_and_other_sites(client, cast):
    flags = log_in(client, cast.asha.email).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags.split("; "))


def test_in_production_the_cookie_needs_https(tmp_path):
    settings = settings_for(tmp_path).model_copy(update={"secure_cookies": True})
    client = create_app(settings).test_client()
    flags = client.get("/login", base_url="https://clinic.example").headers["Set-Cookie"]
    assert flags.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags.split("; "))
    assert "Domain" not in flags
