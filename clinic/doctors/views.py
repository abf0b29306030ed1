"""The directory, and one doctor's page with a week of free slots."""

from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, request, url_for

from clinic.appointments.offer.diary import diaries
from clinic.appointments.offer.next_free import DayPart, next_free
from clinic.appointments.offer.practice import practices_of
from clinic.core import clock, saying
from clinic.core.data.paging import Paging
from clinic.core.web import htmx, problems
from clinic.core.web.security import public
from clinic.doctors import queries, words
from clinic.doctors.queries import Profile, Search
from clinic.doctors.words import Card, Week
from clinic.organisations import queries as organisation_queries

bp = Blueprint("doctors", __name__)

PAGE = 10
PARTS = {"morning": DayPart(0, 12), "afternoon": DayPart(12, 17), "evening": DayPart(17, 24)}


@bp.get("/")
@public
def index() -> Response:
    """The front page: find a doctor. Programs that ask for JSON are welcomed."""
    if problems.wants_json():
        return jsonify(message=words.welcome(), version=current_app.config["VERSION"], status="ok")
    found = queries.search(_asked(), Paging(PAGE, request.args.get("cursor")))
    return htmx.render(
        "doctors/index.html",
        partial="doctors/_results.html",
        asked=request.args,
        choices=words.choices(_places()),
        cards=_cards(found.items),
        more_url=_more_url(found.next_cursor),
        is_filtered=any(request.args.get(name) for name in (*_FILTERS, "date", "part")),
        today=clock.now().date().isoformat(),
    )


_FILTERS = ("specialisation", "location", "language", "q")


def _asked() -> Search:
    values = {name: request.args.get(name, "")[:120].strip() for name in _FILTERS}
    return Search(
        # The API says specialization; links made by hand may say so too.
        specialisation=values["specialisation"] or request.args.get("specialization", "")[:120],
        location=request.args.get("location", type=UUID),
        language=values["language"],
        q=values["q"],
    )


def _since() -> date | None:
    try:
        day = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return None
    return day if words.FIRST_YEAR <= day.year <= words.LAST_YEAR else None


def _more_url(cursor: str | None) -> str | None:
    """The next page of the same search."""
    if cursor is None:
        return None
    return f"{url_for('doctors.index')}?{urlencode(request.args.to_dict() | {'cursor': cursor})}"


def _places() -> list[tuple[str, str]]:
    return [(str(place.id), place.name) for place in organisation_queries.places()]


def _cards(shown: list[Profile]) -> list[Card]:
    part = PARTS.get(request.args.get("part", ""))
    practices = practices_of(shown)
    free = next_free(practices, since=_since(), part=part)
    page = url_for("doctors.show", doctor_id=UUID(int=0)).replace(str(UUID(int=0)), "{}")
    return [
        words.card(
            one,
            page.format(one.id),
            free[one.id],
            practices[one.id].zone,
            _confirm_url(one.id),
        )
        for one in shown
    ]


def _confirm_url(doctor_id: UUID) -> str:
    return f"{url_for('appointments.new')}?doctor={doctor_id}&start="


@bp.get("/doctors/<uuid:doctor_id>")
@public
def show(doctor_id: UUID) -> Response:
    """A doctor and one week of free slots, each a link to the confirm step."""
    profile = queries.find(doctor_id)
    return htmx.render(
        "doctors/show.html",
        partial="doctors/_week.html",
        doctor=profile,
        title=words.title_of(profile),
        speaks=words.speaks(profile),
        week=_week(profile),
        help_phone=profile.organisation_phone,
    )


def _week(profile: Profile) -> Week:
    found = practices_of([profile])
    practice = found[profile.id]
    today = clock.today(practice.zone)
    monday = words.parse_week(request.args.get("week"), today)
    diary = diaries(found, monday, monday + timedelta(days=13))[profile.id]
    slots = diary.free(monday, monday + timedelta(days=6))
    if not slots and "week" not in request.args:
        # On a Friday evening the week worth seeing is the next one.
        monday += timedelta(days=7)
        slots = diary.free(monday, monday + timedelta(days=6))
    address = url_for("doctors.show", doctor_id=profile.id)
    earlier, later = monday - timedelta(days=7), monday + timedelta(days=7)
    last = practice.latest.astimezone(practice.zone).date()
    return Week(
        label=words.week_label(monday),
        days=words.days(monday, profile, slots, practice.zone, _confirm_url(profile.id)),
        previous_url=f"{address}?week={words.week_name(earlier)}" if monday > today else None,
        next_url=f"{address}?week={words.week_name(later)}" if later <= last else None,
        zone_label=saying.zone(clock.day_bounds(monday, practice.zone)[1], practice.zone),
        minutes=words.length_label(slots),
        is_empty=not slots,
    )
