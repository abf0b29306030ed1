"""What several doors to visits answer alike."""

from typing import Any

from flask import Response, make_response, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from clinic.appointments.reading import calendar
from clinic.appointments.reading import visit as visits
from clinic.core.web import htmx


def calendar_answer(visit: visits.Visit) -> Response:
    """The visit as a file to download."""
    response = make_response(calendar.file_of(visit))
    response.mimetype = "text/calendar"
    response.headers["Content-Disposition"] = f'attachment; filename="appointment-{visit.code}.ics"'
    return response


def own_visits() -> dict[str, Any]:
    """A patient's own, as their list shows them."""
    actor = current_user.actor
    upcoming = visits.upcoming(actor)
    return {"following": upcoming[:1], "later": upcoming[1:], "past": visits.past(actor)}


def desk_answer(visit: visits.Visit, toast: str) -> BaseResponse:
    """The board fetches itself again; plain browsers are sent back to its day."""
    if not htmx.is_partial():
        return redirect(home_url(visit), code=303)
    happened: dict[str, Any] = {"toast": {"text": toast}, "appointment-changed": True}
    return htmx.trigger(make_response("", 204), **happened, **{"dialog-close": True})


def home_url(visit: visits.Visit) -> str:
    if current_user.is_patient:
        return url_for("appointments.index")
    return url_for("board.index", day=visit.starts_on.isoformat())
