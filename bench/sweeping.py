"""The sweep for those who did not come: a few overdue visits among very many."""

import time

import psycopg
from flask import Flask

from bench import statements
from bench.messages import empty
from bench.report import Row
from bench.rows import plain
from bench.stage import Stage
from bench.statements import Statement

OVERDUE = (0, 100, 1_000)
INDEX = "ix_appointments_overdue"


def measure(on: Stage, app: Flask, overdue: tuple[int, ...] = OVERDUE) -> list[Row]:
    from clinic.appointments.steps import sweep

    empty(on.database)
    with statements.listening(app) as heard, app.app_context():
        sweep.mark_no_shows()  # the connection and the plans, and what came overdue meanwhile
    look = next(one for one in heard if one[0].startswith("SELECT appointments"))
    return [_sweep(on.database, app, look, count) for count in overdue]


def _sweep(database: str, app: Flask, look: Statement, count: int) -> Row:
    from clinic.appointments.steps import sweep

    with psycopg.connect(plain(database), autocommit=True) as connection:
        connection.execute(_FORGET, {"count": count})
        connection.execute("ANALYZE appointments")
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {look[0]}", look[1]))
        alone_ms = _alone(connection, count)
    with statements.listening(app) as heard, app.app_context():
        began = time.perf_counter()
        swept = sweep.mark_no_shows()
        ms = (time.perf_counter() - began) * 1000
    assert swept == count, (swept, count)
    figures = {
        "ms": ms,
        "ms a visit": ms / count if count else 0,
        "statements": float(len(heard)),
        "a bare UPDATE, ms": alone_ms,
        "sweep / bare UPDATE": ms / alone_ms,
        "partial index used": float(INDEX in plan),
        "table read in full": float("Seq Scan on appointments" in plan),
    }
    return Row(f"{count:,} overdue", figures)


def _alone(connection: psycopg.Connection, count: int) -> float:
    """How long the visits alone would take, in a transaction that is undone."""
    with connection.transaction(force_rollback=True):
        began = time.perf_counter()
        assert len(connection.execute(_MISSED).fetchall()) == count
        return (time.perf_counter() - began) * 1000


_MISSED = """
    UPDATE appointments SET status = 'no_show', status_before = status, version = version + 1,
      updated_at = now()
    FROM settings
    WHERE settings.organisation_id = appointments.organisation_id AND settings.auto_no_show
      AND status IN ('scheduled', 'confirmed')
      AND starts_at <= now() - settings.no_show_grace_minutes * interval '1 minute'
    RETURNING appointments.id"""

# Visits of yesterday and before whose patients nobody has seen.
_FORGET = """
    UPDATE appointments SET status = 'scheduled' WHERE id IN (
      SELECT id FROM appointments WHERE status = 'completed' AND starts_at < now()
      ORDER BY starts_at DESC LIMIT %(count)s)"""
