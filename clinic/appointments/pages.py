"""What several doors to visits answer alike."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from clinic.appointments.reading import calendar, words
from clinic.appointments.reading import visit as visits
from clinic.appointments.reading.visit import Visit
from clinic.core.web import htmx
from clinic.doctors import queries as doctors
from clinic.doctors import words as doctor_words
from clinic.organisations.site.queries import Site, addresses


def calendar_answer(visit: Visit) -> Response:
    """The visit as a file to download."""
    response = make_response(calendar.file_of(visit))
    response.headers["Content-Type"] = calendar.type_of(visit)
    response.headers["Content-Disposition"] = f'attachment; filename="appointment-{visit.code}.ics"'
    return response


def site_of(visit: Visit) -> Site:
    """Whose page it is: the brand on top, and in the foot where and how the clinic is found."""
    return Site(
        visit.organisation,
        addresses(visit.organisation, [(visit.place, visit.address)]),
        visit.organisation_phone,
        visit.country,
        ((visit.emergency_number, visit.country),),
        visit.organisation_id,
    )


def site_for_patient(visit: Visit) -> dict[str, Any]:
    """As values of a page: at work it is that of whoever works there."""
    return {"site": site_of(visit)} if current_user.is_patient else {}


def own_visits() -> dict[str, Any]:
    """A patient's own, as their list shows them."""
    actor = current_user.actor
    upcoming, past = visits.upcoming(actor), visits.past(actor)
    specialities = _specialities([*upcoming, *past])
    coming = [words.shown(one, specialities[one.doctor_id]) for one in upcoming]
    cancelled = [one for one in past if one.is_cancelled_ahead]
    over = [one for one in past if not one.is_cancelled_ahead]
    return {
        "following": coming[:1],
        "later": coming[1:],
        "cancelled": [words.shown(one, specialities[one.doctor_id]) for one in reversed(cancelled)],
        "past": [words.shown(one, specialities[one.doctor_id]) for one in over],
    }


def shown(visit: Visit) -> words.Shown:
    """With what the doctor is for."""
    return words.shown(visit, _specialities([visit])[visit.doctor_id])


def _specialities(found: Iterable[Visit]) -> dict[UUID, str]:
    slugs = doctors.specialisations_of({one.doctor_id for one in found})
    return {doctor_id: doctor_words.titles(theirs) for doctor_id, theirs in slugs.items()}


def desk_answer(visit: Visit, said: str, undo_url: str | None = None) -> BaseResponse:
    """The board fetches itself again; plain browsers are sent back to its day."""
    if not htmx.is_partial():
        flash(said, "ok")
        return redirect(home_url(visit), code=303)
    toast = {"text": said, "undo": undo_url} if undo_url else {"text": said}
    happened: dict[str, Any] = {"toast": toast, "appointment-changed": True}
    return htmx.trigger(make_response("", 204), **happened, **{"dialog-close": True})


def home_url(visit: Visit) -> str:
    if current_user.is_patient:
        return url_for("appointments.index")
    return url_for("board.index", day=visit.starts_on.isoformat())
