"""P27, M10: what is tried against accounts can be seen, and strangers fill no table with it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from clinic.access.actor import THE_SYSTEM
from clinic.access.roles import Role
from clinic.accounts.models import FailedTry
from clinic.accounts.noticed import refusals
from clinic.accounts.noticed.refusals import place_of
from clinic.accounts.people import create
from clinic.core import clock
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from tests.accounts.account_words import log_in, with_two_factor
from tests.cast import PASSWORD, Person
from tests.core.watch.test_metrics import figures
from tests.pages import soup, text_of

NAMES = ("user.login_refused", "user.code_refused", "user.locked_out")


def seen(app):
    """What was noted of refused tries, oldest first: (name, whose, kind)."""
    with app.app_context():
        rows = db.session.scalars(
            sa.select(EventRow).where(EventRow.name.in_(NAMES)).order_by(EventRow.at)
        ).all()
        return [(row.name, row.payload["user_id"], row.payload["kind"]) for row in rows]


def refused(client, kind):
    found = figures(client.get("/metrics").text)
    return found.get(f'sign_in_failures_total{{kind="{kind}"}}', 0)


def test_a_wrong_password_is_an_event_and_a_figure_without_address(app, client, cast):
    before = refused(client, "password")
    log_in(client, cast.esha.email, "a wrong one", "203.0.113.77")
    assert refused(client, "password") == before + 1
    with app.app_context():
        row = db.session.scalars(sa.select(EventRow).filter_by(name="user.login_refused")).one()
        place = place_of("203.0.113.78")  # the same /24
    assert row.payload == {"user_id": str(cast.esha.user_id), "place": place, "kind": "password"}
    assert (row.organisation_id, row.actor_id) == (cast.harbour, None)
    assert "203.0.113" not in str(row.payload)


def test_networks_have_names_that_tell_nothing(in_app):
    same = [("192.0.2.1", "192.0.2.254"), ("2001:db8:1:2::/64", "2001:db8:1:ff::/64")]
    other = [("192.0.2.1", "192.0.3.1"), ("2001:db8:1::/64", "2001:db8:2::/64"), ("", "192.0.2.1")]
    assert all(place_of(one) == place_of(two) for one, two in same)
    assert all(place_of(one) != place_of(two) for one, two in other)


def test_of_an_account_that_is_nobodys_the_same_is_noted_without_one(app, client, cast):
    rows = {}
    for email in (cast.asha.email, "nobody@cast.example"):
        log_in(client, email, "a wrong one")
        with app.app_context():
            rows[email] = [
                db.session.scalar(sa.select(sa.func.count()).select_from(table))
                for table in (FailedTry, EventRow)
            ]
    (tries, events), (more_tries, more_events) = rows.values()
    assert (more_tries - tries, more_events - events) == (tries, 1)
    assert [whose for _, whose, _ in seen(app)] == [str(cast.asha.user_id), None]


def test_a_locked_account_is_noted_once_an_hour(app, client, cast):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(40):
            traveller.shift(timedelta(seconds=20))
            log_in(client, cast.esha.email, "a wrong one", "192.0.2.9")
    found = seen(app)
    assert found.count(("user.locked_out", str(cast.esha.user_id), "password")) == 1
    assert len(found) <= 4  # a few of thirty


def test_strangers_fill_no_table(app, client, cast):
    """Of one address, whatever accounts they invent."""
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for number in range(60):
            traveller.shift(timedelta(seconds=7))
            log_in(client, f"nobody{number}@cast.example", "wrong", "192.0.2.9")
    assert len(seen(app)) == 30


def test_nor_do_many_addresses_together(app, client, cast, monkeypatch):
    monkeypatch.setattr(refusals, "OF_ALL", 5)
    for number in range(9):
        log_in(client, f"nobody{number}@cast.example", "wrong", f"192.0.{number}.1")
    assert len(seen(app)) == 5


def test_wrong_codes_are_noted(app, client, cast):
    with_two_factor(app, cast.dr_chandra)
    log_in(client, cast.dr_chandra.email)
    before = refused(client, "code")
    client.post("/login/code", data={"code": "000000"})
    assert seen(app) == [("user.code_refused", str(cast.dr_chandra.user_id), "code")]
    assert refused(client, "code") == before + 1


def test_a_wrong_code_of_a_letter_is_noted(app, signed_in, cast):
    client = signed_in(cast.asha)
    client.post("/account/phone/verify")
    client.post("/account/phone/code", data={"code": "000000"})
    client.post("/account/phone/code", data={"code": "000001"})
    assert ("user.code_refused", str(cast.asha.user_id), "phone") in seen(app)


def test_what_is_tried_by_program_is_noted_alike(app, client, cast):
    form = {"email": cast.asha.email, "password": "a wrong one"}
    client.post("/api/v1/auth/login", json=form)
    assert seen(app) == [("user.login_refused", str(cast.asha.user_id), "password")]


def test_a_right_password_is_not_noted(app, client, cast):
    log_in(client, cast.asha.email, PASSWORD)
    assert seen(app) == []
    with app.app_context():
        assert db.session.scalars(sa.select(Message.template)).all() == []


def admin_elsewhere(cast):
    user = create.create_user(
        Role.ADMIN, "Maya Admin", "maya@cast.example", THE_SYSTEM,
        password_hash="", organisation_id=cast.elsewhere,
    )  # fmt: skip
    return Person("Maya Admin", "admin", user.id, user.email, cast.elsewhere)


@pytest.mark.parametrize(("who", "sees"), [("gita", True), ("amir", True), ("maya", False)])
def test_administrators_see_a_light(app, signed_in, cast, who, sees):
    """Superadmins of everybody, an administrator of their own people."""
    with time_machine.travel(clock.now(), tick=True) as traveller:
        for _ in range(31):
            traveller.shift(timedelta(seconds=20))
            log_in(app.test_client(), cast.esha.email, "a wrong one", "192.0.2.9")
        with app.app_context():
            person = cast.people.get(who) or admin_elsewhere(cast)
        page = signed_in(person).get("/admin/health")
    lights = {
        row.span.get_text(): row.select_one(".badge")["data-status"]
        for row in soup(page).select("#health li")
    }
    assert lights["Accounts locked by wrong tries"] == ("warning" if sees else "ok")
    assert lights["Sign-ins refused"] == "ok"
    assert ("1 in the last hour" in text_of(page)) is sees
