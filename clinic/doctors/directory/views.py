"""The directory: doctors with their next free times, the earliest first."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, jsonify, render_template, request, url_for
from flask_login import current_user

from clinic.appointments.offer.next_free import DayPart, next_free
from clinic.appointments.offer.practice import Practice, practices_of
from clinic.core import clock, kept, running
from clinic.core.data.paging import BadCursor, Page, Paging, cut
from clinic.core.web import htmx, problems
from clinic.core.web.security import public, reads_along
from clinic.doctors import pages, queries, versions, words
from clinic.doctors.blueprint import bp
from clinic.doctors.directory import words as said
from clinic.doctors.pages import HOURS, Asked
from clinic.doctors.queries import Profile
from clinic.doctors.search import choices
from clinic.doctors.versions import A_TIME, NO_TIME, PAGE, Directory, Listed
from clinic.organisations import queries as places
from clinic.patients.people import queries as people


def _read_directory(token: str | None) -> Directory | None:
    """Nothing where the view will refuse, or show no doctors."""
    if problems.wants_json():
        return None
    try:
        return versions.directory(pages.asked().search(), _cursor(), token)
    except BadCursor:
        return None


@bp.get("/")
@public
@reads_along(_read_directory)
def index() -> Response:
    """The front page: find a doctor. Programs that ask for JSON are welcomed."""
    if problems.wants_json():
        return jsonify(message=said.welcome(), version=current_app.config["VERSION"], status="ok")
    shelf, is_part, asked, own = kept.Shelf(), htmx.is_partial(), pages.asked(), _own()
    # First of all: what is read after it is never older than the versions say.
    read = g.pop("found", None)
    if own or read is None:
        read = versions.directory(asked.search(own), _cursor())
    of_choices = read.listed[0].of_choices if read.listed else places.version_of_places()
    made = _Made(shelf, asked, own, read, of_choices)
    is_landing = not (current_user.is_authenticated or asked or _cursor())
    key = ("directory", asked, _cursor(), own, made.may_book, of_choices, *read.listed)
    (shown,) = shelf.take(
        (*key, is_landing, is_part), made.part if is_part else lambda: made.whole(is_landing)
    )
    if is_part:
        return pages.for_everybody(htmx.answer(shown or ""))
    page = render_template(
        "doctors/index.html",
        shown=shown,
        is_landing=is_landing,
        is_own=own,
        for_whom=pages.for_whom(asked, people.of_organisation),
        **({} if own else {"site": running.registered("sites").known(of_choices)}),
    )
    return pages.for_everybody(htmx.answer(page))


def _own() -> UUID | None:
    return pages.own_organisation()


def _cursor() -> str | None:
    return request.args.get("cursor")


class _Made:
    """What one request makes of what it read, part by part; parts that are kept are not made."""

    def __init__(
        self, shelf: kept.Shelf, asked: Asked, own: UUID | None, read: Directory, of_choices: int
    ) -> None:
        self.shelf, self.asked, self.own, self.read = shelf, asked, own, read
        self.of_choices = of_choices
        self.may_book = pages.may_book_at(None)
        self._about = (asked.since, asked.part, asked.location)
        self._profiles: dict[UUID, Profile] = {}
        self._slots: dict[UUID, list[Any]] = {}
        self._practices: dict[UUID, Practice] = {}

    def whole(self, is_landing: bool) -> kept.Parts:
        """All between the page's head and foot."""
        results = self._results()
        made = running.made_by(
            "doctors/directory.html",
            "landing" if is_landing else "directory",
            fields=self._fields(),
            **results,
        )
        return (made,)

    def part(self) -> kept.Parts:
        return (running.fill("doctors/_results.html", **self._results()),)

    def _results(self) -> dict[str, Any]:
        soon = self._soonest(self.read.listed)
        page = self._page(soon)
        return {
            "asked": self.asked,
            "is_later": bool(_cursor()),
            "cards": self._cards(page.items),
            "more_url": self._more_url(page.next_cursor),
            "is_filtered": bool(self.asked),
            "is_by_name": self.read.is_by_name,
            "is_this_week": any(week for _, week in soon.values()),
            "others": self._others() if not page.items else None,
        }

    def _page(self, soon: dict[UUID, tuple[str, bool]]) -> Page[Listed]:
        """Those shown, by the earliest free time."""
        read = self.read
        if read.is_by_name:
            return Page(read.listed, read.next_cursor)
        rows = sorted((f"{soon[one.id][0]}{one.sort_name}", one.id, one) for one in read.listed)
        after = read.after
        rows = [row for row in rows if after is None or row[:2] > after]
        page = cut([(one, order, key) for order, key, one in rows], Paging(PAGE))
        return page.of(lambda found: [one for one, _, _ in found])

    def _soonest(self, listed: Sequence[Listed]) -> dict[UUID, tuple[str, bool]]:
        """When each is free first, in letters that can be sorted; and whether that is this week."""
        keys = {one.id: ("soonest", one.id, one.version, self._about) for one in listed}
        found = {key: self.shelf.find(whole) for key, whole in keys.items()}
        missing = [key for key, parts in found.items() if parts is None]
        self._read_times(missing)
        for key in missing:
            if key in self._profiles:
                found[key] = self.shelf.keep(keys[key], self._rank(key))
        gone = (NO_TIME, None)  # between the two statements
        return {key: (parts[0] or "", bool(parts[1])) for key, one in found.items()
                for parts in [one or gone]}  # fmt: skip

    def _rank(self, key: UUID) -> kept.Parts:
        if not self._slots[key]:
            return NO_TIME, None
        start, zone = self._slots[key][0].start, self._practices[key].zone
        this_week = words.monday_of(clock.today(zone))
        is_soon = words.monday_of(start.astimezone(zone).date()) == this_week
        return f"{A_TIME}{start.astimezone(UTC):%Y%m%d%H%M}", "1" if is_soon else None

    def _read_times(self, doctor_ids: list[UUID]) -> None:
        profiles = queries.profiles([key for key in doctor_ids if key not in self._profiles])
        practices = practices_of(profiles)
        asked = self.asked
        part = DayPart(*HOURS[asked.part]) if asked.part else None
        self._slots |= next_free(practices, since=asked.since, part=part, location=asked.location)
        self._practices |= practices
        self._profiles |= {one.id: one for one in profiles}

    def _cards(self, listed: Sequence[Listed]) -> list[str | None]:
        """One for each doctor in their order; only those that changed are made anew."""
        keys = {one.id: ("card", one.id, one.version, self.asked, self.may_book) for one in listed}
        found = {key: self.shelf.find(whole) for key, whole in keys.items()}
        missing = [key for key, parts in found.items() if parts is None]
        self._read_times(missing)
        for key in missing:
            if key in self._profiles:
                found[key] = self.shelf.keep(keys[key], (self._card(key),))
        return [parts[0] for parts in found.values() if parts]

    def _card(self, key: UUID) -> str:
        slots, zone = self._slots[key], self._practices[key].zone
        card = said.card(
            self._profiles[key],
            self._week_url(key, slots),
            slots,
            zone,
            self.asked.confirm_url(key) if self.may_book else None,
            self.asked.since,
        )
        made: str = running.made_by(
            "doctors/card.html", "card", card=card, is_filtered=bool(self.asked)
        )
        return made

    def _week_url(self, key: UUID, slots: Sequence[Any]) -> str:
        """The week of the first of these times, narrowed as the directory is."""
        zone = self._practices[key].zone
        first = words.monday_of(slots[0].start.astimezone(zone).date() if slots else None)
        if first is None or first == words.monday_of(clock.today(zone)):
            return self.asked.doctor_url(key)
        return self.asked.doctor_url(key, week=words.week_name(first))

    def _more_url(self, cursor: str | None) -> str | None:
        """The next page of the same search."""
        if cursor is None:
            return None
        return self.asked.index_url(cursor=cursor)

    def _fields(self) -> str | None:
        """What the directory is narrowed by: the same for all who chose alike."""
        chosen = self.asked.query(q="", patient="")
        return self.shelf.take(
            ("fields", self.of_choices, self.own, *chosen.items()),
            lambda: self._made_fields(chosen),
        )[0]

    def _made_fields(self, chosen: dict[str, str]) -> kept.Parts:
        there = choices.there_are(self.own)
        today = clock.now().date().isoformat()
        made = running.made_by(
            "doctors/fields.html",
            "fields",
            asked=chosen,
            choices=said.choices(there, chosen),
            today=today,
        )
        return (made,)

    def _others(self) -> list[tuple[str, str]]:
        """Where nobody is found: what there is, by title and address."""
        there = said.specialisations(choices.there_are(self.own).specialisations)
        whose = self.asked.patient
        return [
            (title, url_for("doctors.index", specialisation=slug, patient=whose))
            for slug, title in there
        ]
