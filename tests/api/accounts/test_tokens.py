"""What a token is worth, and what ends it at once."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from clinic.accounts.models import TokenFamily
from clinic.accounts.people import users
from clinic.accounts.recovery import service as recovery
from clinic.accounts.sessions import browsers, programs
from clinic.accounts.signin import service
from clinic.core.data.db import db
from clinic.events.models import EventRow
from tests.api.conftest import Caller
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Stage, client_of


def refresh(api, token: str):
    return api(None).post("/auth/refresh", {"refresh_token": token})


def bearer(api, token: str):
    return api(None).get("/auth/me", headers={"Authorization": f"Bearer {token}"})


def test_an_access_token_lasts_fifteen_minutes(
    api, cast: Cast, monday_morning: time_machine.Traveller
):
    asha = api(cast.asha)
    monday_morning.move_to(NOW + timedelta(minutes=14, seconds=50))
    assert asha.get("/auth/me").status_code == 200
    monday_morning.move_to(NOW + timedelta(minutes=15, seconds=10))
    assert asha.get("/auth/me").status_code == 401


def test_a_refresh_token_lasts_seven_days(api, cast: Cast, monday_morning: time_machine.Traveller):
    asha = api(cast.asha)
    monday_morning.move_to(NOW + timedelta(days=6, hours=23))
    newer = refresh(api, asha.pair.refresh_token)
    assert newer.status_code == 200
    assert newer.get_json()["user"]["id"] == str(cast.asha.user_id)
    monday_morning.move_to(NOW + timedelta(days=14))
    assert refresh(api, newer.get_json()["refresh_token"]).status_code == 401


def test_a_family_ends_after_thirty_days_however_often_it_is_refreshed(
    api, cast: Cast, monday_morning: time_machine.Traveller
):
    token = api(cast.asha).pair.refresh_token
    for day in range(6, 30, 6):
        monday_morning.move_to(NOW + timedelta(days=day))
        token = refresh(api, token).get_json()["refresh_token"]
    monday_morning.move_to(NOW + timedelta(days=30, hours=1))
    assert refresh(api, token).status_code == 401


def test_a_refresh_token_used_twice_ends_its_family(app: Flask, api, cast: Cast):
    old = api(cast.asha).pair
    new = refresh(api, old.refresh_token).get_json()
    assert bearer(api, new["access_token"]).status_code == 200
    assert refresh(api, old.refresh_token).status_code == 401  # somebody stole one of the two
    assert bearer(api, new["access_token"]).status_code == 401
    assert bearer(api, old.access_token).status_code == 401
    assert refresh(api, new["refresh_token"]).status_code == 401
    with app.app_context():
        told = sa.select(sa.func.count()).where(EventRow.name == "user.token_reused")
        assert db.session.scalar(told) == 1


def test_of_ten_that_refresh_at_once_one_gets_the_next(both: Stage):
    caller = Caller(both.app, both.cast.asha)
    body = {"refresh_token": caller.pair.refresh_token}
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: Caller(both.app, None).post("/auth/refresh", body), range(10))
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9
    with both.app.app_context():
        assert db.session.scalars(sa.select(TokenFamily.ended_at)).one() is not None


def test_neither_token_works_as_the_other(api, cast: Cast):
    pair = api(cast.asha).pair
    assert bearer(api, pair.refresh_token).status_code == 401
    assert refresh(api, pair.access_token).status_code == 401


def _forged(app: Flask, pair: programs.Pair) -> dict[str, str]:
    key = app.config["SETTINGS"].jwt_secret_key
    claims = jwt.decode(pair.access_token, options={"verify_signature": False})

    def signed(algorithm: str = "HS256", secret: str = key, **changes: object) -> str:
        changed = {name: value for name, value in {**claims, **changes}.items() if value}
        return jwt.encode(changed, secret, algorithm)

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return {
        "no signature": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.",
        "another algorithm": signed("HS384"),
        "another key": signed(secret="another key, at least just as long as the right one"),
        "another issuer": signed(iss="elsewhere"),
        "another audience": signed(aud="elsewhere"),
        "no audience": signed(aud=None),
        "no end": signed(exp=None),
        "no id": signed(jti=None),
        "no family": signed(sid=None),
        "a family that is not": signed(sid=str(uuid4())),
        "another person": signed(sub=str(uuid4())),
        "words for an id": signed(sub="asha", sid="one"),
        "nothing": "",
        "words": "let me in",
        "half": pair.access_token[:-4],
    }


FORGED = (
    "no signature", "another algorithm", "another key", "another issuer", "another audience",
    "no audience", "no end", "no id", "no family", "a family that is not", "another person",
    "words for an id", "nothing", "words", "half",
)  # fmt: skip


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_token_opens_nothing(app: Flask, api, cast: Cast, kind):
    forged = _forged(app, api(cast.asha).pair)
    assert set(forged) == set(FORGED)
    assert bearer(api, forged[kind]).status_code == 401


def test_another_scheme_opens_nothing(api, cast: Cast):
    token = api(cast.asha).pair.access_token
    for header in (token, f"Basic {token}", f"Token {token}", "Bearer", f"Bearer {token} x"):
        answer = api(None).get("/auth/me", headers={"Authorization": header})
        assert answer.status_code == 401, header.partition(" ")[0]


def _change_password(cast: Cast) -> None:
    """In a browser of their own."""
    session_id = browsers.load(browsers.open_session(cast.esha.user_id, None)).session_id
    recovery.change_password(
        cast.esha.user_id, session_id, PASSWORD, "four quiet harbours", "", cast.esha.actor
    )


ENDINGS = {
    "logout": lambda cast, one: service.end_program(one, cast.esha.actor),
    "password": lambda cast, _: _change_password(cast),
    "deactivation": lambda cast, _: users.deactivate(cast.esha.user_id, cast.amir.actor),
    "role": lambda cast, _: users.update(cast.esha.user_id, {"role": "admin"}, cast.amir.actor),
    "everything": lambda cast, _: browsers.end_all(cast.esha.user_id),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_ends_at_once(app: Flask, api, cast: Cast, ending):
    """The stolen bearer, the refresh token and (but for a program's logout) the stolen cookie."""
    esha, browser = api(cast.esha), client_of(app, cast.esha)
    assert esha.get("/auth/me").status_code == 200
    assert browser.get("/board/").status_code == 200
    with app.app_context():
        family = db.session.scalars(sa.select(TokenFamily.id)).one()
        ENDINGS[ending](cast, family)
        db.session.remove()
    assert esha.get("/auth/me").status_code == 401
    assert refresh(api, esha.pair.refresh_token).status_code == 401
    assert browser.get("/board/").status_code == (200 if ending == "logout" else 303)


def test_others_stay_signed_in(app: Flask, api, cast: Cast):
    amir, esha = api(cast.amir), api(cast.esha)
    with app.app_context():
        users.deactivate(cast.esha.user_id, cast.amir.actor)
        db.session.remove()
    assert esha.get("/auth/me").status_code == 401
    assert amir.get("/auth/me").status_code == 200


def test_logging_out_ends_both_tokens(api, cast: Cast):
    asha = api(cast.asha)
    assert asha.post("/auth/logout").status_code == 204
    assert asha.get("/auth/me").status_code == 401
    assert refresh(api, asha.pair.refresh_token).status_code == 401


def test_what_is_stored_opens_nothing(app: Flask, api, cast: Cast):
    pair = api(cast.asha).pair
    claims = jwt.decode(pair.refresh_token, options={"verify_signature": False})
    with app.app_context():
        row = db.session.execute(sa.select(TokenFamily)).scalar_one()
        kept = f"{row.refresh_hash} {row.client}"
    assert claims["jti"] not in kept
    assert pair.refresh_token not in kept
