"""The directory, and one doctor's page with a week of free slots."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, current_app, g, jsonify, render_template, request, url_for
from flask_login import current_user

from clinic.appointments.offer.at_once import diary_of
from clinic.appointments.offer.next_free import DayPart, next_free
from clinic.appointments.offer.practice import practices_of
from clinic.core import clock, kept, running, saying
from clinic.core.data.paging import BadCursor, Page, Paging
from clinic.core.errors import NotFound
from clinic.core.web import htmx, problems
from clinic.core.web.security import public, reads_along
from clinic.doctors import queries, versions, words
from clinic.doctors.queries import Profile, Search
from clinic.doctors.versions import Directory, Listed, OfOne
from clinic.doctors.words import Card, Week
from clinic.organisations import queries as places

bp = Blueprint("doctors", __name__)

PAGE = 10
PARTS = {"morning": DayPart(0, 12), "afternoon": DayPart(12, 17), "evening": DayPart(17, 24)}


def _read_directory(token: str | None) -> Directory | None:
    """Nothing where the view will refuse, or show no doctors."""
    if problems.wants_json():
        return None
    try:
        return versions.directory(_asked(), _paging(), token)
    except BadCursor:
        return None


@bp.get("/")
@public
@reads_along(_read_directory)
def index() -> Response:
    """The front page: find a doctor. Programs that ask for JSON are welcomed."""
    if problems.wants_json():
        return jsonify(message=words.welcome(), version=current_app.config["VERSION"], status="ok")
    shelf, is_part = kept.Shelf(), htmx.is_partial()
    # First of all: what is read after it is never older than the versions say.
    read = g.pop("found", None) or versions.directory(_asked(), _paging())
    found: Page[Listed] = read.page
    of_places = found.items[0].of_places if found.items else places.version_of_places()
    is_landing = _is_landing()
    about = (request.query_string, of_places, *found.items, found.next_cursor)
    (shown,) = shelf.take(
        ("directory", *about, is_landing, is_part),
        lambda: _made_part(shelf, found) if is_part else _made(shelf, found, of_places, is_landing),
    )
    if is_part:
        return htmx.answer(shown or "")
    return htmx.answer(render_template("doctors/index.html", shown=shown, is_landing=is_landing))


def _paging() -> Paging:
    return Paging(PAGE, request.args.get("cursor"))


def _is_landing() -> bool:
    """A visitor who looks around: they are told what this is."""
    return not (current_user.is_authenticated or _is_filtered() or request.args.get("cursor"))


def _is_filtered() -> bool:
    return any(request.args.get(name) for name in (*_FILTERS, "date", "part"))


def _made(shelf: kept.Shelf, found: Page[Listed], of_places: int, is_landing: bool) -> kept.Parts:
    """All between the page's head and foot."""
    made = running.made_by(
        "doctors/directory.html",
        "landing" if is_landing else "directory",
        fields=_fields(shelf, of_places),
        **_results(shelf, found),
    )
    return (made,)


def _made_part(shelf: kept.Shelf, found: Page[Listed]) -> kept.Parts:
    return (running.fill("doctors/_results.html", **_results(shelf, found)),)


def _results(shelf: kept.Shelf, found: Page[Listed]) -> dict[str, Any]:
    is_filtered = _is_filtered()
    return {
        "asked": request.args,
        "cards": _cards(shelf, found.items, is_filtered),
        "more_url": _more_url(found.next_cursor),
        "is_filtered": is_filtered,
    }


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


def _fields(shelf: kept.Shelf, of_places: int) -> str | None:
    """What the directory is narrowed by: hundreds of choices, the same for all who chose alike."""
    chosen = {name: request.args.get(name, "") for name in _CHOSEN}
    return shelf.take(("fields", of_places, *chosen.values()), lambda: _made_fields(chosen))[0]


_CHOSEN = ("specialisation", "date", "part", "location", "language")


def _made_fields(chosen: dict[str, str]) -> kept.Parts:
    choices = words.choices((str(place.id), place.name) for place in places.places())
    today = clock.now().date().isoformat()
    made = running.made_by(
        "doctors/fields.html", "fields", asked=chosen, choices=choices, today=today
    )
    return (made,)


def _cards(shelf: kept.Shelf, shown: list[Listed], is_filtered: bool) -> list[str | None]:
    """One for each doctor in their order; only those that changed are made anew."""
    since, part = _since(), request.args.get("part", "")
    part = part if part in PARTS else ""
    keys = {one.id: ("card", one.id, one.version, since, part, is_filtered) for one in shown}
    found = {key: shelf.find(whole) for key, whole in keys.items()}
    missing = [key for key, parts in found.items() if parts is None]
    for card in _made_cards(missing, since, PARTS.get(part)):
        made = running.made_by("doctors/card.html", "card", card=card, is_filtered=is_filtered)
        key = card.profile.id
        found[key] = shelf.keep(keys[key], (made,))
    return [parts[0] for parts in found.values() if parts]


def _made_cards(doctor_ids: list[UUID], since: date | None, part: DayPart | None) -> list[Card]:
    profiles = queries.profiles(doctor_ids)
    practices = practices_of(profiles)
    free = next_free(practices, since=since, part=part)
    page = url_for("doctors.show", doctor_id=UUID(int=0)).replace(str(UUID(int=0)), "{}")
    return [
        words.card(
            one,
            page.format(one.id),
            free[one.id],
            practices[one.id].zone,
            _confirm_url(one.id),
        )
        for one in profiles
    ]


def _confirm_url(doctor_id: UUID) -> str:
    return f"{url_for('appointments.new')}?doctor={doctor_id}&start="


def _read_version(token: str | None) -> OfOne:
    return versions.of_one((request.view_args or {})["doctor_id"], token)


@bp.get("/doctors/<uuid:doctor_id>")
@public
@reads_along(_read_version)
def show(doctor_id: UUID) -> Response:
    """A doctor and one week of free slots, each a link to the confirm step."""
    shelf, is_part = kept.Shelf(), htmx.is_partial()
    asked, monday = "week" in request.args, words.parse_week(request.args.get("week"))
    # First of all: what is read after it is never older than the version says.
    found = g.pop("found", None) or versions.of_one(doctor_id)
    if found.version is None:
        raise NotFound
    key = ("week", doctor_id, found.version, asked, monday, is_part)
    shown = shelf.take(key, lambda: _part(doctor_id) if is_part else _whole(doctor_id))
    if is_part:
        return htmx.answer(shown[0] or "")
    body, name, help_phone = shown
    return htmx.answer(
        render_template("doctors/show.html", shown=body, name=name, help_phone=help_phone)
    )


def _part(doctor_id: UUID) -> kept.Parts:
    profile = queries.find(doctor_id)
    return (running.fill("doctors/_week.html", doctor=profile, week=_week(profile)),)


def _whole(doctor_id: UUID) -> kept.Parts:
    """What stands between the page's head and foot, the doctor's name and whom one may call."""
    profile = queries.find(doctor_id)
    body = running.made_by(
        "doctors/shown.html",
        "shown",
        doctor=profile,
        title=words.title_of(profile),
        speaks=words.speaks(profile),
        week=_week(profile),
    )
    return body, profile.name, profile.organisation_phone


def _week(profile: Profile) -> Week:
    practice = practices_of([profile])[profile.id]
    today = clock.today(practice.zone)
    monday = words.shown_monday(words.parse_week(request.args.get("week")), today)
    diary = diary_of(practice, monday, monday + timedelta(days=13))
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
