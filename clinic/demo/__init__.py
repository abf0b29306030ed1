"""A clinic to try things on: invented people, four weeks of past and three weeks to come.

Everything goes through the services, in one transaction: a seed that is stopped leaves nothing
behind. Drawn from a seeded generator, so one day's clinic looks the same each time.
"""

from datetime import datetime

import click
from flask import current_app

from clinic.core import clock
from clinic.core.data.db import transactional
from clinic.demo import check, messages, report, visits
from clinic.demo.build import Clinic, Founder
from clinic.demo.names import LARGEST_SCALE
from clinic.demo.people import DOCTORS
from clinic.demo.plan import VISITS_EACH, Planner
from clinic.demo.report import Counts, Report
from clinic.events import jobs
from clinic.organisations import queries as organisations

PATIENTS = 120  # a scale


class CannotSeed(click.ClickException):
    """The message is one line for a person; nothing was changed."""


def seed(scale: int = 1) -> Report:
    """Fill the empty database and write seed/report.json and seed/credentials.json.

    `scale` multiplies doctors, patients and appointments. Needs an app context. Raises CannotSeed.
    """
    if current_app.config["SETTINGS"].production:
        raise CannotSeed("demo logins must not exist in production")
    if not 1 <= scale <= LARGEST_SCALE:
        raise CannotSeed(f"the scale is a number from 1 to {LARGEST_SCALE}")
    if not organisations.is_empty():
        raise CannotSeed("the database is not empty: `make reset-db` empties it")
    now = clock.now()
    clinic = _open_clinic(Founder(now, scale), now)
    jobs.deliver_due()
    messages.tell(clinic)
    jobs.deliver_due()
    jobs.run_tasks()
    asked = Counts(len(DOCTORS) * scale, PATIENTS * scale, VISITS_EACH * len(DOCTORS) * scale)
    found = check.read_back(asked)
    report.write(found, clinic.logins)
    return found


def seed_if_empty() -> bool:
    """Tell whether there was nothing yet, so that the demo clinic was made."""
    if not organisations.is_empty():
        return False
    seed()
    return True


@transactional
def _open_clinic(founder: Founder, now: datetime) -> Clinic:
    clinic = founder.found()
    planner = Planner([patient.plan for patient in clinic.patients], clinic.zone, now)
    visits.book_all(clinic, planner.fill(visits.diaries(clinic)))
    return clinic
