"""Switching two-factor on and off, and organisations that insist on it."""

import re

import pyotp
import pytest
import segno
import sqlalchemy as sa

from clinic.accounts.models import RecoveryCode
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.sessions import programs
from clinic.core import clock
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from tests.accounts.account_words import code_sent, log_in, otp, user_of, with_two_factor
from tests.cast import PASSWORD
from tests.factories import set_rules
from tests.pages import HTMX, soup, text_of


def test_two_factor_is_set_up_step_by_step(app, signed_in, cast):
    client = signed_in(cast.asha)
    assert "Two-factor is off" in text_of(client.get("/account/two-factor"))
    answer = client.post("/account/two-factor/begin")
    assert (answer.status_code, answer.location) == (303, "/account/two-factor")
    page = client.get("/account/two-factor")
    secret = soup(page).select_one("code.secret").text
    drawn = soup(page).select_one("svg.qr path")["d"]
    assert len(secret) == 32
    assert drawn.startswith("M")
    assert not soup(page).select("[style]")
    assert user_of(app, cast.asha).totp_enabled_at is None
    form = {"code": otp(app, cast.asha), "password": PASSWORD}
    done = client.post("/account/two-factor/on", data=form)
    codes = [one.text for one in soup(done).select(".codes code")]
    assert (done.status_code, len(set(codes))) == (200, 10)
    assert user_of(app, cast.asha).totp_enabled_at is not None
    after = client.get("/account/two-factor")
    assert "10 recovery codes are left" in text_of(after)
    assert secret not in after.text
    assert not any(code in after.text for code in codes)
    assert log_in(app.test_client(), cast.asha.email).location == "/login/code"


def squares(path):
    """Where the strokes of a path in SVG lie, each one square wide."""
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmh])([^Mmh]+)", path):
        first, *rest = (float(number) for number in re.findall(r"-?[\d.]+", numbers))
        if kind == "h":
            yield from ((int(x) + n, int(y)) for n in range(int(first)))
        else:
            y = (y if kind == "m" else 0) + rest[0]
        x = (0 if kind == "M" else x) + first


def test_what_is_drawn_is_the_code_of_the_secret(signed_in, cast):
    client = signed_in(cast.asha)
    client.post("/account/two-factor/begin")
    page = soup(client.get("/account/two-factor"))
    drawing, secret = page.select_one("svg.qr[role=img]"), page.select_one("code.secret").text
    address = pyotp.TOTP(secret).provisioning_uri(name=cast.asha.email, issuer_name="Clinic")
    rows = list(segno.make(address, error="m").matrix_iter(border=4))  # scanners need the border
    dark = {(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark}
    assert drawing["viewbox"] == f"0 0 {len(rows)} {len(rows)}"
    assert set(squares(drawing.path["d"])) == dark


def test_a_secret_that_somebody_else_saw_is_replaced(app, signed_in, cast):
    thief, owner = signed_in(cast.asha), signed_in(cast.asha)

    def shown(client):
        return soup(client.get("/account/two-factor")).select_one("code.secret").text

    thief.post("/account/two-factor/begin")
    planted = shown(thief)
    owner.post("/account/two-factor/begin")
    assert planted != shown(owner) == shown(owner)
    form = {"code": pyotp.TOTP(planted).at(clock.now()), "password": PASSWORD}
    assert owner.post("/account/two-factor/on", data=form).status_code == 422


def test_switching_on_ends_what_the_password_alone_opened(app, signed_in, client, cast):
    other, owner = signed_in(cast.asha), signed_in(cast.asha)
    with app.app_context():
        token = programs.open_family(cast.asha.user_id, "tests").access_token
    program = {"headers": {"Authorization": f"Bearer {token}"}}
    assert client.get("/api/v1/users/me", **program).status_code == 200
    owner.post("/account/two-factor/begin")
    form = {"code": otp(app, cast.asha), "password": PASSWORD}
    assert owner.post("/account/two-factor/on", data=form).status_code == 200
    assert owner.get("/account/two-factor").status_code == 200
    assert other.get("/account/two-factor").location.startswith("/login")
    assert client.get("/api/v1/users/me", **program).status_code == 401


def test_what_is_off_is_not_switched_off(app, signed_in, cast):
    form = {"off-password": PASSWORD, "off-code": "000000"}
    answer = signed_in(cast.asha).post("/account/two-factor/off", data=form)
    assert answer.status_code == 303
    with app.app_context():
        query = sa.select(EventRow.id).where(EventRow.name == "user.two_factor_disabled")
        assert db.session.scalar(query) is None


def test_looking_sets_nothing_up(app, signed_in, cast):
    signed_in(cast.asha).get("/account/two-factor")
    assert user_of(app, cast.asha).totp_secret is None


@pytest.mark.parametrize(
    ("code", "password", "field"),
    [("000000", PASSWORD, "code"), ("", PASSWORD, "code"), (None, "a wrong one", "password"),
     (None, "", "password")],
)  # fmt: skip
def test_two_factor_is_not_switched_on_by_halves(app, signed_in, cast, code, password, field):
    client = signed_in(cast.asha)
    client.post("/account/two-factor/begin")
    given = otp(app, cast.asha) if code is None else code
    form = {"code": given, "password": password}
    answer = client.post("/account/two-factor/on", data=form)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}[aria-invalid=true]")
    assert soup(answer).select_one("svg.qr")
    assert user_of(app, cast.asha).totp_enabled_at is None


def test_new_recovery_codes_end_the_older_ones(app, signed_in, cast):
    old = with_two_factor(app, cast.asha)
    client = signed_in(cast.asha)
    for password, code in (("a wrong one", old[1]), (PASSWORD, "000000"), (PASSWORD, "")):
        form = {"renew-password": password, "renew-code": code}
        assert client.post("/account/two-factor/codes", data=form).status_code == 422
    form = {"renew-password": PASSWORD, "renew-code": otp(app, cast.asha)}
    answer = client.post("/account/two-factor/codes", data=form)
    new = [one.text for one in soup(answer).select(".codes code")]
    assert len(new) == 10
    assert not set(new) & set(old)
    browser = app.test_client()
    log_in(browser, cast.asha.email)
    assert browser.post("/login/code", data={"code": old[0]}).status_code == 422
    assert browser.post("/login/code", data={"code": new[0]}).status_code == 303


def test_there_are_recovery_codes_only_while_it_is_on(app, signed_in, cast):
    client = signed_in(cast.asha)
    client.post("/account/two-factor/begin")
    form = {"renew-password": PASSWORD, "renew-code": "000000"}
    answer = client.post("/account/two-factor/codes", data=form)
    assert answer.status_code == 409
    assert "it has no recovery codes" in text_of(answer)
    with app.app_context():
        assert db.session.scalar(sa.select(RecoveryCode.user_id)) is None


def test_switching_off_asks_for_the_password(app, signed_in, cast):
    with_two_factor(app, cast.asha)
    client = signed_in(cast.asha)
    code = otp(app, cast.asha)
    for wrong in ("", "a wrong one"):
        form = {"off-password": wrong, "off-code": code}
        answer = client.post("/account/two-factor/off", data=form)
        assert answer.status_code == 422
        assert soup(answer).select_one("#off-password[aria-invalid=true]")
    form = {"off-password": PASSWORD, "off-code": code}
    answer = client.post("/account/two-factor/off", data=form)
    assert answer.location == "/account/two-factor"
    assert user_of(app, cast.asha).totp_secret is None
    assert log_in(app.test_client(), cast.asha.email).location == "/appointments/"


def test_it_stays_on_where_the_organisation_requires_it(app, signed_in, cast):
    with_two_factor(app, cast.esha)
    with app.app_context():
        set_rules(cast.harbour, two_factor_required=True)
    client = signed_in(cast.esha)
    page = client.get("/account/two-factor")
    assert soup(page).find("form", action="/account/two-factor/off") is None
    form = {"off-password": PASSWORD, "off-code": otp(app, cast.esha)}
    answer = client.post("/account/two-factor/off", data=form)
    assert answer.status_code == 409
    assert user_of(app, cast.esha).totp_enabled_at is not None


@pytest.fixture
def required(app, cast):
    """Harbour Clinic requires two-factor from now on."""
    with app.app_context():
        set_rules(cast.harbour, two_factor_required=True)


PAGES = ("/board/", "/", "/account/", "/account/security", "/schedules/", "/no-such-page")


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("page", PAGES)
def test_who_must_have_two_factor_is_led_to_it(signed_in, cast, page):
    client = signed_in(cast.dr_chandra)
    answer = client.get(page)
    assert (answer.status_code, answer.location) == (303, "/account/two-factor")
    htmx = client.get(page, headers=HTMX)
    assert (htmx.status_code, htmx.headers["HX-Redirect"]) == (204, "/account/two-factor")
    json = client.get(page, headers={"Accept": "application/json"})
    assert (json.status_code, json.json["type"]) == (
        403, "urn:clinic:problem:two_factor_setup_required",
    )  # fmt: skip


@pytest.mark.usefixtures("required")
def test_nothing_can_be_done_before(app, signed_in, cast):
    client = signed_in(cast.esha)
    answer = client.post(f"/appointments/{cast.harbour}/check-in")
    assert answer.location == "/account/two-factor"
    assert client.get(f"/live/organisation/{cast.harbour}").status_code == 303
    client.post("/account/profile", data={"full_name": "x", "language": "en"})
    assert user_of(app, cast.esha).full_name == "Esha Gill"


@pytest.mark.usefixtures("required")
def test_a_program_is_told_so(app, client, cast):
    form = {"email": cast.esha.email, "password": PASSWORD}
    token = client.post("/api/v1/auth/login", json=form).json["access_token"]
    answer = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json["type"]) == (
        403, "urn:clinic:problem:two_factor_setup_required",
    )  # fmt: skip


@pytest.mark.usefixtures("required")
def test_the_way_there_is_open_and_leads_out(app, signed_in, cast):
    client = signed_in(cast.esha)
    assert client.get("/health").status_code == 200
    with client.get("/static/css/app.css") as style:
        assert style.status_code == 200
    page = client.get("/account/two-factor")
    assert "Your organisation requires two-factor" in text_of(page)
    client.post("/account/two-factor/begin")
    form = {"code": otp(app, cast.esha), "password": PASSWORD}
    assert client.post("/account/two-factor/on", data=form).status_code == 200
    assert client.get("/board/").status_code == 200


@pytest.mark.usefixtures("required")
def test_logging_out_is_always_possible(signed_in, cast):
    assert signed_in(cast.esha).post("/logout").location == "/"


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("name", ["asha", "farid", "gita"])
def test_nobody_else_is_stopped(signed_in, cast, name):
    assert signed_in(cast.people[name]).get("/account/").status_code == 200


def test_codes_leave_no_trace_in_the_ledger(app, signed_in, cast):
    signed_in(cast.asha).post("/account/email/verify")
    code = code_sent(app, Purpose.EMAIL)
    with app.app_context():
        rows = [*db.session.scalars(sa.select(Message)), *db.session.scalars(sa.select(EventRow))]
        kept = repr([vars(row) for row in rows])
    assert code not in kept
