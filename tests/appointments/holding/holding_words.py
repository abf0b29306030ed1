"""Short ways for tests of held visits."""

from datetime import timedelta

from clinic.accounts.models import OneTimeKey
from clinic.appointments.models import Appointment
from clinic.core.data.db import db, transactional
from clinic.messaging.models import Message
from tests.cast import Cast, Person
from tests.factories import many_patients, unproven

HOLD, SECONDS = timedelta(minutes=15), timedelta(seconds=20)


def strangers(many: int) -> list[Person]:
    """So many accounts that have proven nothing."""
    people = many_patients(many)
    unproven(*people)
    return people


@transactional
def nothing_left(error_code: str = "not_configured") -> None:
    """As if no provider had taken any code."""
    for message in db.session.query(Message).filter_by(template="code"):
        message.status, message.error_code, message.sent_at = "skipped", error_code, None


def stands(visit: Appointment) -> tuple[str, str | None, bool]:
    """Status, why it was cancelled, and whether it is held."""
    db.session.rollback()
    now = db.session.get(Appointment, visit.id, populate_existing=True)
    return now.status, now.cancel_reason, now.held_until is not None


def codes_of(who: Person) -> list[OneTimeKey]:
    db.session.rollback()
    return db.session.query(OneTimeKey).filter_by(user_id=who.user_id).all()


def booking_form(cast: Cast, start: str, **more: str) -> dict[str, str]:
    doctor = str(cast.dr_chandra.doctor_id)
    return {"doctor": doctor, "start": start, "reason": "Cough", "channel": "sms", **more}
