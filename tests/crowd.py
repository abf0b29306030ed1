"""Many people at the same instant, and what must be true when they are done."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from flask import Flask

from clinic.core.data.db import db

FULL = os.environ.get("CLINIC_TRUST") == "full"
SIZE = 4 if FULL else 1  # `make trust` asks for the promises at full size


def at_once(app: Flask, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each call in a thread and an app context of its own, all released together.

    Returns what each returned or raised, in their order.
    """
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait(60)
            try:
                return call()
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def faults(answers: Sequence[Any], *expected: type[Exception]) -> list[Exception]:
    """The exceptions among the answers that are none of the expected ones."""
    return [one for one in answers if isinstance(one, Exception) and not isinstance(one, expected)]


_HOLDS = "{0}.status NOT IN ('cancelled', 'no_show')"
_OVERLAPS = f"""
    SELECT count(*) FROM appointments a JOIN appointments b
      ON a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
    WHERE {_HOLDS.format("a")} AND {_HOLDS.format("b")} AND """  # noqa: S608 - constants

INVARIANTS = {
    "a seat sold twice": f"{_OVERLAPS} a.doctor_id = b.doctor_id AND a.seat = b.seat",
    "a patient in two places": f"{_OVERLAPS} a.patient_id = b.patient_id",
    "a seat beyond the capacity": """
        SELECT count(*) FROM appointments a JOIN schedules s ON s.id = a.schedule_id
        WHERE a.seat > s.capacity OR a.seat IS NULL""",
    "a visit whose steps and events differ": """
        SELECT count(*) FROM appointments a WHERE a.version <> (
          SELECT count(*) FROM events e WHERE e.name LIKE 'appointment.%'
            AND replace(CAST(e.payload AS TEXT), '-', '')
                LIKE '%' || replace(CAST(a.id AS TEXT), '-', '') || '%')""",
    "a booking that nothing will accept": """
        SELECT count(*) FROM events e WHERE e.name = 'appointment.created'
          AND NOT EXISTS (SELECT 1 FROM event_deliveries d WHERE d.event_id = e.id)""",
}


def broken_invariants() -> list[str]:
    """The names of the invariants that do not hold. Needs an app context."""
    db.session.rollback()
    return [
        name for name, sql in INVARIANTS.items() if db.session.execute(sa.text(sql)).scalar_one()
    ]
