"""The running clinic of the trust tests: its own PostgreSQL, Redis, workers and stand-in Twilio."""

import contextlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.admin import invariants
from clinic.appointments.models import Appointment
from clinic.config import ROOT, Settings
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.work import queue
from clinic.factory import create_app
from clinic.messaging.models import Message
from clinic.schedules.models import Schedule
from tests.conftest import Stage, settings_for
from tests.crowd import FULL
from tests.fakes.twilio import ACCOUNT, TOKEN
from tests.ops.processes import Product, free_port
from tests.servers import Redis

HURRY = "30"  # a lease of a minute ends after two seconds
DELIVER = "clinic.messaging.jobs.deliver_due"
RESOLVE = "clinic.messaging.jobs.resolve_uncertain"


def sized(full: int, quick: int) -> int:
    """`make trust` asks for the promises at full size, `make test` for a quick form."""
    return full if FULL else quick


def tell(promise: str, **figures: object) -> None:
    """The one line of a promise; under `make trust` it is seen."""
    said = ", ".join(f"{name.replace('_', ' ')} {figure}" for name, figure in figures.items())
    sys.stdout.write(f"\n{promise}: {said}\n")


def until(what: str, holds: Callable[[], Any], seconds: float = 60, pause: float = 0.05) -> float:
    """Wait for it. Returns how many seconds it took; fails by name."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"not after {seconds} s: {what}")
        time.sleep(pause)
    return time.monotonic() - started


class TwilioProcess:
    """The stand-in in a process of its own, steered over HTTP."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "tests.fakes.twilio", "--port", str(self.port)]
        self.product = Product(command, ROOT, folder / "twilio.txt", PORT=str(self.port))
        until("the stand-in Twilio listens", lambda: "ready" in self.product.said)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def control(self, **order: object) -> None:
        asked = Request(f"{self.address}/_control", json.dumps(order).encode())  # noqa: S310 - the stand-in on this machine
        urlopen(asked, timeout=5).read()  # noqa: S310 - our own address

    def counts(self) -> Counter[str]:
        """How often each message was taken."""
        answer = urlopen(f"{self.address}/_counts", timeout=5)  # noqa: S310 - our own address
        return Counter(json.load(answer))


@dataclass
class Clinic:
    """`app` is the same product inside of the test, to look and to kick."""

    app: Flask
    stage: Stage
    redis: Redis
    twilio: TwilioProcess
    folder: Path
    settings: dict[str, str]
    running: list[Product] = field(default_factory=list)

    def start(self, name: str = "worker", **more: str) -> Product:
        return self._run(name, [sys.executable, "-m", "clinic", name], more)

    def start_web(self, under: Sequence[str] = (), **more: str) -> Product:
        return self._run("web", [*under, sys.executable, "-m", "clinic"], more)

    def _run(self, name: str, command: list[str], more: dict[str, str]) -> Product:
        log = self.folder / f"{name}-{uuid4().hex[:6]}.txt"
        product = Product(command, ROOT, log, **(self.settings | more))
        self.running.append(product)
        return product

    def kill(self, product: Product) -> None:
        """`kill -9` of the process and of all it has forked; nobody has time to say goodbye."""
        product.clean_up()
        self.running.remove(product)

    def kick(self, job: str = DELIVER) -> None:
        """As a tick does. Fails with its last words if a process ended that nobody killed."""
        for product in self.running:
            assert product.process.poll() is None, product.said[-2000:]
        queue.kick(job)

    def stop(self) -> None:
        for product in [*self.running]:
            self.kill(product)

    def jobs_waiting(self) -> float:
        return queue.gauges().get("queue_jobs_waiting") or 0

    def has_workers(self, count: int) -> bool:
        return (queue.gauges().get("queue_workers") or 0) >= count


@contextlib.contextmanager
def opened(stage: Stage, folder: Path) -> Iterator[Clinic]:
    """A fresh database, and everything around it; a context of the app is pushed."""
    stage.put_back()
    with Redis() as redis:
        twilio = TwilioProcess(folder)
        settings = _settings(stage, redis, twilio, folder)
        app = create_app(settings)
        clinic = Clinic(app, stage, redis, twilio, folder, _environment(settings))
        try:
            with app.app_context():
                yield clinic
        finally:
            clinic.stop()
            twilio.product.clean_up()
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def _settings(stage: Stage, redis: Redis, twilio: TwilioProcess, folder: Path) -> Settings:
    base = settings_for(folder, stage.app.config["SETTINGS"].database_url, redis.url)
    return base.model_copy(
        update={
            "link_key": "a key of the tests for the links in texts",
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_api_base": twilio.address,
            "twilio_from": "+447700900999",
            "public_base_url": "https://clinic.example",
            "sender_messages_per_second": 0,
        }
    )


def _environment(settings: Settings) -> dict[str, str]:
    """What makes another process the same clinic."""
    names = (
        *("environment", "clinic_data_dir", "database_url", "redis_url", "secret_key"),
        *("password_pepper", "link_key", "password_rounds", "log_level", "twilio_account_sid"),
        *("twilio_auth_token", "twilio_api_base", "twilio_from", "public_base_url"),
        *("jwt_secret_key", "field_encryption_keys", "sender_messages_per_second"),
    )
    given = {name.upper(): str(getattr(settings, name)) for name in names}
    return {
        **given,
        "PORT": str(free_port()),
        "FLASK_SKIP_DOTENV": "1",
        "HURRY": HURRY,
        "LOG_DIR": str(settings.clinic_data_dir),
    }


@pytest.fixture
def clinic(
    postgres_stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Clinic]:
    monkeypatch.setitem(os.environ, "HURRY", HURRY)  # for what the test itself runs as well
    with opened(postgres_stage, tmp_path) as found:
        yield found


# --- rows


@transactional
def due(count: int, over: timedelta = timedelta(seconds=1), **values: object) -> list[UUID]:
    """So many texts that became due in the time until now, each with words of its own."""
    moment = clock.now()
    ids = [uuid4() for _ in range(count)]
    rows = [
        {
            "id": one,
            "direction": "out",
            "channel": "sms",
            "audience": "patient",
            "address": f"+4477{number:08}",
            "template": "visit_reminder",
            "language": "en",
            "body": f"Harbour Clinic: number {number}",
            "dedupe_key": f"trust:{one}",
            "status": "queued",
            "due_at": moment - over * ((count - number) / count),
            "attempts": 0,
            "needs_attention": False,
            "created_at": moment,
            **values,
        }
        for number, one in enumerate(ids)
    ]
    db.session.execute(sa.insert(Message), rows)
    return ids


@transactional
def expected(stage: Stage, count: int, starts_at: datetime) -> list[UUID]:
    """So many accepted visits, a minute apart; what happens to them next is their first event."""
    window = db.session.scalars(
        sa.select(Schedule).where(Schedule.doctor_id == stage.cast.dr_chandra.doctor_id).limit(1)
    ).one()
    moment = clock.now()
    ids = [uuid4() for _ in range(count)]
    rows = [
        {
            "id": one,
            "organisation_id": stage.cast.harbour,
            "doctor_id": window.doctor_id,
            "patient_id": stage.cast.asha.patient_id,
            "schedule_id": window.id,
            "location_id": stage.cast.quay_street,
            "starts_at": starts_at - timedelta(minutes=number),
            "ends_at": starts_at - timedelta(minutes=number) + timedelta(seconds=50),
            "seat": 1,
            "status": "scheduled",
            "reason": "Trust",
            "code": one.hex[:8],
            "source": "web",
            "channel": "sms",
            "version": 0,
            "created_at": moment,
            "updated_at": moment,
        }
        for number, one in enumerate(ids)
    ]
    db.session.execute(sa.insert(Appointment), rows)
    return ids


# --- what must be true in the end


def statuses(ids: list[UUID]) -> dict[UUID, str]:
    db.session.rollback()
    rows = db.session.execute(sa.select(Message.id, Message.status).where(Message.id.in_(ids)))
    found = {row.id: row.status for row in rows}
    db.session.rollback()
    return found


def waiting() -> int:
    """How many texts have no end yet."""
    db.session.rollback()
    open_ = Message.status.in_(("queued", "sending"))
    return db.session.scalar(sa.select(sa.func.count()).where(open_)) or 0


@dataclass(frozen=True)
class Balance:
    """The ledger beside what the provider counted."""

    sent: int
    doubled: int
    lost: int
    uncertain: int


def balance(ids: list[UUID], counts: Counter[str]) -> Balance:
    """Lost: the provider never took it, and the ledger does not say that it may not have."""
    found = statuses(ids)
    visible = ("uncertain", "failed", "skipped", "cancelled")
    return Balance(
        sent=sum(status in ("sent", "delivered") for status in found.values()),
        doubled=sum(counts[str(one)] > 1 for one in ids),
        lost=sum(counts[str(one)] == 0 and found[one] not in visible for one in ids),
        uncertain=sum(status == "uncertain" for status in found.values()),
    )


def broken() -> dict[str, int]:
    """What `flask verify` would complain about."""
    db.session.rollback()
    return {one.name: one.count for one in invariants.findings() if one.count}
