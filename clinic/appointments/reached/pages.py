"""What the pages after a booking say of its messages."""

from typing import Any

from flask_login import current_user

from clinic.appointments.reached import words
from clinic.appointments.reached.queries import news_of, reached
from clinic.appointments.reading.visit import Visit


def told(visit: Visit) -> dict[str, Any]:
    """What is on its way about it, and why it is not what was wanted."""
    at_desk = not current_user.is_patient
    found = reached(visit.patient_id, visit.doctor_id, visit.organisation_id)
    news = news_of(visit, found)
    return {
        "news": news,
        "on_its_way": words.on_its_way(news) if news.channel else "",
        "why": words.why(news, found, at_desk),
        "nothing_goes": "" if news.channel else words.nothing_goes(at_desk),
        "may_allow": found.stop and not at_desk and found.phone_is_proven,
        "stopped_number": found.reach.phone if found.stop else None,
    }
