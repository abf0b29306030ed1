"""Back into an account by program: the letter's link does what it does on its page."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.accounts.models import OneTimeKey, User
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.core.data.db import db
from clinic.events import jobs as events
from clinic.messaging.models import Message
from tests.accounts.account_words import NEW, link_for, link_sent, otp, with_two_factor
from tests.api.conftest import Caller
from tests.cast import PASSWORD, Cast
from tests.conftest import Stage, client_of

NOBODY = "nobody@cast.example"


def token_for(app: Flask, person, purpose: Purpose = Purpose.RESET) -> str:
    return link_for(app, person, purpose).rpartition("/")[2]


def log_in(api, person, password=NEW, **more):
    return api(None).post("/auth/login", {"email": person.email, "password": password, **more})


def type_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["type"].rpartition(":")[2]


def test_a_forgotten_password_is_replaced(app: Flask, api, cast: Cast):
    asked = api(None).post("/auth/forgot", {"email": " ASHA@cast.example "})
    assert (asked.status_code, asked.data) == (204, b"")
    with app.app_context():
        events.run_tasks()
        letter = db.session.scalars(sa.select(Message)).one()
        assert (letter.address, letter.template) == (cast.asha.email, "reset")
        db.session.remove()
    token = link_sent(app, Purpose.RESET).rpartition("/")[2]
    assert api(None).post("/auth/reset", {"token": token, "password": NEW}).status_code == 204
    assert log_in(api, cast.asha, PASSWORD).status_code == 401
    assert log_in(api, cast.asha).status_code == 200


def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(
    app: Flask, api, cast: Cast
):
    """The same statements, so that no database is quicker for the one."""
    with app.app_context():
        engine = db.engine
    found = []
    for email in (cast.asha.email, NOBODY):
        heard: list[str] = []

        def note(_connection, _cursor, statement, *_, heard=heard):
            heard.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        answer = api(None).post("/auth/forgot", {"email": email})
        sa.event.remove(engine, "before_cursor_execute", note)
        headers = {name: one for name, one in answer.headers if name != "X-Request-ID"}
        found.append((answer.status_code, answer.data, headers, heard))
    assert found[0] == found[1]
    assert any(one.startswith("INSERT INTO one_time_keys") for one in found[0][3])


@pytest.mark.parametrize("email", ["asha@cast.example", NOBODY])
def test_asking_is_counted_together_with_the_page(app: Flask, client, api, cast: Cast, email):
    assert client.post("/forgot", data={"email": email}).status_code == 303
    for _ in range(2):
        assert api(None).post("/auth/forgot", {"email": email}).status_code == 204
    late = api(None).post("/auth/forgot", {"email": email})
    assert late.status_code == 429
    assert email not in late.get_data(as_text=True)
    assert client.post("/forgot", data={"email": email}).status_code == 429


def test_everybody_who_was_signed_in_is_out_at_once(app: Flask, api, cast: Cast):
    browser, program = client_of(app, cast.asha), api(cast.asha)
    assert program.get("/auth/me").status_code == 200
    given = {"token": token_for(app, cast.asha), "password": NEW}
    assert api(None).post("/auth/reset", given).status_code == 204
    assert program.get("/auth/me").status_code == 401
    spent = {"refresh_token": program.pair.refresh_token}
    assert api(None).post("/auth/refresh", spent).status_code == 401
    assert browser.get("/appointments/").status_code == 303


@pytest.mark.parametrize("door", ["reset", "invitation"])
def test_a_link_works_once_and_at_its_own_door(app: Flask, client, api, cast: Cast, door):
    purpose = Purpose(door)
    given = {"token": token_for(app, cast.asha, purpose), "password": NEW}
    other = "invitation" if door == "reset" else "reset"
    assert type_of(api(None).post(f"/auth/{other}", given)) == (400, "link_spent")
    assert api(None).post(f"/auth/{door}", given).status_code == 204
    again = api(None).post(f"/auth/{door}", {**given, "password": PASSWORD})
    assert type_of(again) == (400, "link_spent")
    assert client.get(f"/{door}/{given['token']}").status_code == 400  # on its page as well
    assert log_in(api, cast.asha).status_code == 200


@pytest.mark.parametrize("weak", ["", "short", "password1", "Asha Rao", "x" * 129])
def test_an_easy_password_is_named_and_the_link_lives_on(app: Flask, api, cast: Cast, weak):
    token = token_for(app, cast.asha)
    answer = api(None).post("/auth/reset", {"token": token, "password": weak})
    assert answer.status_code == 400
    assert [one["field"] for one in answer.get_json()["errors"]] == ["password"]
    assert api(None).post("/auth/reset", {"token": token, "password": NEW}).status_code == 204


@pytest.mark.parametrize("token", ["A" * 22, "x", "é", "-" * 100])
@pytest.mark.parametrize("door", ["reset", "invitation"])
def test_a_made_up_token_opens_nothing(api, token, door):
    answer = api(None).post(f"/auth/{door}", {"token": token, "password": NEW})
    assert type_of(answer) == (400, "link_spent")
    assert token not in answer.get_data(as_text=True) or token == "x"


def test_two_factor_still_applies(app: Flask, api, cast: Cast):
    with_two_factor(app, cast.esha)
    given = {"token": token_for(app, cast.esha), "password": NEW}
    assert api(None).post("/auth/reset", given).status_code == 204
    assert type_of(log_in(api, cast.esha)) == (401, "otp_required")
    assert log_in(api, cast.esha, otp=otp(app, cast.esha)).status_code == 200


def test_a_link_opens_an_account_that_strangers_closed(app: Flask, api, cast: Cast):
    for _ in range(11):
        answer = log_in(api, cast.asha, "not the password")
    assert answer.status_code == 429
    given = {"token": token_for(app, cast.asha), "password": NEW}
    assert api(None).post("/auth/reset", given).status_code == 204
    assert log_in(api, cast.asha).status_code == 200


def test_who_was_invited_chooses_a_password_and_logs_in(app: Flask, api, cast: Cast):
    new = {"email": "noor@cast.example", "full_name": "Noor Aziz", "role": "staff"}
    user = api(cast.amir).post("/users", new).get_json()
    first = link_sent(app, Purpose.INVITATION).rpartition("/")[2]
    assert api(cast.amir).post(f"/users/{user['id']}/invite").status_code == 204
    given = {"token": first, "password": NEW}
    assert type_of(api(None).post("/auth/invitation", given)) == (400, "link_spent")
    given["token"] = link_sent(app, Purpose.INVITATION).rpartition("/")[2]
    assert api(None).post("/auth/invitation", given).status_code == 204
    login = api(None).post("/auth/login", {"email": new["email"], "password": NEW})
    assert login.get_json()["user"]["role"] == "staff"
    again = api(cast.amir).post(f"/users/{user['id']}/invite")
    assert type_of(again) == (409, "not_waiting")


@pytest.mark.parametrize("is_right", [True, False])
def test_the_owner_of_an_address_answers_for_it(app: Flask, api, cast: Cast, is_right):
    """An administrator entered another one."""
    esha = api(cast.esha)
    new = {"email": "another@cast.example"}
    assert api(cast.amir).patch(f"/users/{cast.esha.user_id}", new).status_code == 200
    me = esha.get("/users/me").get_json()
    assert (me["email"], me["email_before"]) == (new["email"], cast.esha.email)
    assert me["email_waits_until"].startswith("2026-11-17T06:30")
    token = _contact_token(app)
    given = {"token": token, "is_right": is_right}
    assert api(None).post("/auth/contact", given).status_code == 204
    assert type_of(api(None).post("/auth/contact", given)) == (400, "link_spent")
    with app.app_context():
        user = db.session.get_one(User, cast.esha.user_id)
        assert (user.email == cast.esha.email) is not is_right
        assert user.email_before is None
    assert esha.get("/auth/me").status_code == (200 if is_right else 401)


def _contact_token(app: Flask) -> str:
    with app.app_context():
        found = sa.select(OneTimeKey.id).where(OneTimeKey.purpose == Purpose.CONTACT)
        key = db.session.scalars(found).one()
        return recovery.keys.contact_link(str(key)).rpartition("/")[2]


def test_of_eight_who_spend_a_link_at_once_one_wins(both: Stage):
    token = token_for(both.app, both.cast.asha)
    words = [f"quiet harbour number {number}" for number in range(8)]

    def spend(password: str) -> int:
        given = {"token": token, "password": password}
        return Caller(both.app, None).post("/auth/reset", given).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(spend, words))
    assert sorted(statuses) == [204] + [400] * 7
    right = words[statuses.index(204)]
    login = {"email": both.cast.asha.email, "password": right}
    assert Caller(both.app, None).post("/auth/login", login).status_code == 200
