"""A doctor, and a week of free times."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, g, render_template, request

from clinic.appointments.offer.at_once import diary_of
from clinic.appointments.offer.next_free import DayPart
from clinic.appointments.offer.practice import practices_of
from clinic.core import clock, kept, running, saying
from clinic.core.errors import NotFound
from clinic.core.web import htmx
from clinic.core.web.security import public, reads_along
from clinic.doctors import pages, queries, versions, words
from clinic.doctors.blueprint import bp
from clinic.doctors.pages import HOURS, Asked
from clinic.doctors.queries import Profile
from clinic.doctors.versions import OfOne
from clinic.doctors.week import words as said
from clinic.doctors.week.words import Week
from clinic.organisations.site.queries import Site
from clinic.patients.people import queries as people

WEEK = timedelta(days=7)


def _read_version(token: str | None) -> OfOne:
    return versions.of_one((request.view_args or {})["doctor_id"], token)


@bp.get("/doctors/<uuid:doctor_id>")
@public
@reads_along(_read_version)
def show(doctor_id: UUID) -> Response:
    """A doctor and one week of free slots, each a link to the confirm step."""
    shelf, is_part, asked = kept.Shelf(), htmx.is_partial(), pages.asked()
    is_week_asked, monday = "week" in request.args, said.parse_week(request.args.get("week"))
    # First of all: what is read after it is never older than the version says.
    found = g.pop("found", None) or versions.of_one(doctor_id)
    if found.version is None:
        raise NotFound
    may_book = pages.may_book_at(found.organisation_id)
    key = ("week", doctor_id, found.version, is_week_asked, monday, is_part, asked, may_book)
    make = _part if is_part else _whole
    shown = shelf.take(key, lambda: make(doctor_id, asked, may_book))
    if is_part:
        return pages.for_everybody(htmx.answer(shown[0] or ""))
    body, name, clinic, address, phone, emergency, country = shown
    numbers = ((emergency or "", country or ""),)
    page = render_template(
        "doctors/show.html",
        shown=body,
        name=name,
        for_whom=pages.for_whom(asked, people.of_organisation),
        site=Site(clinic or "", address or "", phone, country, numbers, found.organisation_id),
    )
    return pages.for_everybody(htmx.answer(page))


def _part(doctor_id: UUID, asked: Asked, may_book: bool) -> kept.Parts:
    profile = queries.find(doctor_id)
    week = _week(profile, asked, may_book)
    return (running.fill("doctors/_week.html", doctor=profile, week=week),)


def _whole(doctor_id: UUID, asked: Asked, may_book: bool) -> kept.Parts:
    """What stands between the page's head and foot, the doctor's name and whose page it is."""
    profile = queries.find(doctor_id)
    body = running.made_by(
        "doctors/shown.html",
        "shown",
        doctor=profile,
        title=words.title_of(profile),
        speaks=words.speaks(profile),
        where=words.where(profile, with_address=False),
        week=_week(profile, asked, may_book),
        back_url=asked.index_url(),
    )
    site = words.site(profile)
    return body, profile.name, site.name, site.address, site.phone, *site.emergency[0]


def _week(profile: Profile, asked: Asked, may_book: bool) -> Week:
    practice = practices_of([profile])[profile.id]
    part = DayPart(*HOURS[asked.part]) if asked.part else None
    today = clock.today(practice.zone)
    wanted = said.parse_week(request.args.get("week")) or words.monday_of(asked.since)
    monday = said.shown_monday(wanted, today)
    diary = diary_of(practice, monday, monday + timedelta(days=13))

    def free() -> list[Any]:
        slots = diary.free(monday, monday + timedelta(days=6), asked.location)
        return [one for one in slots if part is None or part.holds(one.start, practice.zone)]

    slots = free()
    if not slots and "week" not in request.args:
        # On a Friday evening the week worth seeing is the next one.
        monday += WEEK
        slots = free()
    last = practice.latest.astimezone(practice.zone).date()
    narrowed = said.narrowed_to(profile, asked.location, asked.part)

    def address(monday: Any) -> str:
        return asked.doctor_url(profile.id, week=words.week_name(monday))

    return Week(
        label=said.week_label(monday),
        days=words.days(
            monday,
            profile,
            slots,
            practice.zone,
            asked.confirm_url(profile.id) if may_book else None,
        ),
        previous_url=address(monday - WEEK) if monday > today else None,
        next_url=address(monday + WEEK) if monday + WEEK <= last else None,
        zone_label=saying.zone(clock.day_bounds(monday, practice.zone)[1], practice.zone),
        minutes=said.length_label(slots),
        is_empty=not slots,
        narrowed=narrowed,
        whole_url=asked.doctor_url(
            profile.id, week=words.week_name(monday), location="", part="", date=""
        ),
        may_book=may_book,
    )
