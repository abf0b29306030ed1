"""People who are signed in already, by a page's cookie or by a program's token."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf

from bench.rows import made_id, plain

COOKIE = "__Host-session"
VISITORS = 2000  # of those with a login: they have pages open
# The others book by program, each once: nobody's limit is reached, nobody is in two places.
BY_API, BY_PEER, WITH_WORKER = range(2000, 3400), range(3400, 4700), range(4700, 5100)
IN_QUIET, COUNTED, RACING = range(5100, 5300), range(5300, 5500), range(5500, 5700)


@dataclass(frozen=True, slots=True)
class Visitor:
    user_id: UUID
    patient_id: UUID
    cookie: str
    csrf_token: str


def sign_in(app: Flask, database: str, kind: str = "login", many: int = VISITORS) -> list[Visitor]:
    """Open sessions for so many patients, or of the staff. bcrypt has no part in these figures."""
    tokens = [secrets.token_urlsafe(32) for _ in range(many)]
    into = "user_sessions (id, user_id, token_hash, created_at, seen_at, expires_at)"
    with (
        psycopg.connect(plain(database)) as connection,
        connection.cursor().copy(f"COPY {into} FROM STDIN") as rows,
    ):
        for row in _sessions(kind, tokens):
            rows.write_row(row)
    return [_visitor(app, kind, number, token) for number, token in enumerate(tokens)]


def _sessions(kind: str, tokens: list[str]) -> Iterator[tuple[object, ...]]:
    now = datetime.now(UTC)
    for number, token in enumerate(tokens):
        digest = hashlib.sha256(token.encode()).hexdigest()
        yield uuid4(), made_id(kind, number), digest, now, now, now + timedelta(hours=12)


def _visitor(app: Flask, kind: str, number: int, token: str) -> Visitor:
    with app.test_request_context("/"):
        session["_user_id"], session["_fresh"] = token, True
        csrf_token = generate_csrf()
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        cookie = f"{COOKIE}={signer.dumps(dict(session))}"
    return Visitor(made_id(kind, number), made_id("patient", number), cookie, csrf_token)


@dataclass(frozen=True, slots=True)
class Program:
    user_id: UUID
    patient_id: UUID  # of nobody, if the program is not a patient's
    bearer: str


def programs(app: Flask, numbers: Iterable[int], kind: str = "login") -> list[Program]:
    """Access tokens of these people, fresh: an older one's first use is noted, and so is slower."""
    from clinic.accounts.sessions import programs as tokens
    from clinic.core.data.db import transactional

    @transactional
    def opened() -> list[Program]:
        found = []
        for number in numbers:
            user_id = made_id(kind, number)
            pair = tokens.open_family(user_id, "bench")
            found.append(Program(user_id, made_id("patient", number), pair.access_token))
        return found

    with app.app_context():
        return opened()
