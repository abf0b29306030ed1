"""Who gets what from clinic/api/accounts/: auth.py, sessions.py, two_factor.py and recovery.py; and
from patients/signup.py and time.py."""

from typing import Any

import sqlalchemy as sa

from clinic.accounts.models import UserSession
from clinic.core.data.db import db
from tests.access.table import Scene, key_of_asha
from tests.api.access.rows import Row, Words
from tests.cast import PASSWORD

NEW = {"password": "another three words"}
HALF = {"password": "not the password", "otp": "000000"}


def browser_of_asha(scene: Scene) -> dict[str, Any]:
    hers = UserSession.user_id == scene.cast.asha.user_id
    return {"session_id": db.session.scalars(sa.select(UserSession.id).where(hers)).first()}


def by_letter(purpose: str, **more: Any) -> Words:
    """With the token of a link that was sent to Asha."""
    return lambda scene: {**key_of_asha(purpose)(scene), **more}


# fmt: off
ROWS = [
    #                                       nobody asha bela chandra dev esha farid amir gita
    Row("POST", "/auth/patient/signup",         "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/register/patient",       "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/login",                  "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/token",                  "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/patient/login",          "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/doctor/login",           "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/refresh",                "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/logout",                 "401 204 204 204 204 204 204 204 204"),
    Row("GET", "/auth/me",                      "401 200 200 200 200 200 200 200 200"),
    Row("GET", "/auth/sessions",                "401 200 200 200 200 200 200 200 200"),
    Row("DELETE", "/auth/sessions/{session_id}", "401 204 404 404 404 404 404 404 404",
        ids=browser_of_asha),
    Row("POST", "/auth/sessions/end-others",    "401 204 204 204 204 204 204 204 204"),
    Row("GET", "/auth/two-factor",              "401 200 200 200 200 200 200 200 200"),
    Row("POST", "/auth/two-factor/begin",       "401 200 200 200 200 200 200 200 200"),
    Row("POST", "/auth/two-factor/on",          "401 403 403 403 403 403 403 403 403",
        json=lambda _: HALF),
    Row("POST", "/auth/two-factor/codes",       "401 409 409 409 409 409 409 409 409",
        json=lambda _: {"password": PASSWORD, "otp": "000000"}),
    Row("POST", "/auth/two-factor/off",         "401 403 403 403 403 403 403 403 403",
        json=lambda _: HALF),
    Row("POST", "/auth/forgot",                 "204 204 204 204 204 204 204 204 204",
        json=lambda scene: {"email": scene.cast.asha.email}),
    Row("POST", "/auth/reset",                  "204 204 204 204 204 204 204 204 204",
        json=by_letter("reset", **NEW)),
    Row("POST", "/auth/reset",                  "400 400 400 400 400 400 400 400 400",
        json=by_letter("invitation", **NEW), case="by an invitation"),
    Row("POST", "/auth/invitation",             "204 204 204 204 204 204 204 204 204",
        json=by_letter("invitation", **NEW)),
    Row("POST", "/auth/contact",                "204 204 204 204 204 204 204 204 204",
        json=by_letter("contact", is_right=True)),
    Row("GET", "/time/now",                     "200 200 200 200 200 200 200 200 200"),
]
