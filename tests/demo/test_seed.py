"""`flask seed`: the demo clinic is whole, believable, the same each time, and never in the way."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from clinic import demo
from clinic.access.actor import Actor
from clinic.accounts.models import User
from clinic.accounts.signin.service import recognise
from clinic.appointments.models import Appointment, VisitLink
from clinic.appointments.reading import visit as visits
from clinic.appointments.vocabulary import Status
from clinic.config import ROOT, Settings
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.demo import check, messages, report
from clinic.demo.report import Counts, Report
from clinic.doctors.models import Doctor, DoctorSpecialisation
from clinic.factory import create_app
from clinic.messaging.consents.models import OptOut
from clinic.messaging.models import Message
from clinic.patients.models import Patient
from clinic.reminders.models import Reminder

MOMENT = datetime(2026, 11, 20, 10, 40, tzinfo=UTC)  # a Friday morning in London
COUNTS = Counts(doctors=10, patients=120, appointments=600)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a migrated database in which nothing is yet."""
    folder = tmp_path_factory.mktemp("empty")
    with opened(folder):
        upgrade(directory=str(ROOT / "migrations"))
    return folder


@contextmanager
def opened(folder: Path, **settings: str) -> Iterator[Flask]:
    app = create_app(
        Settings(
            environment="testing",
            clinic_data_dir=folder,
            database_url="",
            redis_url="",
            secret_key="a key of the tests, long enough to sign with",
            password_pepper="a pepper of the tests",
            field_encryption_keys="a key of the tests, for single columns",
            password_rounds=4,
            log_level="ERROR",
        )
    )
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@contextmanager
def copied(empty: Path, to: Path, **settings: str) -> Iterator[Flask]:
    """An app on its own copy, which writes its files there too."""
    shutil.copy(empty / "clinic.db", to)
    with pytest.MonkeyPatch.context() as patch, opened(to, **settings) as app:
        patch.setattr(report, "FOLDER", to / "seed")
        with clock.travelled(MOMENT):
            yield app


class Seeded:
    def __init__(self, app: Flask, folder: Path, found: Report) -> None:
        self.app = app
        self.folder = folder
        self.found = found

    def written(self, name: str) -> dict:
        return json.loads((self.folder / "seed" / name).read_text())


@pytest.fixture(scope="module")
def clinic(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """Seeded once; the tests only look."""
    folder = tmp_path_factory.mktemp("clinic")
    with copied(empty, folder) as app:
        yield Seeded(app, folder, demo.seed())


def diary() -> list[tuple]:
    """Every visit, without the ids."""
    rows = db.session.execute(
        sa.select(
            Appointment.starts_at,
            Doctor.name,
            Patient.full_name,
            Appointment.seat,
            Appointment.status,
            Appointment.reason,
            Appointment.created_at,
        )
        .join(Doctor, Doctor.id == Appointment.doctor_id)
        .join(Patient, Patient.id == Appointment.patient_id)
    )
    return sorted(tuple(row) for row in rows)


def test_the_clinic_is_as_large_as_promised(clinic: Seeded) -> None:
    assert clinic.found.counts == COUNTS
    assert clinic.found.problems == []
    assert set(clinic.found.by_status) == {str(status) for status in Status}
    assert min(clinic.found.by_status.values()) > 0
    assert sum(clinic.found.by_status.values()) == 600
    specialisations = sa.select(sa.func.count(DoctorSpecialisation.specialisation.distinct()))
    assert (db.session.scalar(specialisations) or 0) >= 8


def test_the_report_is_written(clinic: Seeded) -> None:
    written = clinic.written("report.json")
    assert datetime.fromisoformat(written.pop("generated_at")) == MOMENT
    assert written == {
        "summary": {"doctors": 10, "patients": 120, "appointments": 600},
        "per_doctor": clinic.found.per_doctor,
        "by_status": clinic.found.by_status,
        "validation": {"ok": True, "problems": []},
    }
    assert clinic.found.per_doctor.keys() == {"min", "max"}
    assert "600 appointments" in clinic.found.summary()


def test_everybody_in_the_credentials_can_sign_in(clinic: Seeded) -> None:
    logins = clinic.written("credentials.json")["logins"]
    roles = [login["role"] for login in logins]
    expected = {"superadmin": 1, "admin": 2, "staff": 2, "doctor": 10, "patient": 2}
    assert {role: roles.count(role) for role in roles} == expected
    for login in logins:
        assert recognise(login["email"], login["password"], "127.0.0.1").user_id


def test_nobody_real_can_be_reached(clinic: Seeded) -> None:
    emails = db.session.scalars(sa.select(User.email)).all()
    assert all(email.endswith((".example", "@example.com")) for email in emails)
    phones = db.session.scalars(sa.text("SELECT phone FROM patient_organisations")).all()
    assert all(phone.startswith("+447700900") and len(phone) == 13 for phone in phones)


def test_a_demo_patient_has_visits_to_come_and_one_to_confirm(clinic: Seeded) -> None:
    person = db.session.execute(
        sa.select(Patient.id, Patient.user_id).where(Patient.full_name == "Maya Ellison")
    ).one()
    actor = Actor("patient", person.user_id, patient_id=person.id)
    coming = visits.upcoming(actor)
    assert {"scheduled", "confirmed"} <= {visit.status for visit in coming}
    assert any(visit.can_confirm for visit in coming)


def test_no_visit_is_ahead_of_its_time(clinic: Seeded) -> None:
    ended = {Status.COMPLETED, Status.NO_SHOW, Status.IN_PROGRESS}
    for start, _, _, _, status, _, created in diary():
        assert created < min(start, MOMENT)
        assert start <= MOMENT or status not in ended
        assert (
            start > MOMENT
            or status not in (Status.PENDING, Status.SCHEDULED)
            or (MOMENT - start).total_seconds() <= 15 * 60
        )


def test_one_day_has_one_clinic(clinic: Seeded, empty: Path, tmp_path: Path) -> None:
    first = diary()
    with copied(empty, tmp_path):
        assert demo.seed_if_empty()
        again = check.read_back(COUNTS)
        assert diary() == first
    assert again.by_status == clinic.found.by_status
    assert again.per_doctor == clinic.found.per_doctor


def test_a_clinic_with_people_in_it_is_left_alone(clinic: Seeded) -> None:
    answer = clinic.app.test_cli_runner().invoke(args=["seed"])
    assert answer.exit_code == 1
    assert "not empty" in answer.output
    assert not demo.seed_if_empty()
    assert len(diary()) == 600


def test_production_gets_no_demo_logins(empty: Path, tmp_path: Path) -> None:
    with copied(empty, tmp_path, environment="production") as app:
        with pytest.raises(demo.CannotSeed):
            demo.seed()
        assert app.test_cli_runner().invoke(args=["seed"]).exit_code == 1
        assert db.session.scalar(sa.select(sa.func.count(User.id))) == 0


def test_a_folder_that_cannot_be_written_is_only_told(
    clinic: Seeded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "FOLDER", clinic.folder / "clinic.db" / "seed")
    report.write(clinic.found, [])
    assert "could not be written" in capsys.readouterr().err


def test_a_broken_clinic_is_reported(clinic: Seeded, tmp_path: Path) -> None:
    source, target = clinic.folder / "clinic.db", tmp_path / "clinic.db"
    with closing(sqlite3.connect(source)) as seeded, closing(sqlite3.connect(target)) as copy:
        seeded.backup(copy)
    with opened(tmp_path):
        spoil()
        problems = check.read_back(COUNTS).problems
    for words in ("599 appointments instead of 600", "one seat", "one patient", "hours"):
        assert any(words in problem for problem in problems), problems


@transactional
def spoil() -> None:
    """Move a visit onto another one, to the middle of the night, and lose a third."""
    one, other, third = db.session.scalars(
        sa.select(Appointment).where(Appointment.status == Status.COMPLETED).limit(3)
    )
    other.doctor_id, other.patient_id, other.seat = one.doctor_id, one.patient_id, one.seat
    one.starts_at = one.starts_at.replace(hour=3)
    other.starts_at = one.starts_at + timedelta(minutes=1)
    for table in (VisitLink, Reminder):  # what hangs on it
        db.session.execute(sa.delete(table).where(table.appointment_id == third.id))
    db.session.delete(third)


def test_the_desk_finds_one_of_everything_among_its_messages(clinic: Seeded) -> None:
    found = {tuple(row) for row in db.session.execute(sa.select(Message.direction, Message.status))}
    assert {("out", "failed"), ("out", "uncertain"), ("out", "delivered")} <= found
    flagged = sa.select(Message.body).where(Message.direction == "in", Message.needs_attention)
    assert messages.ASKS in db.session.scalars(flagged).all()
    stopped = db.session.scalars(sa.select(OptOut.kind)).all()
    assert {"unreachable", "opted_out"} <= set(stopped)
    waiting = sa.select(sa.func.count()).where(Appointment.status == Status.PENDING)
    assert db.session.scalar(waiting) > 0
