"""Rows of 0.1 come through: the table of accounts is made anew on SQLite, with all that points to
it."""

from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from clinic.accounts.models import User
from clinic.config import ROOT
from clinic.core.data.db import db
from clinic.factory import create_app
from tests.cast import make_cast
from tests.conftest import settings_for
from tests.servers import Postgres

MIGRATIONS = str(ROOT / "migrations")
OF_0_1 = "0009"
NUMBERS = count(1)
ROWS = "SELECT id, email, phone, full_name, password_hash, is_active, created_at FROM users"


@pytest.fixture(params=["sqlite", "postgres"])
def of_0_1(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    url = ""
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.create_database(f"upgrading_{next(NUMBERS)}")
    app = create_app(settings_for(tmp_path, url))
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        make_cast()
        db.session.execute(sa.text("UPDATE users SET email_verified_at = NULL"))
        db.session.commit()
        db.session.remove()
        downgrade(directory=MIGRATIONS, revision=OF_0_1)
        db.session.remove()
    return app


def test_names_of_doctors_are_folded(of_0_1: Flask) -> None:
    name, kept = "Dr Jos\u00e9 M\u00fcller", "jos\u00e9 m\u00fcller"
    with of_0_1.app_context():
        doctor = db.session.scalar(sa.text("SELECT id FROM doctors ORDER BY id LIMIT 1"))
        values = {"name": name, "kept": kept, "id": doctor}
        change = "UPDATE doctors SET name = :name, sort_name = :kept WHERE id = :id"
        db.session.execute(sa.text(change), values)
        db.session.commit()
        db.session.remove()
        upgrade(directory=MIGRATIONS)
        folded = sa.text("SELECT sort_name FROM doctors WHERE id = :id")
        assert db.session.scalar(folded, {"id": doctor}) == "jose muller"
        db.session.remove()
        downgrade(directory=MIGRATIONS, revision="0022")
        assert db.session.scalar(folded, {"id": doctor}) == kept
        db.session.rollback()
        db.engine.dispose()


def test_accounts_and_all_that_points_to_them_are_kept(of_0_1: Flask) -> None:
    with of_0_1.app_context():
        before = sorted(map(str, db.session.execute(sa.text(ROWS))))
        db.session.remove()
        upgrade(directory=MIGRATIONS)
        assert sorted(map(str, db.session.execute(sa.text(ROWS)))) == before
        links = "SELECT count(*) FROM patients JOIN users ON users.id = patients.user_id"
        assert db.session.scalar(sa.text(links)) == 2
        proven = sa.select(User.role).where(User.email_verified_at.is_not(None))
        assert db.session.scalars(proven).all() == ["superadmin"]  # the operator entered it
        db.session.rollback()
        db.engine.dispose()
