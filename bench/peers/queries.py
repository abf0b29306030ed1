"""What the bare service asks of the database."""

PERSON = """
    SELECT users.id, users.role, patients.id AS patient_id
    FROM users LEFT JOIN patients ON patients.user_id = users.id
    WHERE users.id = $1 AND users.is_active"""

DOCTOR = """
    SELECT doctors.id, doctors.organisation_id, organisations.timezone,
      settings.minimum_notice_minutes, settings.booking_horizon_days
    FROM doctors JOIN organisations ON organisations.id = doctors.organisation_id
      JOIN settings ON settings.organisation_id = organisations.id
    WHERE doctors.id = $1 AND doctors.is_active AND organisations.is_active"""
LOCKED_DOCTOR = f"{DOCTOR} FOR NO KEY UPDATE OF doctors"

WINDOWS = """
    SELECT id, location_id, start_time, end_time, slot_minutes, capacity, max_patients
    FROM schedules
    WHERE doctor_id = $1 AND withdrawn_at IS NULL AND (on_date = $2
      OR weekday = $3 AND (valid_from IS NULL OR valid_from <= $2)
        AND (valid_until IS NULL OR $2 <= valid_until))"""

TIME_OFF = """
    SELECT starts_at, ends_at FROM time_off
    WHERE doctor_id = $1 AND ends_at > $2 AND starts_at < $3 AND withdrawn_at IS NULL"""

# A visit lasts 8 hours at most.
VISITS = """
    SELECT starts_at, ends_at, seat FROM appointments
    WHERE doctor_id = $1 AND starts_at > $2::timestamptz - interval '8 hours' AND starts_at < $3
      AND status NOT IN ('cancelled', 'no_show') AND seat IS NOT NULL"""

IS_BUSY = """
    SELECT 1 FROM appointments
    WHERE patient_id = $1 AND starts_at > $2::timestamptz - interval '8 hours'
      AND starts_at < $3 AND ends_at > $2 AND status NOT IN ('cancelled', 'no_show') LIMIT 1"""

INSERT_VISIT = """
    INSERT INTO appointments (id, organisation_id, doctor_id, patient_id, schedule_id, location_id,
      starts_at, ends_at, seat, status, reason, code, source, channel, booked_by, version,
      created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10, $11, 'api', 'sms', $12, 1,
      $13, $13)"""

INSERT_EVENT = """
    INSERT INTO events (id, at, name, topic, organisation_id, actor_id, actor_role, payload)
    VALUES ($1, $2, 'appointment.created', 'appointment.created', $3, $4, $5, $6)"""

INSERT_DELIVERY = """
    INSERT INTO event_deliveries (id, event_id, handler, due_at, attempts)
    VALUES ($1, $2, 'reminders.on_created', $3, 0)"""
