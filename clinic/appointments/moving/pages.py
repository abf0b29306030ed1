"""The page on which a visit moves, for whoever is signed in and for who holds a link."""

from typing import Any
from uuid import UUID

from flask import request

from clinic.appointments.booking import words as booking_words
from clinic.appointments.booking.pages import chosen_doctor, seven_days, wanted_day
from clinic.appointments.moving import words
from clinic.appointments.moving.colleagues import Colleague, colleagues
from clinic.appointments.offer import choice
from clinic.appointments.offer import words as offer_words
from clinic.appointments.reading.visit import Visit


def for_move(
    visit: Visit, url: str, at_desk: bool, status: int = 200, problem: str | None = None
) -> tuple[dict[str, Any], int]:
    """The page at `url` on which a visit moves: what is shown there, and with which status.

    Without `?start=` the free times of its doctor, seven days from `?day=` or from its own; with it
    the question whether the visit shall move to that time. Of a doctor who left the times of the
    colleague in `?doctor=`, or of the likeliest one.
    """
    others = colleagues(visit, at_desk)
    doctor_id = _with_whom(visit, others)
    wanted, picked = choice.parse_start(request.args.get("start")), None
    is_another = (wanted, doctor_id) != (visit.starts_at, visit.doctor_id)
    if wanted and is_another and request.method == "GET":
        picked = choice.choice(str(doctor_id), wanted.isoformat(), at_desk)
        if picked is None:
            status, problem = 409, booking_words.no_longer_free()
    again = f"{url}?doctor={doctor_id}&" if others else f"{url}?"
    day = wanted_day() or wanted or visit.starts_at
    shown = {
        "left": None if picked else seven_days(doctor_id, day, f"{again}start=", at_desk),
        "question": words.question(visit, picked) if picked else None,
        "picked": picked and offer_words.picked(picked),
        "colleagues": words.choices(visit, others),
        "is_left": visit.is_left,
        "chosen_doctor": str(doctor_id),
        "again": again,
    }
    return shown | {"url": url, "problem": problem}, status


def _with_whom(visit: Visit, others: list[Colleague]) -> UUID:
    if not others:
        return visit.doctor_id
    asked = chosen_doctor()
    return asked if asked in {one.id for one in others} else others[0].id
