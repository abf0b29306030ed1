"""Bookings become plans and due plans become messages, one by one and by two bare statements."""

import time
from collections.abc import Callable

import psycopg
from flask import Flask

from bench.messages import empty
from bench.report import Row
from bench.rows import plain
from bench.stage import Stage


def measure(on: Stage, app: Flask, many: int) -> list[Row]:
    """`many` bookings that only their event has heard of: the outbox first, then the due plans."""
    from clinic.events import jobs as events
    from clinic.reminders import jobs as reminders

    _book(on.database, many)
    with app.app_context():
        plan_s = _timed(events.deliver_due)
        planned = _count(on.database, "reminders")
        queue_s = _timed(reminders.send_due)
        queued = _count(on.database, "messages WHERE status = 'queued'")
    _book(on.database, many)
    by_hand = [_by_hand(on.database, statement) for statement in (_PLAN, _QUEUE)]
    return [
        _row("bookings planned", many, planned, plan_s, by_hand[0]),
        _row("due plans queued", many, queued, queue_s, by_hand[1]),
    ]


def _row(name: str, done: int, made: int, seconds: float, by_hand: tuple[int, float]) -> Row:
    rows, by_hand_s = by_hand
    assert rows == made, (name, rows, made)  # or the two did not do the same
    figures = {
        "done": done,
        "rows made": made,
        "done/s": done / seconds,
        "rows/s": made / seconds,
        "bare SQL rows/s": rows / by_hand_s,
        "rows / bare SQL": seconds / by_hand_s,
    }
    return Row(name, figures)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _count(database: str, of: str) -> int:
    with psycopg.connect(plain(database)) as connection:
        found = connection.execute(f"SELECT count(*) FROM {of}").fetchone()  # noqa: S608 - ours
        return found[0] if found else 0


def _by_hand(database: str, statement: str) -> tuple[int, float]:
    """Rows inserted, and the seconds with the commit."""
    began = time.perf_counter()
    with psycopg.connect(plain(database), autocommit=True) as connection:
        rows = connection.execute(statement).rowcount
    return rows, time.perf_counter() - began


def _book(database: str, many: int) -> None:
    """Events of visits to come, each with the delivery that plans, and a number for each patient"""
    empty(database)
    with psycopg.connect(plain(database), autocommit=True) as connection:
        connection.execute(_NUMBERS)
        connection.execute(_PENDING, {"many": many})
        connection.execute(_EVENTS)
        connection.execute("VACUUM ANALYZE event_deliveries, events, reminders, messages")
        connection.execute("CHECKPOINT")


_NUMBERS = """
    INSERT INTO patient_organisations (patient_id, organisation_id, record_number, phone, language,
      channel, created_at)
    SELECT DISTINCT patient_id, organisation_id, left(md5(patient_id::text), 12),
      '+4477' || lpad((hashtext(patient_id::text) & 67108863)::text, 8, '0'), 'en', 'sms', now()
    FROM appointments WHERE starts_at > now() + interval '4 hours'
    ON CONFLICT DO NOTHING"""
_PENDING = """
    UPDATE appointments
    SET status = CASE WHEN status = 'pending' THEN 'scheduled' ELSE 'pending' END
    WHERE status = 'pending' OR id IN (
      SELECT id FROM appointments
      WHERE starts_at > now() + interval '4 hours' AND status = 'scheduled' LIMIT %(many)s)"""
_EVENTS = """
    WITH booked AS (
      INSERT INTO events (id, at, name, topic, organisation_id, actor_role, payload)
      SELECT gen_random_uuid(), now(), 'appointment.created', 'appointment.created',
        organisation_id, 'patient', json_build_object('appointment_id', id, 'doctor_id', doctor_id,
          'patient_id', patient_id, 'status', 'pending')
      FROM appointments WHERE status = 'pending' RETURNING id)
    INSERT INTO event_deliveries (id, event_id, handler, due_at, attempts)
    SELECT gen_random_uuid(), id, 'reminders.on_created', now(), 0 FROM booked"""

# What the product does by its handlers, without rules of organisations, which nobody has here.
_PLAN = """
    WITH taken AS (
      UPDATE event_deliveries SET done_at = now() WHERE done_at IS NULL RETURNING event_id)
    INSERT INTO reminders (id, organisation_id, appointment_id, rule, channel, due_at, status,
      created_at)
    SELECT gen_random_uuid(), visit.organisation_id, visit.id, rule, visit.channel, due_at,
      'planned', now()
    FROM taken JOIN events ON events.id = taken.event_id
      JOIN appointments visit ON visit.id = (events.payload ->> 'appointment_id')::uuid,
      LATERAL (VALUES ('booked', visit.created_at),
        ('before_3h', visit.starts_at - interval '3 hours')) due(rule, due_at)
    ON CONFLICT DO NOTHING"""
_QUEUE = """
    WITH due AS (
      UPDATE reminders SET status = 'queued' WHERE status = 'planned' AND due_at <= now()
      RETURNING *)
    INSERT INTO messages (id, organisation_id, direction, channel, audience, address, template,
      language, body, about_id, dedupe_key, status, due_at, expires_at, attempts, needs_attention,
      created_at)
    SELECT gen_random_uuid(), visit.organisation_id, 'out', 'sms', 'patient',
      coalesce(users.phone, known.phone), 'visit_booked', known.language,
      format('%s: booked %s, %s, %s. Code %s. {link:visit:%s}', organisations.name,
        to_char(visit.starts_at AT TIME ZONE organisations.timezone, 'Dy DD Mon, HH24:MI'),
        doctors.name, locations.name, visit.code, visit.id),
      visit.id, 'reminder:' || due.id, 'queued', due.due_at, visit.starts_at, 0, false, now()
    FROM due JOIN appointments visit ON visit.id = due.appointment_id
      JOIN organisations ON organisations.id = visit.organisation_id
      JOIN locations ON locations.id = visit.location_id
      JOIN doctors ON doctors.id = visit.doctor_id
      JOIN patients ON patients.id = visit.patient_id
      LEFT JOIN users ON users.id = patients.user_id
      JOIN patient_organisations known ON known.patient_id = visit.patient_id
        AND known.organisation_id = visit.organisation_id
    ON CONFLICT DO NOTHING"""
