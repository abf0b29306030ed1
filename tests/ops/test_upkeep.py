"""`make backup`, `make restore`, `make reset-db` on both databases."""

import shutil
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from clinic import upkeep
from clinic.config import Settings
from tests.servers import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of a clinic with one guest in its book."""
    url = f"sqlite:///{tmp_path / 'clinic.db'}"
    if request.param == "postgresql":
        running: Postgres = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("PATH", str(running.binaries), prepend=":")
        running.drop_database("upkeep")
        url = running.create_database("upkeep")
    settings = Settings(clinic_data_dir=tmp_path, database_url=url)
    tell(settings, "CREATE TABLE guests (name TEXT)")
    tell(settings, "INSERT INTO guests VALUES ('Asha')")
    return settings


def tell(settings: Settings, statement: str) -> None:
    engine = sa.create_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def tables(settings: Settings) -> set[str]:
    engine = sa.create_engine(settings.database)
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return found


def guests(settings: Settings) -> list[str]:
    engine = sa.create_engine(settings.database)
    with engine.connect() as connection:
        names = connection.scalars(sa.text("SELECT name FROM guests ORDER BY name")).all()
    engine.dispose()
    return list(names)


def test_a_restored_clinic_is_what_it_was(settings: Settings) -> None:
    saved = upkeep.backup(settings)
    tell(settings, "INSERT INTO guests VALUES ('Bela')")
    tell(settings, "CREATE TABLE later (guest TEXT)")  # as a newer migration would

    upkeep.restore(settings, saved)

    assert guests(settings) == ["Asha"]
    assert tables(settings) == {"guests"}


def test_a_backup_restores_into_an_empty_database_and_can_be_backed_up_again(
    settings: Settings,
) -> None:
    saved = upkeep.backup(settings)
    upkeep.reset(settings)
    assert tables(settings) == set()

    upkeep.restore(settings, saved)
    again = upkeep.backup(settings)
    upkeep.restore(settings, again)

    assert guests(settings) == ["Asha"]


def test_only_the_owner_may_read_a_backup(settings: Settings) -> None:
    saved = upkeep.backup(settings)
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert stat.S_IMODE(saved.parent.stat().st_mode) == 0o700
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_damaged_backup_changes_nothing(settings: Settings) -> None:
    saved = upkeep.backup(settings)
    content = saved.read_bytes()
    saved.write_bytes(content[: len(content) // 2])

    with pytest.raises(upkeep.UpkeepFailed):
        upkeep.restore(settings, saved)

    assert guests(settings) == ["Asha"]
    assert list(saved.parent.iterdir()) == [saved]


def test_an_unknown_backup_is_refused_with_the_known_ones(settings: Settings) -> None:
    saved = upkeep.backup(settings)
    with pytest.raises(upkeep.UpkeepFailed, match=saved.name):
        upkeep.restore(settings, Path("nowhere.db"))


def test_production_is_never_emptied(settings: Settings) -> None:
    production = settings.model_copy(update={"environment": "production"})
    with pytest.raises(upkeep.UpkeepFailed, match="production"):
        upkeep.reset(production)
    assert guests(settings) == ["Asha"]


def test_a_missing_program_is_named(
    postgres_server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    settings = Settings(clinic_data_dir=tmp_path, database_url=postgres_server.url())
    with pytest.raises(upkeep.UpkeepFailed, match="pg_dump is missing"):
        upkeep.backup(settings)
    assert list((tmp_path / "backups").iterdir()) == []
