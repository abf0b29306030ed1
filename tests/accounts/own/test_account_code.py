"""The second half of signing in, where two-factor is on."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.accounts.models import FailedTry, User, UserSession
from clinic.accounts.recovery import service as recovery
from clinic.core import clock
from clinic.core.data.db import db, transactional
from tests.accounts.account_words import NEW, link_for, log_in, otp, with_two_factor
from tests.cast import NOW
from tests.pages import fields, soup, text_of

BOARD = "/board/?day=2026-11-16"


@pytest.fixture
def codes(app, cast):
    """Esha's recovery codes: she has two-factor."""
    return with_two_factor(app, cast.esha)


def enter(client, code, **more):
    return client.post("/login/code", data={"code": code, **more})


@transactional
def change(person, **values):
    for name, value in values.items():
        setattr(db.session.get_one(User, person.user_id), name, value)


def open_sessions(app):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(UserSession))


@pytest.mark.usefixtures("codes")
def test_the_password_alone_signs_nobody_in(app, client, cast):
    answer = log_in(client, cast.esha.email)
    assert (answer.status_code, answer.location) == (303, "/login/code")
    assert open_sessions(app) == 0
    assert client.get("/board/").status_code == 303
    page = client.get("/login/code")
    assert page.status_code == 200
    assert cast.esha.email not in page.text


@pytest.mark.usefixtures("codes")
def test_the_code_of_the_app_is_the_other_half(app, client, cast):
    log_in(client, cast.esha.email)
    answer = enter(client, otp(app, cast.esha))
    assert (answer.status_code, answer.location) == (303, "/board/")
    assert client.get("/board/").status_code == 200
    with client.session_transaction() as cookie:
        assert "half" not in cookie


@pytest.mark.usefixtures("codes")
def test_where_somebody_wanted_to_go_is_kept(app, client, cast):
    answer = log_in(client, cast.esha.email, next=BOARD)
    assert answer.location == "/login/code?next=/board/?day%3D2026-11-16"
    page = client.get(answer.location)
    assert fields(page, "/login/code")["next"] == BOARD
    again = enter(client, "000000", next=BOARD)
    assert fields(again, "/login/code")["next"] == BOARD
    assert enter(client, otp(app, cast.esha), next=BOARD).location == BOARD


def test_the_chosen_time_stays_in_sight(app, client, cast):
    with_two_factor(app, cast.asha)
    doctor = cast.dr_chandra.doctor_id
    chosen = f"/appointments/new?doctor={doctor}&start=2026-11-16T10:00Z"
    answer = log_in(client, cast.asha.email, next=chosen)
    assert "The time you chose" in text_of(client.get(answer.location))
    assert enter(client, otp(app, cast.asha), next=chosen).location == chosen


@pytest.mark.usefixtures("codes")
def test_no_address_elsewhere_is_followed(app, client, cast):
    log_in(client, cast.esha.email)
    assert enter(client, otp(app, cast.esha), next="//evil.example/").location == "/board/"


def test_a_recovery_code_works_once(app, client, cast, codes):
    log_in(client, cast.esha.email)
    assert enter(client, codes[0].upper()).status_code == 303
    other = app.test_client()
    log_in(other, cast.esha.email)
    assert enter(other, codes[0]).status_code == 422
    assert enter(other, codes[1]).status_code == 303


@pytest.mark.usefixtures("codes")
def test_no_code_works_twice(app, client, cast):
    code = otp(app, cast.esha)
    log_in(client, cast.esha.email)
    assert enter(client, code).status_code == 303
    thief = app.test_client()
    log_in(thief, cast.esha.email)
    answer = enter(thief, code)
    assert answer.status_code == 422
    assert "not right, or it was used before" in text_of(answer)


@pytest.mark.usefixtures("codes")
def test_wrong_codes_are_counted(app, client, cast):
    log_in(client, cast.esha.email)
    for _ in range(10):
        assert enter(client, "000000").status_code == 422
    answer = enter(client, otp(app, cast.esha))
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    with app.app_context():
        assert db.session.query(FailedTry).filter_by(kind="otp").count() == 10


@pytest.mark.usefixtures("codes")
def test_half_a_sign_in_is_worth_nothing_after_five_minutes(app, client, cast):
    with clock.travelled(NOW):
        log_in(client, cast.esha.email)
    with clock.travelled(NOW + timedelta(minutes=4, seconds=59)):
        assert client.get("/login/code").status_code == 200
    with clock.travelled(NOW + timedelta(minutes=5, seconds=1)):
        answer = enter(client, otp(app, cast.esha), next=BOARD)
    assert answer.location == "/login?next=/board/?day%3D2026-11-16"
    assert open_sessions(app) == 0


@pytest.mark.parametrize("half", [
    None, "", [], {}, {"user": "x"},
    {"user": "x", "mark": "x", "at": "x"},
    {"user": "00000000-0000-0000-0000-000000000000", "mark": "", "at": NOW.isoformat()},
])  # fmt: skip
@pytest.mark.usefixtures("codes")
def test_a_strange_half_is_none(app, client, cast, half):
    with client.session_transaction() as cookie:
        cookie["half"] = half
    with clock.travelled(NOW):
        assert enter(client, otp(app, cast.esha)).location == "/login"


@pytest.mark.usefixtures("codes")
def test_a_half_is_bound_to_its_person(app, client, cast):
    log_in(client, cast.esha.email)
    with client.session_transaction() as cookie:
        cookie["half"] = {**cookie["half"], "user": str(cast.amir.user_id)}
    with_two_factor(app, cast.amir)
    with app.app_context():
        change(cast.amir, password_hash="another")
    assert enter(client, otp(app, cast.amir)).location == "/login"


@pytest.mark.usefixtures("codes")
def test_a_new_password_ends_every_half(app, client, cast):
    log_in(client, cast.esha.email)
    token = link_for(app, cast.esha).rpartition("/")[2]
    with app.app_context():
        recovery.set_password(token, "reset", NEW)
    assert enter(client, otp(app, cast.esha)).location == "/login"


@pytest.mark.usefixtures("codes")
def test_a_deactivated_person_gets_no_further(app, client, cast):
    log_in(client, cast.esha.email)
    with app.app_context():
        change(cast.esha, is_active=False)
    assert enter(client, otp(app, cast.esha)).location == "/login"


def test_nobody_enters_a_code_before_a_password(client):
    assert client.get("/login/code").location == "/login"
    assert enter(client, "123456").location == "/login"


def test_who_is_signed_in_needs_no_code(signed_in, cast):
    assert signed_in(cast.esha).get("/login/code").location == "/board/"


@pytest.mark.usefixtures("codes")
def test_an_empty_code_comes_back(client, cast):
    log_in(client, cast.esha.email)
    answer = enter(client, "")
    assert answer.status_code == 422
    assert soup(answer).select_one("[aria-invalid=true]")


@pytest.mark.usefixtures("codes")
def test_a_wrong_password_tells_nothing_of_two_factor(client, cast):
    known = log_in(client, cast.esha.email, "a wrong one").text
    unknown = log_in(client, "nobody@cast.example", "a wrong one").text
    assert known.replace(cast.esha.email, "") == unknown.replace("nobody@cast.example", "")


def test_planted_words_do_not_survive_the_password(app, client, cast):
    with_two_factor(app, cast.esha)
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody"
    log_in(client, cast.esha.email)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
