"""A clinic of any size, written by the database itself in a minute instead of by the services."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg

from clinic.core.languages import LANGUAGES
from clinic.doctors.vocabulary import SPECIALISATIONS

ZONE = "Europe/London"
ORGANISATIONS, LOCATIONS = 10, 20
VISITS_EACH = 100
PAST_DAYS, COMING_DAYS = 30, 10  # working days that hold visits
LIVE_PATIENTS = 6000  # those with a login
STAFF = 200  # so many that nobody's own limit of requests is reached


@dataclass(frozen=True, slots=True)
class Size:
    doctors: int

    @property
    def patients(self) -> int:
        return max(self.doctors * 10, 2 * LIVE_PATIENTS)

    @property
    def visits(self) -> int:
        return self.doctors * VISITS_EACH


def made_id(name: str, number: int) -> UUID:
    """The id of the row that the statements below made from this number."""
    return UUID(hashlib.md5(f"{name}{number}".encode(), usedforsecurity=False).hexdigest())


def fill(database: str, size: Size) -> None:
    """Write the rows into an empty, migrated database and let it gather its statistics."""
    with psycopg.connect(plain(database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # foreign keys hold by design
        connection.execute("SET maintenance_work_mem = '256MB'")
        connection.execute(_MADE)
        for statement in (*_PEOPLE, *_DIRECTORY, _VISITS):
            connection.execute(statement, _parameters(size))
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def plain(database: str) -> str:
    """The URL as psycopg itself takes it."""
    return database.replace("postgresql+psycopg", "postgresql")


def _parameters(size: Size) -> dict[str, object]:
    today = datetime.now(UTC).date()
    return {
        "doctors": size.doctors,
        "patients": size.patients,
        "live": LIVE_PATIENTS,
        "staff": STAFF,
        "visits": size.visits,
        "each": VISITS_EACH,
        "organisations": ORGANISATIONS,
        "locations": LOCATIONS,
        "zone": ZONE,
        "specialisations": list(SPECIALISATIONS),
        "languages": list(LANGUAGES),
        "days": _working_days(today),
    }


def _working_days(today: date) -> list[date]:
    """The last 30 and the next 10 days from Monday to Friday, today among neither."""
    past = [day for n in range(1, 60) if (day := today - timedelta(days=n)).weekday() < 5]
    coming = [day for n in range(1, 30) if (day := today + timedelta(days=n)).weekday() < 5]
    return past[:PAST_DAYS] + coming[:COMING_DAYS]


_MADE = """
    CREATE FUNCTION pg_temp.made(name text, number anyelement) RETURNS uuid IMMUTABLE LANGUAGE sql
    AS $$ SELECT md5(name || number::text)::uuid $$"""

_PEOPLE = (
    """INSERT INTO organisations (id, name, kind, timezone, country, emergency_number, is_active,
          created_at)
        SELECT pg_temp.made('organisation', n), 'Clinic ' || n, 'clinic', %(zone)s, 'GB', '999',
          true, now()
        FROM generate_series(0, %(organisations)s - 1) n""",
    """INSERT INTO settings (organisation_id, minimum_notice_minutes, booking_horizon_days,
          cancel_notice_minutes, no_show_grace_minutes, approval_required, auto_no_show)
        SELECT pg_temp.made('organisation', n), 60, 56, 120, 15, false, true
        FROM generate_series(0, %(organisations)s - 1) n""",
    """INSERT INTO locations (id, organisation_id, name, address)
        SELECT pg_temp.made('location', n), pg_temp.made('organisation', n %% %(organisations)s),
          'Surgery ' || n, n || ' Quay Street'
        FROM generate_series(0, %(locations)s - 1) n""",
    """INSERT INTO users (id, organisation_id, role, email, full_name, password_hash, is_active,
          created_at)
        SELECT pg_temp.made('user', n), pg_temp.made('organisation', n %% %(organisations)s),
          'doctor', 'd' || n || '@clinic.test', 'Asha Rao ' || n, '-', true, now()
        FROM generate_series(0, %(doctors)s - 1) n""",
    """INSERT INTO users (id, role, email, phone, full_name, password_hash, is_active,
          email_verified_at, phone_verified_at, created_at)
        SELECT pg_temp.made('login', n), 'patient', 'p' || n || '@clinic.test',
          '+447700' || lpad(n::text, 6, '0'), 'Pat Lee ' || n, '-', true, now(), now(), now()
        FROM generate_series(0, %(live)s - 1) n""",
    """INSERT INTO users (id, organisation_id, role, email, full_name, password_hash, is_active,
          created_at)
        SELECT pg_temp.made('staff', n), pg_temp.made('organisation', n %% %(organisations)s),
          'staff', 's' || n || '@clinic.test', 'Sam Ode ' || n, '-', true, now()
        FROM generate_series(0, %(staff)s - 1) n""",
    """INSERT INTO patients (id, user_id, full_name, sort_name, created_at)
        SELECT pg_temp.made('patient', n), CASE WHEN n < %(live)s THEN pg_temp.made('login', n) END,
          'Pat Lee ' || n, 'pat lee ' || n, now()
        FROM generate_series(0, %(patients)s - 1) n""",
)

_DIRECTORY = (
    """INSERT INTO doctors (id, user_id, organisation_id, name, sort_name, licence_number,
          years_experience, bio, is_active, created_at)
        SELECT pg_temp.made('doctor', n), pg_temp.made('user', n),
          pg_temp.made('organisation', n %% %(organisations)s), 'Dr Asha Rao ' || n,
          'asha rao ' || md5(n::text), 'L' || n, n %% 40,
          'Sees people of all ages, and takes the time that it needs.', true, now()
        FROM generate_series(0, %(doctors)s - 1) n""",
    """INSERT INTO doctor_specialisations (doctor_id, specialisation)
        SELECT pg_temp.made('doctor', n), (%(specialisations)s::text[])[1 + n %% 17]
        FROM generate_series(0, %(doctors)s - 1) n""",
    """INSERT INTO doctor_languages (doctor_id, language)
        SELECT pg_temp.made('doctor', n), language FROM generate_series(0, %(doctors)s - 1) n,
          LATERAL (VALUES ('en'), ((%(languages)s::text[])[5 + n %% 15])) spoken(language)
        ON CONFLICT DO NOTHING""",
    """INSERT INTO schedules (id, organisation_id, doctor_id, location_id, weekday, start_time,
          end_time, slot_minutes, capacity, created_at)
        SELECT pg_temp.made('window', n || '-' || day || '-' || opens),
          pg_temp.made('organisation', n %% %(organisations)s), pg_temp.made('doctor', n),
          pg_temp.made('location', n %% %(locations)s), day, opens::time, closes::time, 30,
          CASE WHEN n = 0 THEN 3 ELSE 1 END, now()
        FROM generate_series(0, %(doctors)s - 1) n, generate_series(0, 4) day,
          LATERAL (VALUES ('09:00', '12:30'), ('13:30', '17:00')) hours(opens, closes)""",
)

# Visit v of a doctor lies on day v % 40; no two visits of a doctor or a patient share an instant.
_VISITS = """
    INSERT INTO appointments (id, organisation_id, doctor_id, patient_id, schedule_id, location_id,
      starts_at, ends_at, seat, status, reason, code, source, channel, version, created_at,
      updated_at)
    SELECT gen_random_uuid(), pg_temp.made('organisation', n %% %(organisations)s),
      pg_temp.made('doctor', n), pg_temp.made('patient', (n + v * 7919) %% %(patients)s),
      pg_temp.made('window', n || '-' || extract(isodow FROM day) - 1 || '-' || opens),
      pg_temp.made('location', n %% %(locations)s), at, at + interval '30 minutes', 1,
      CASE WHEN day < current_date THEN 'completed' ELSE 'scheduled' END,
      'A check of something', upper(lpad(to_hex(number), 8, '0')), 'web', 'sms', 3,
      at - interval '20 days', at - interval '20 days'
    FROM generate_series(0, %(visits)s - 1) number,
      LATERAL (SELECT number / %(each)s n, number %% %(each)s v) who,
      LATERAL (SELECT (%(days)s::date[])[1 + v %% 40] AS day, (v / 40) * 4 + n %% 4 AS slot) place,
      LATERAL (SELECT CASE WHEN slot < 7 THEN '09:00' ELSE '13:30' END AS opens) half,
      LATERAL (SELECT (day + opens::time + (slot %% 7) * interval '30 minutes')
        AT TIME ZONE %(zone)s AS at) instant"""
